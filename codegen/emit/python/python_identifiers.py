"""Identifiers of generated Python: fields, parameters and message classes."""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection, Iterable, Mapping, Set

from ... import model
from ...identifiers import Name, pascal, snake

__all__ = [
    "additional_properties_name",
    "definition_names",
    "field_names",
    "is_plain",
    "message_class_name",
    "parameter",
]

ANNOTATION_NAMES = frozenset(
    {"bool", "dict", "float", "int", "list", "msgspec", "object", "str", "tornado_ws", "tuple", "typing"}
)
"""Names in annotations, which a field with the same name would hide."""

MEMBERS = frozenset({"of"})
"""Members of message classes, which inherit the fields of their payloads."""


def field_names(fields: Iterable[str], taken: Set[str], *, snake_case: bool = False) -> Mapping[str, Name]:
    """Return the attribute for each property.

    Args:
        fields: Names of properties, as in JSON.
        taken: Names of the module, which annotations refer to.
        snake_case: True if all names are converted to snake_case.
    """
    names: dict[str, Name] = {}
    used: set[str] = set()
    properties = list(fields)

    def is_hidden(name: str) -> bool:
        return name in ANNOTATION_NAMES or name in MEMBERS or name in taken

    def is_kept(field: str) -> bool:
        return _is_usable(field) and not is_hidden(field) and (not snake_case or snake(field) == field)

    for field in sorted(properties, key=lambda field: not is_kept(field)):
        name = field if is_kept(field) else snake(field) if snake_case else _similar_identifier(field)
        while is_hidden(name) or name in used or keyword.iskeyword(name):
            name += "_"
        names[field] = Name(name)
        used.add(name)
    return {field: names[field] for field in properties}


def additional_properties_name(taken: Iterable[str]) -> Name:
    """Return the attribute for the properties of a record without an attribute of their own.

    Args:
        taken: Attributes of the record, and the names of its properties.
    """
    name, others = "additional_properties", {*taken}
    while name in others:
        name += "_"
    return Name(name)


def is_plain(field: str) -> bool:
    """Return True if msgspec accepts the name of a field; msgspec does not escape names."""
    return not re.search(r'["\\\x00-\x1f]', field)


def message_class_name(message: model.Message, others: Iterable[model.Message] = ()) -> Name:
    """Return the name of a message class; a client message is prefixed if it differs from one of ``others``."""
    name = pascal(message.name)
    if any(pascal(other.name) == name and _pointers(other) != _pointers(message) for other in others):
        return Name(f"Client{name}")
    return name


def parameter(message: model.Message) -> Name:
    """Return the name of the payload in the method of a handler."""
    name = re.sub(r"\W", "_", message.name)
    return Name(f"{name}_" if keyword.iskeyword(name) or name in ("resume", "self") else name)


def _is_usable(field: str) -> bool:
    return field.isascii() and field.isidentifier() and not field.startswith("_") and not keyword.iskeyword(field)


def _similar_identifier(field: str) -> str:
    """Return an identifier that resembles ``field``."""
    name = re.sub(r"\W", "_", field).strip("_") if field.isascii() else ""
    if not name:
        return snake(field)
    return f"value_{name}" if name[0].isdigit() else name


def _pointers(message: model.Message) -> tuple[str | None, ...]:
    return tuple(payload.pointer if payload else None for payload in (message.payload, message.reply, message.stream))


def definition_names(definitions: Collection[str], classes: frozenset[str]) -> dict[str, Name]:
    """Return the names of definitions in Python; a class of the module with the same name takes precedence."""
    taken = {*definitions, *classes}
    names: dict[str, Name] = {}
    for definition in definitions:
        name = f"{definition}Data" if definition in classes else definition
        while name != definition and name in taken:
            name += "_"
        taken.add(name)
        names[definition] = Name(name)
    return names
