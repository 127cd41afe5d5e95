"""Predicates for the residual checks of a payload, which cover the rules that its type does not guarantee.

Most payloads need checks for one or two attributes only. Getters run in C, and predicates in Rust.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache
from operator import attrgetter
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin

import msgspec

from ..endpoint import AttributeCheck, InlineSchema, JsonCheck, MemberCheck, ObjectCheck, Payload, ResidualCheck
from .envelopes import Check, Predicate
from .schema_validator import SchemaValidator

__all__ = ["ResidualChecks"]

EXACT = 2.0**53
"""Bound of the floats that equal the integer from which they were read."""
UNSET = msgspec.UNSET
Getter: TypeAlias = Callable[[Any], Any]
JSON_TYPES = frozenset({str, int, bool, None, NoneType, list, dict, tuple, Literal})
"""Types with values that equal their JSON form and are never unset."""


class ResidualChecks:
    """Predicates for the values of one payload. A value that passes is valid; the schema decides about the others."""

    def __init__(self, payload: Payload, validator: SchemaValidator) -> None:
        """Build the predicates from :attr:`Payload.residual_checks`."""
        self._type = payload.type
        self._decoded: list[tuple[ResidualCheck, Predicate]] = []
        values: list[Predicate] = []
        members: list[tuple[str, Predicate]] = []
        for check, keywords in _grouped(payload.residual_checks).items():
            accepts = _predicate(validator, check.schema, keywords)
            match check:
                case JsonCheck():
                    values.append(accepts)
                case MemberCheck(name=name):
                    members.append((name, accepts))
                case ObjectCheck(path=path):
                    self._decoded.append((check, _object_predicate(accepts, check, _type_at(payload.type, path))))
                case AttributeCheck(path=path):
                    self._decoded.append((check, _value_predicate(accepts, _type_at(payload.type, path))))
                case _:
                    self._decoded.append((check, _value_predicate(accepts, payload.type)))
        if self._decoded and (values or members):
            values, members, self._decoded = [validator.predicate(payload.schema)], [], []
        self.plain = _json_predicate(values, members)
        """Predicate for a value as JSON, after its conversion to the type; None if decoded values are checked."""

    def checks(self, prefix: str = "") -> tuple[Check, ...]:
        """Return the getters and predicates for decoded values.

        Args:
            prefix: Path from the argument of the getters to the decoded value, with a dot at its end.
        """
        return tuple((self._getter(check, prefix), accepts) for check, accepts in self._decoded)

    def _getter(self, check: ResidualCheck, prefix: str) -> Getter:
        match check:
            case ObjectCheck(path=path):
                return _object_getter(check, _type_at(self._type, path), f"{prefix}{path}." if path else prefix)
            case AttributeCheck(path=path):
                return _value_getter(f"{prefix}{path}")
            case _:
                return _value_getter(prefix)


def _grouped(checks: Iterable[ResidualCheck]) -> dict[ResidualCheck, tuple[str, ...]]:
    """Return the keywords to check for each value and schema; an empty tuple for the whole schema."""
    groups: dict[ResidualCheck, list[str | None]] = {}
    for check in checks:
        groups.setdefault(replace(check, keyword=None), []).append(check.keyword)
    return {
        check: () if None in keywords else tuple(filter(None, dict.fromkeys(keywords)))
        for check, keywords in groups.items()
    }


def _predicate(validator: SchemaValidator, schema: str | InlineSchema, keywords: tuple[str, ...]) -> Predicate:
    if isinstance(schema, InlineSchema):
        return validator.predicate_of_schema(schema.text)
    return validator.predicate_of_keywords(schema, keywords) if keywords else validator.predicate(schema)


def _value_getter(path: str) -> Getter:
    """Return a getter for the value at a dotted path, which may end with a dot."""
    path = path.rstrip(".")
    getter: Getter = attrgetter(path) if path else _same
    return getter


def _same(value: Any) -> Any:
    return value


def _object_getter(check: ObjectCheck, record: Any, path: str) -> Getter:  # record: a type
    """Return a getter for the object of a check; it returns None if all triggers are unset."""
    names = dict(zip(record.__struct_fields__, record.__struct_encode_fields__, strict=True))
    if len(check.attributes) == 1 and not check.triggers:
        (attribute,) = check.attributes
        return _single_member_getter(f"{path}{attribute}", names[attribute])
    triggers, others = (
        [(attribute, names[attribute]) for attribute in part] for part in (check.triggers, check.attributes)
    )
    return _members_getter(_value_getter(path), triggers, others)


def _single_member_getter(path: str, name: str) -> Getter:
    get = _value_getter(path)

    def get_object(holder: Any) -> dict[str, Any]:
        value = get(holder)
        return {} if value is UNSET else {name: value}

    return get_object


def _members_getter(get: Getter, triggers: list[tuple[str, str]], others: list[tuple[str, str]]) -> Getter:
    def get_object(holder: Any) -> dict[str, Any] | None:
        properties: dict[str, Any] = {}
        record = get(holder)
        for attribute, name in triggers:
            value = getattr(record, attribute)
            if value is not UNSET:
                properties[name] = value
        if triggers and not properties:
            return None
        for attribute, name in others:
            value = getattr(record, attribute)
            if value is not UNSET:
                properties[name] = value
        return properties

    return get_object


def _object_predicate(accepts: Predicate, check: ObjectCheck, record: Any) -> Predicate:  # record: a type
    """Return a predicate for the object of a check, which accepts None and rejects rounded floats."""
    predicate = accepts
    if any(float in _members(_type_at(record, name)) for name in (*check.triggers, *check.attributes)):

        def accepts_exact(properties: dict[str, Any]) -> bool:
            return not any(map(_is_rounded, properties.values())) and accepts(properties)

        predicate = accepts_exact
    return (lambda properties: properties is None or predicate(properties)) if check.triggers else predicate


def _value_predicate(accepts: Predicate, type_: Any) -> Predicate:
    """Return a predicate for a decoded value, which accepts unset values and rejects rounded floats."""
    members = set(_members(type_))
    if {get_origin(member) or member for member in members} <= JSON_TYPES:
        return accepts

    def accepts_present(value: Any) -> bool:
        return value is UNSET or (not _is_rounded(value) and accepts(value))

    return accepts_present


def _json_predicate(values: list[Predicate], members: list[tuple[str, Predicate]]) -> Predicate | None:
    """Return one predicate for all checks of the value as JSON; None without such checks."""
    if not members and len(values) < 2:
        return values[0] if values else None
    if not values and len(members) == 1:
        ((name, accepts),) = members
        return lambda plain: name not in plain or accepts(plain[name])
    return lambda plain: (
        all(accepts(plain) for accepts in values)
        and all(name not in plain or accepts(plain[name]) for name, accepts in members)
    )


def _is_rounded(value: Any) -> bool:
    """Return True for a float that may result from another integer, so that its JSON must be checked."""
    return type(value) is float and not -EXACT < value < EXACT


def _type_at(type_: Any, path: str) -> Any:  # types
    """Return the type of the attribute at a dotted path; ``type_`` itself for an empty path."""
    for name in path.split(".") if path else []:
        type_ = _types_of(type_)[name]
    return type_


@lru_cache(maxsize=256)
def _types_of(record: Any) -> dict[str, Any]:  # types
    """Return the types of the attributes of a record, by name."""
    return {field.name: field.type for field in msgspec.structs.fields(record)}


def _members(type_: Any) -> list[Any]:
    """Return the members of a union, or the type itself."""
    match get_origin(type_):
        case origin if origin is Annotated:
            return _members(get_args(type_)[0])
        case origin if origin in (Union, UnionType):
            return [member for argument in get_args(type_) for member in _members(argument)]
        case _:
            return [type_]
