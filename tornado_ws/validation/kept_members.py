"""Members of JSON objects beside the declared ones: from JSON into records, and from records into JSON.

msgspec drops them. Only payloads with a record that has a field of the type :data:`.AdditionalProperties` need the
functions of this module.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec

from .additional_properties import AdditionalPropertiesType
from .type_parts import has_additional_properties
from .untagged_unions import field_types

__all__ = ["attach_members", "expand_members", "members_of", "misplaced_name"]


@dataclass(frozen=True, slots=True)
class _Plan:
    """Fields of a record class."""

    tag: dict[str, Any]
    fields: tuple[tuple[str, str, bool], ...]
    """Attribute and JSON name of each declared field; and True if it may contain records that keep members."""
    declared: frozenset[str]
    """JSON names of the fields and of the tag."""
    attribute: str | None
    """Attribute with the other members; None if the class drops them."""
    value: Any
    """Type of the other members."""
    is_plain: bool
    """True if msgspec encodes the record as its JSON."""


def attach_members(value: Any, plain: Any, hook: Callable[[Any, Any], Any], complete: Container[int] = ()) -> None:
    """Set the additional properties of all records in a value.

    Args:
        value: Value that msgspec has converted from ``plain``.
        plain: JSON value.
        hook: The ``dec_hook`` of the conversion.
        complete: Identities of parts of the value that have all their additional properties.

    Raises:
        msgspec.ValidationError: If the type of the additional properties excludes one of them.
    """
    stack = [(value, plain)]
    while stack:
        value, plain = stack.pop()
        if id(value) in complete:
            continue
        if isinstance(value, msgspec.Struct):
            plan = _plan(type(value))
            stack += [
                (getattr(value, attribute), plain[name])
                for attribute, name, may_keep in plan.fields
                if may_keep and name in plain
            ]
            if plan.attribute is not None:
                declared = plan.declared
                rest = {name: member for name, member in plain.items() if name not in declared}
                if plan.value is not Any:
                    converted = msgspec.convert(rest, dict[str, plan.value], dec_hook=hook)  # type: ignore[name-defined]
                    stack += [(converted[name], member) for name, member in rest.items()]
                    rest = converted
                msgspec.structs.force_setattr(value, plan.attribute, rest)
        elif isinstance(plain, dict):
            if isinstance(value, dict):
                stack += [(member, plain[name]) for name, member in value.items()]
        elif isinstance(plain, list):
            stack += zip(value, plain, strict=True)


def expand_members(value: Any) -> Any:
    """Return a value that msgspec encodes with the additional properties of its records in place.

    Raises:
        ValueError: If the additional properties of a record contain a declared one.
    """
    if isinstance(value, msgspec.Struct):
        plan = _plan(type(value))
        if plan.is_plain:
            return value
        members: dict[str, Any] = dict(plan.tag)
        for attribute, name, may_keep in plan.fields:
            member = getattr(value, attribute)
            if member is not msgspec.UNSET:
                members[name] = expand_members(member) if may_keep else member
        for name, member in getattr(value, plan.attribute).items() if plan.attribute is not None else ():
            if name in plan.declared:
                raise ValueError(f"expected additional properties, got the declared property {name!r}")
            members[name] = expand_members(member)
        return members
    if isinstance(value, dict):
        return {name: expand_members(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [expand_members(item) for item in value]
    return value


def members_of(record: msgspec.Struct) -> Iterator[tuple[str, Any]]:
    """Yield the names and values of the members of a record in JSON: declared ones, then the others."""
    plan = _plan(type(record))
    yield from plan.tag.items()
    for attribute, name, _ in plan.fields:
        member = getattr(record, attribute)
        if member is not msgspec.UNSET:
            yield name, member
    if plan.attribute is not None:
        yield from getattr(record, plan.attribute).items()


def misplaced_name(value: Any) -> str | None:
    """Return the first declared name among the additional properties of a record; None if there is none."""
    plan = _plan(type(value)) if isinstance(value, msgspec.Struct) else None
    if plan is None or plan.attribute is None:
        return None
    return next((name for name in getattr(value, plan.attribute) if name in plan.declared), None)


@lru_cache(maxsize=4096)
def _plan(cls: type[msgspec.Struct]) -> _Plan:
    hints, config = field_types(cls), cls.__struct_config__
    kept = [name for name in cls.__struct_fields__ if isinstance(hints[name], AdditionalPropertiesType)]
    attribute = kept[0] if kept else None
    tag = {} if config.tag_field is None else {config.tag_field: config.tag}
    fields = tuple(
        (name, encoded, hints[name] is Any or has_additional_properties(hints[name]))
        for name, encoded in zip(cls.__struct_fields__, cls.__struct_encode_fields__, strict=True)
        if name != attribute
    )
    return _Plan(
        tag=tag,
        fields=fields,
        declared=frozenset({*tag, *(encoded for _, encoded, _ in fields)}),
        attribute=attribute,
        value=None if attribute is None else hints[attribute].value,
        is_plain=attribute is None and not any(may_keep for _, _, may_keep in fields),
    )
