"""Statements that define classes and aliases."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterable, Iterator, Mapping, Set

from msgspec.structs import replace

from ... import model
from ...identifiers import Name, pascal
from ..templates import Code
from .annotations import AnnotationBuilder, UntaggedUnion
from .defaults import Defaults
from .literals import docstring, literal
from .python_identifiers import additional_properties_name, field_names
from .python_printer import (
    Group,
    NamedNode,
    Node,
    UnionNode,
    annotated_assignment,
    call,
    entry,
    format_node,
    keyword,
    mapping,
    single_line,
    subscript,
    tuple_of,
    union_of,
)
from .unions import literal_constants, struct_tag

__all__ = [
    "CLOSED",
    "FROZEN",
    "KW_ONLY",
    "UNSET",
    "UNSET_TYPE",
    "alias_statement",
    "class_statement",
    "docstring_line",
    "full_description",
    "struct_class",
    "type_hints",
    "typed_dict",
    "untagged_alias",
    "with_quoted_names",
]

FROZEN = keyword("frozen", Code("True"))
METACLASS = keyword("metaclass", Code("tornado_ws.Constants"))
KW_ONLY = keyword("kw_only", Code("True"))
CLOSED = keyword("forbid_unknown_fields", Code("True"))
TYPE_ALIAS = Code("typing.TypeAlias")
UNSET = Code("msgspec.UNSET")
UNSET_TYPE = Code("msgspec.UnsetType")
INDENT = 4


def struct_class(
    record: model.Record,
    name: Name,
    builder: AnnotationBuilder,
    *,
    taken: Set[str],
    snake_case: bool = False,
    bases: Iterable[Node] = (),
    description: str,
) -> Code:
    """Return the struct for a record.

    Args:
        record: Record with the fields.
        name: Name of the class.
        builder: Annotations of the endpoint.
        taken: Names of the module, which fields must not hide.
        snake_case: True if the names of attributes are converted to snake_case.
        bases: Base classes in addition to :class:`msgspec.Struct`.
        description: Docstring of the class.
    """

    def attributes(of: model.Record) -> Mapping[str, Name]:
        return field_names([field.name for field in of.fields], taken, snake_case=snake_case)

    names = attributes(record)
    defaults = Defaults(builder.definitions, builder.names, attributes, typed_formats=builder.typed_formats)
    constants, tag = literal_constants(record, builder.definitions), struct_tag(record)
    has_metaclass = bool({*constants} - {tag and tag[0]})
    fields = [
        _constant(field, names[field.name], builder, constants[field.name], has_metaclass=has_metaclass)
        if field.name in constants
        else _field(field, names[field.name], record, builder, name, defaults)
        for field in record.fields
    ]
    if record.keeps:
        fields.append(_additional_properties(record.rest or model.Anything(), builder, name, {*names, *names.values()}))
    options = _struct_options(record, tag, has_metaclass=has_metaclass)
    return class_statement(name, (Code("msgspec.Struct"), *bases, *options), description, fields)


def class_statement(name: Name, arguments: Iterable[Node], description: str, body: Iterable[str] = ()) -> Code:
    """Return a class definition."""
    head = format_node(call(f"class {name}", *arguments), after=1)
    doc = docstring(description, indent=INDENT) if description.strip() else None
    lines = list(body)
    if doc is not None:
        return Code(f"{head}:\n    {doc}\n" + ("\n" + "\n".join(lines) + "\n" if lines else ""))
    return Code(f"{head}:\n" + ("\n".join(lines) or "    pass") + "\n")


def typed_dict(record: model.Record, name: Name, builder: AnnotationBuilder) -> Code:
    """Return the ``TypedDict`` for a record with property names that msgspec does not accept in a struct."""
    entries = []
    for field in record.fields:
        annotation = builder.annotation(field.type, f"{name}{pascal(field.name)}")
        if not field.required:
            annotation = subscript("typing.NotRequired", annotation)
        entries.append(entry(literal(field.name), literal(single_line(annotation))))
    value = call("typing.TypedDict", literal(name), mapping(*entries))
    return Code(f"{name} = {format_node(value, before=len(name) + 3)}\n" + docstring_line(full_description(record)))


def untagged_alias(
    union: UntaggedUnion, undefined_names: Iterable[str], proved: Collection[tuple[str, str]] = ()
) -> Code:
    """Return the alias of an untagged union: a union for type checkers, and a type with a decoder for msgspec.

    Args:
        union: Union to define.
        undefined_names: Names that are defined later; they are quoted.
        proved: Names of unions, and pointers to schemas that the types of their members guarantee.
    """
    annotation = with_quoted_names(union.annotation, frozenset(undefined_names))
    static = annotated_assignment(union.name, TYPE_ALIAS, annotation, indent=INDENT)
    candidates = [
        tuple_of(literal(type_), literal("" if (union.name, pointer) in proved else pointer))
        for type_, pointer in union.members
    ]
    tag = [] if union.tag is None else [keyword("tag", _tag(union.tag))]
    dynamic = call("tornado_ws.untagged", literal(union.name), Code("__name__"), *candidates, *tag)
    value = format_node(dynamic, indent=INDENT, before=INDENT + len(union.name) + 3)
    doc = docstring_line(union.description, indent=INDENT)
    return Code(f"if typing.TYPE_CHECKING:\n    {static}\n{doc}else:\n    {union.name} = {value}\n")


def _tag(tag: model.Tag) -> Node:
    choices = (
        tuple_of(
            tuple_of(*map(literal, choice.values)),
            literal(choice.selects) if isinstance(choice.selects, int) else _tag(choice.selects),
        )
        for choice in tag.choices
    )
    return call("tornado_ws.Tag", literal(tag.name), tuple_of(*choices))


def alias_statement(name: Name, type_: Node, description: str) -> Code:
    """Return a type alias."""
    return Code(f"{annotated_assignment(name, TYPE_ALIAS, type_)}\n{docstring_line(description)}")


def full_description(described: model.Definition | model.Field | model.Message, *, default: str = "") -> str:
    """Return the text of a docstring; it starts with ``default`` if the schema has no description."""
    parts = [described.description.strip() or default, "Deprecated." if described.deprecated else ""]
    if parts[0] and isinstance(described, model.Message):
        parts += [_response_section("Returns", described.reply), _response_section("Yields", described.stream)]
    return "\n\n".join(filter(None, parts))


def _response_section(heading: str, payload: model.Payload | None) -> str:
    description = "" if payload is None else payload.description.strip()
    return f"{heading}:\n{textwrap.indent(description, ' ' * 4)}" if description else ""


def docstring_line(description: str, *, indent: int = 0) -> str:
    """Return the docstring of an alias with a line break; an empty string if there is no description."""
    return f"{' ' * indent}{docstring(description, indent=indent)}\n" if description.strip() else ""


def with_quoted_names(node: Node, names: frozenset[str]) -> Node:
    """Return a type with ``names`` in quotes, as forward references."""
    match node:
        case Group(items=items):
            return replace(node, items=tuple(with_quoted_names(item, names) for item in items))
        case UnionNode(operands=operands):
            return union_of(*(with_quoted_names(operand, names) for operand in operands))
        case _:
            return literal(node) if node in names else node


def type_hints(record: model.Record, owner: Name) -> Iterator[tuple[str, model.Type]]:
    """Yield the type of each field of the class ``owner``, with the name of this type if it needs one."""
    for field in record.fields:
        yield _hint(owner, field), field.type
    if record.keeps:
        yield _hint(owner, None), record.rest or model.Anything()


def _hint(owner: Name, field: model.Field | None) -> str:
    """Return the name for the type of a field; None is the field of additional properties."""
    return f"{owner}Value" if field is None else f"{owner}{pascal(field.name)}"


def _additional_properties(type_: model.Type, builder: AnnotationBuilder, owner: Name, taken: Iterable[str]) -> str:
    """Return the field for the properties without a field."""
    annotation = subscript("tornado_ws.AdditionalProperties", builder.annotation(type_, _hint(owner, None)))
    name = additional_properties_name(taken)
    return "    " + annotated_assignment(name, annotation, mapping(), indent=INDENT)


def _field(
    field: model.Field, name: Name, record: model.Record, builder: AnnotationBuilder, owner: Name, defaults: Defaults
) -> str:
    annotation = builder.annotation(field.type, _hint(owner, field))
    arguments = [] if name == field.name else [keyword("name", literal(field.name))]
    value: Node | None = None
    default: NamedNode | None = None
    if not field.required:
        default = defaults.argument(record, field)
        if default is None:
            annotation, default = union_of(annotation, UNSET_TYPE), keyword("default", UNSET)
    if default is not None:
        if not arguments and default.name == "default=":
            value = default.value
        else:
            arguments.append(default)
    if arguments:
        value = call("msgspec.field", *arguments)
    return _declaration(field, name, annotation, value)


def _struct_options(
    record: model.Record, tag: tuple[str, int | str] | None, *, has_metaclass: bool
) -> Iterator[NamedNode]:
    if has_metaclass:
        yield METACLASS
    yield from (FROZEN, KW_ONLY)
    if tag is not None:
        yield from (keyword("tag_field", literal(tag[0])), keyword("tag", literal(tag[1])))
    if record.closed:
        yield CLOSED


def _constant(
    field: model.Field, name: Name, builder: AnnotationBuilder, constant: int | str, *, has_metaclass: bool
) -> str:
    """Return the declaration of a constant, which the constructor sets.

    Args:
        field: Required field with one value.
        name: Attribute.
        builder: Annotations of the endpoint.
        constant: Value.
        has_metaclass: True if the metaclass of the class reads the name in JSON.
    """
    value: Node = literal(constant)
    if name != field.name and has_metaclass:
        value = call("msgspec.field", keyword("default", value), keyword("name", literal(field.name)))
    return _declaration(field, name, subscript("typing.ClassVar", builder.annotation(field.type, name)), value)


def _declaration(field: model.Field, name: Name, annotation: Node, value: Node | None) -> str:
    line = "    " + annotated_assignment(name, annotation, value, indent=INDENT)
    description = full_description(field)
    return f"{line}\n    {docstring(description, indent=INDENT)}" if description else line
