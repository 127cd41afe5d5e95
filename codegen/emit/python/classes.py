"""Classes for records, and for the messages that carry them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import replace

from ... import model
from ...identifiers import Name, pascal
from ..templates import Code
from .annotations import Mixture, Types
from .defaults import default
from .literals import docstring, literal
from .python_identifiers import field_names
from .python_printer import (
    Either,
    Group,
    Leaf,
    Node,
    annotated,
    call,
    either,
    entry,
    flat,
    keyword,
    lay,
    mapping,
    subscript,
    tuple_of,
)

__all__ = ["alias", "class_", "described", "documented", "mixture", "quoted", "struct", "typed_dict", "wrapper"]

FROZEN = keyword("frozen", Code("True"))
KW_ONLY = keyword("kw_only", Code("True"))
CLOSED = keyword("forbid_unknown_fields", Code("True"))
TYPE_ALIAS = Code("typing.TypeAlias")
UNSET = Code("msgspec.UNSET")
UNSET_TYPE = Code("msgspec.UnsetType")
INDENT = 4


def struct(
    record: model.Record,
    name: Name,
    types: Types,
    *,
    taken: Iterable[str],
    bases: Iterable[Node] = (),
    description: str,
) -> Code:
    """Return the class of a record.

    Args:
        record: what it holds.
        name: of the class.
        types: of the endpoint.
        taken: names of the module, which no field may hide.
        bases: classes that it inherits from beside that of msgspec.
        description: becomes its docstring.
    """
    options = [FROZEN, KW_ONLY]
    if record.tag is not None:
        options += [keyword("tag_field", literal(record.tag[0])), keyword("tag", literal(record.tag[1]))]
    if record.closed:
        options.append(CLOSED)
    names = field_names([field.name for field in record.fields], taken)
    fields = [_field(field, names[field.name], record, types, name) for field in record.fields]
    return class_(name, (Code("msgspec.Struct"), *bases, *options), description, fields)


def class_(name: Name, arguments: Iterable[Node], description: str, body: Iterable[str] = ()) -> Code:
    """Return a class."""
    head = lay(call(f"class {name}", *arguments), after=1)
    doc = docstring(description, indent=INDENT) if description.strip() else None
    lines = list(body)
    if doc is not None:
        return Code(f"{head}:\n    {doc}\n" + ("\n" + "\n".join(lines) + "\n" if lines else ""))
    return Code(f"{head}:\n" + ("\n".join(lines) or "    pass") + "\n")


def typed_dict(record: model.Record, name: Name, types: Types) -> Code:
    """Return the type of a record that no struct can be, since a property has a name with quotes or the like."""
    entries = []
    for field in record.fields:
        annotation = types.annotation(field.type, f"{name}{pascal(field.name)}")
        wanted = annotation if field.required else subscript("typing.NotRequired", annotation)
        entries.append(entry(literal(field.name), literal(flat(wanted))))
    value = call("typing.TypedDict", literal(name), mapping(*entries))
    return Code(f"{name} = {lay(value, before=len(name) + 3)}\n" + documented(described(record)))


def wrapper(name: Name, data: Node, bases: Iterable[Node], description: str) -> Code:
    """Return the class of a message whose payload is no struct."""
    body = "    " + annotated("data", data, indent=INDENT)
    return class_(name, (Code("msgspec.Struct"), *bases, FROZEN), description, [body])


def mixture(one: Mixture, later: Iterable[str]) -> Code:
    """Return the alias of a type that msgspec needs help with.

    Args:
        one: what it is.
        later: names that are defined below it, which type checkers want in quotes.
    """
    static = annotated(one.name, TYPE_ALIAS, quoted(one.static, frozenset(later)), indent=INDENT)
    tried = [tuple_of(literal(annotation), literal(pointer)) for annotation, pointer in one.members]
    dynamic = call("tornado_ws.untagged", literal(one.name), Code("__name__"), *tried)
    laid = lay(dynamic, indent=INDENT, before=INDENT + len(one.name) + 3)
    doc = documented(one.description, indent=INDENT)
    return Code(f"if typing.TYPE_CHECKING:\n    {static}\n{doc}else:\n    {one.name} = {laid}\n")


def alias(name: Name, type_: Node, description: str) -> Code:
    """Return a type alias."""
    return Code(f"{annotated(name, TYPE_ALIAS, type_)}\n{documented(description)}")


def described(one: model.Definition | model.Field | model.Message, *, otherwise: str = "") -> str:
    """Return what a docstring says about something; ``otherwise`` where its schema says nothing of it."""
    parts = [one.description.strip() or otherwise, "Deprecated." if one.deprecated else ""]
    if parts[0] and isinstance(one, model.Message):
        parts += [_answer("Returns", one.reply), _answer("Yields", one.stream)]
    return "\n\n".join(filter(None, parts))


def _answer(heading: str, slot: model.Payload | None) -> str:
    description = "" if slot is None else slot.description.strip()
    return f"{heading}:\n{textwrap.indent(description, ' ' * 4)}" if description else ""


def documented(description: str, *, indent: int = 0) -> str:
    """Return the docstring of an alias, on lines of its own; nothing where there is no description."""
    return f"{' ' * indent}{docstring(description, indent=indent)}\n" if description.strip() else ""


def quoted(node: Node, names: frozenset[str]) -> Node:
    """Return a type in which ``names`` are in quotes."""
    match node:
        case Group(items=items):
            return replace(node, items=tuple(quoted(item, names) for item in items))
        case Either(operands=operands):
            return either(*(quoted(operand, names) for operand in operands))
        case _:
            return literal(node) if node in names else node


def _field(field: model.Field, name: Name, record: model.Record, types: Types, owner: Name) -> str:
    annotation = types.annotation(field.type, f"{owner}{pascal(field.name)}")
    named = [] if name == field.name else [keyword("name", literal(field.name))]
    value: Leaf | Group | None = None
    if record.tag is not None and record.tag[0] == field.name:
        annotation, value, named = subscript("typing.ClassVar", annotation), literal(record.tag[1]), []
    elif not field.required:
        value = default(field, types.definitions)
        if value is None:
            annotation, value = either(annotation, UNSET_TYPE), UNSET
    if named:
        value = call("msgspec.field", *named, *([] if value is None else [keyword("default", value)]))
    line = "    " + annotated(name, annotation, value, indent=INDENT)
    description = described(field)
    return f"{line}\n    {docstring(description, indent=INDENT)}" if description else line
