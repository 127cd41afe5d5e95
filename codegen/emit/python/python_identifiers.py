"""Names of generated Python: what fields, methods and message classes are called."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Mapping

from ... import model
from ...identifiers import Name, pascal, snake

__all__ = ["field_names", "is_plain", "message_class", "parameter"]

TAKEN = frozenset({"bool", "dict", "float", "int", "list", "msgspec", "object", "str", "tornado_ws", "tuple", "typing"})
"""What annotations use; a field of that name would hide it."""


def field_names(fields: Iterable[str], taken: Iterable[str]) -> Mapping[str, Name]:
    """Return the attribute for each property.

    Args:
        fields: names of properties, as in JSON.
        taken: names of the module, which annotations use.
    """
    hidden = {*TAKEN, *taken}
    names: dict[str, Name] = {}
    wanted = list(fields)
    for field in sorted(wanted, key=lambda field: not _fits(field, hidden)):  # those that keep their name come first
        name = field if _fits(field, hidden) else _near(field)
        while name in hidden or name in names.values() or keyword.iskeyword(name):
            name += "_"
        names[field] = Name(name)
    return {field: names[field] for field in wanted}


def is_plain(field: str) -> bool:
    """Tell whether msgspec can call a field of a struct so: it writes names as they are, without escapes."""
    return not re.search(r'["\\\x00-\x1f]', field)


def message_class(message: model.Message, others: Iterable[model.Message] = ()) -> Name:
    """Return the class of a message; what the client sends gives way to ``others`` of the server that differ."""
    name = pascal(message.name)
    if any(pascal(other.name) == name and _places(other) != _places(message) for other in others):
        return Name(f"Client{name}")
    return name


def parameter(message: model.Message) -> Name:
    """Return what the payload is called in the method of a handler."""
    name = re.sub(r"\W", "_", message.name)
    return Name(f"{name}_" if keyword.iskeyword(name) or name == "self" else name)


def _fits(field: str, hidden: set[str]) -> bool:
    return (
        field.isascii()
        and field.isidentifier()
        and not field.startswith("_")
        and not keyword.iskeyword(field)
        and field not in hidden
    )


def _near(field: str) -> str:
    """Return an identifier that is like ``field``."""
    name = re.sub(r"\W", "_", field) if field.isascii() else snake(field)
    return name if re.match("[A-Za-z]", name) else f"f_{name.lstrip('_')}"


def _places(message: model.Message) -> tuple[str | None, ...]:
    return tuple(slot.pointer if slot else None for slot in (message.payload, message.reply, message.stream))
