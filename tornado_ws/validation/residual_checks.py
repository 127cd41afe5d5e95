"""ResidualChecks: what a slot's type does not guarantee, and the tests that settle it.

Most messages that are not proved have one or two attributes in doubt. What gets an attribute and what tests it are both
written in C, or Rust.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

import msgspec

from ..endpoint import Payload
from .envelopes import Check, Predicate
from .schema_validator import SchemaValidator

__all__ = ["ResidualChecks"]

EXACT = 2.0**53
"""Up to here a float has the value of the integer it was read from."""
UNSET = msgspec.UNSET
Get = Callable[[Any], Any]
KEPT = frozenset({str, int, bool, None, NoneType, list, dict, tuple, Literal})
"""Types of values that are what the document holds."""


class ResidualChecks:
    """The tests of one slot. What one of them refuses may be valid; what all accept is."""

    def __init__(self, slot: Payload, judge: SchemaValidator) -> None:
        """Build them; see :attr:`Payload.unproved` for what they are about."""
        wholes = [judge.predicate(slot.schema)] if "" in slot.unproved else []
        members: list[tuple[str, Predicate]] = []
        self._attributes: list[tuple[str, Predicate]] = []
        for (place, schema), keywords in _grouped(slot.unproved).items():
            accepts = _accepts(judge, schema, keywords)
            if place == "#":
                wholes.append(accepts)
            elif place.startswith("/"):
                members.append((place.removeprefix("/"), accepts))
            elif "{" in place:
                self._attributes.append((place, _of_gathered(accepts, slot.type, place)))
            else:
                self._attributes.append((place, _typed(accepts, _kind(slot.type, place))))
        if self._attributes and (wholes or members):
            wholes, members, self._attributes = [judge.predicate(slot.schema)], [], []
        self._type = slot.type
        self.plain = _plain(wholes, members)
        """Takes the value as JSON, once it is known that it fits the type; None if attributes are all there is."""

    def checks(self, prefix: str = "") -> tuple[Check, ...]:
        """Return the checks of attributes.

        Args:
            prefix: leads from what is tried to the typed value; ends with a dot.
        """
        return tuple(
            (_gatherer(self._type, place, prefix) if "{" in place else _getter(f"{prefix}{place}"), accepts)
            for place, accepts in self._attributes
        )


def _accepts(judge: SchemaValidator, schema: str, keywords: tuple[str, ...]) -> Predicate:
    """Return the test of a schema, given as JSON or as a pointer; no keywords means all of them."""
    if schema.startswith("{"):
        return judge.predicate_of_schema(schema)
    return judge.predicate_of_keywords(schema, keywords) if keywords else judge.predicate(schema)


def _grouped(unproved: Iterable[str | tuple[str, ...]]) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the keywords to judge by place and schema; none means all of them."""
    groups: dict[tuple[str, str], tuple[str, ...]] = {}
    for part in unproved:
        if not isinstance(part, str):
            place, pointer, *keywords = part
            known = groups.setdefault((place, pointer), tuple(keywords))
            groups[place, pointer] = tuple(dict.fromkeys((*known, *keywords))) if known and keywords else ()
    return groups


def _getter(path: str) -> Get:
    """Return what follows attributes; a dot at the end stands for what they lead to."""
    way = path.rstrip(".")
    get: Get = attrgetter(way) if way else _same
    return get


def _same(value: Any) -> Any:
    return value


class _Gathered(NamedTuple):
    """Attributes that a place names in braces, behind what leads to their record."""

    way: str
    record: Any
    """It is a type."""
    first: list[str]
    """Unless one of these is there nothing is to be judged; empty: always."""
    rest: list[str]


def _read(kind: Any, place: str) -> _Gathered:  # kind: a type
    way, _, named = place.rstrip("}").partition("{")
    others, asked, wanted = named.rpartition("?")
    first, rest = (wanted, others) if asked else ("", wanted)
    return _Gathered(way, _kind(kind, way or "."), first.split(), rest.split())


def _gatherer(kind: Any, place: str, prefix: str) -> Get:
    """Return what makes an object of attributes; where it has none of the first ones, it makes None."""
    way, record, *parts = _read(kind, place)
    names = dict(zip(record.__struct_fields__, record.__struct_encode_fields__, strict=True))
    first, rest = ([(attribute, names[attribute]) for attribute in part] for part in parts)
    path = f"{prefix}{way}." if way else prefix
    return _gather_one(path, *rest[0]) if len(rest) == 1 and not first else _gather(_getter(path), first, rest)


def _gather_one(path: str, attribute: str, name: str) -> Get:
    get = _getter(f"{path}{attribute}")

    def gather(holder: Any) -> dict[str, Any]:
        value = get(holder)
        return {} if value is UNSET else {name: value}

    return gather


def _gather(get: Get, first: list[tuple[str, str]], rest: list[tuple[str, str]]) -> Get:
    def gather(holder: Any) -> dict[str, Any] | None:
        found: dict[str, Any] = {}
        held = get(holder)
        for attribute, name in first:
            value = getattr(held, attribute)
            if value is not UNSET:
                found[name] = value
        if first and not found:
            return None
        for attribute, name in rest:
            value = getattr(held, attribute)
            if value is not UNSET:
                found[name] = value
        return found

    return gather


def _of_gathered(accepts: Predicate, kind: Any, place: str) -> Predicate:
    """Return a test of what :func:`_gatherer` makes: it may be None, or hold a number that is not exact."""
    gathered = _read(kind, place)
    test = accepts
    if any(float in _members(_kind(gathered.record, name)) for name in (*gathered.first, *gathered.rest)):

        def accepts_exact(found: dict[str, Any]) -> bool:
            return not any(map(_is_rounded, found.values())) and accepts(found)

        test = accepts_exact
    return (lambda found: found is None or test(found)) if gathered.first else test


def _is_rounded(value: Any) -> bool:
    """Tell whether a value may have been read from an integer that is another one; let the plain value be judged."""
    return type(value) is float and not -EXACT < value < EXACT


def _kind(kind: Any, place: str) -> Any:  # types
    """Return the type of an attribute; ``.`` is the value itself."""
    for name in [] if place == "." else place.split("."):
        kind = next(field.type for field in msgspec.structs.fields(kind) if field.name == name)
    return kind


def _typed(accepts: Predicate, kind: Any) -> Predicate:
    """Return a test of the typed value: it may be absent, or a number that is not exact."""
    members = set(_members(kind))
    if {get_origin(member) or member for member in members} <= KEPT:
        return accepts

    def accepts_present(value: Any) -> bool:
        return value is UNSET or (not _is_rounded(value) and accepts(value))

    return accepts_present


def _members(kind: Any) -> list[Any]:
    """Return the types that a union is of, or the type itself."""
    match get_origin(kind):
        case origin if origin is Annotated:
            return _members(get_args(kind)[0])
        case origin if origin in (Union, UnionType):
            return [member for one in get_args(kind) for member in _members(one)]
        case _:
            return [kind]


def _plain(wholes: list[Predicate], members: list[tuple[str, Predicate]]) -> Predicate | None:
    if not members and len(wholes) < 2:
        return wholes[0] if wholes else None
    if not wholes and len(members) == 1:
        ((name, accepts),) = members
        return lambda plain: name not in plain or accepts(plain[name])
    return lambda plain: (
        all(accepts(plain) for accepts in wholes)
        and all(name not in plain or accepts(plain[name]) for name, accepts in members)
    )
