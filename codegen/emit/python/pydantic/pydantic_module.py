"""Names and types of a generated module with Pydantic models."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TypeGuard

import pydantic
from msgspec.structs import replace

from .... import model
from ....identifiers import Name
from ...templates import Code
from ..aliases import AliasStatement, leaves
from ..classes import FROZEN, alias_statement, class_statement, docstring_line, full_description, with_quoted_names
from ..defaults import Defaults
from ..error_classes import Parameter
from ..literals import docstring, literal
from ..python_identifiers import field_names
from ..python_module import PythonModule
from ..python_printer import (
    Group,
    NamedNode,
    Node,
    annotated_assignment,
    call,
    format_node,
    keyword,
    single_line,
    subscript,
    tuple_of,
    union_of,
)
from ..unions import literal_constants
from .enum_statements import enumerations
from .instances import instances
from .model_annotations import ModelAnnotations
from .union_members import UnionMembers

__all__ = ["PydanticModule"]

MISSING = Code("MISSING")
CLOSED = keyword("extra", literal("forbid"))
OPEN = keyword("extra", literal("allow"))
INDENT = 4
RESERVED = frozenset(
    {
        *(name for cls in (pydantic.BaseModel, type(pydantic.BaseModel)) for name in dir(cls)),
        *("MISSING", "datetime", "pydantic", "typing_extensions", "uuid"),
    }
)
"""Names that fields cannot have: attributes of models, and modules in annotations."""


class PydanticModule(PythonModule):
    """Names and types of an endpoint with Pydantic models as message classes."""

    has_documented_schema = True
    packages: tuple[Code, ...] = (Code("tornado_ws"), Code("tornado_ws.models"))
    payload_constructor = Code("tornado_ws.models.payload")
    taken_names = frozenset({"MISSING", *dir(builtins)})  # Pydantic looks for builtins before the module is complete

    @cached_property
    def instances(self) -> dict[str, list[model.Json]]:
        """Valid instances of the schemas of :attr:`stand_ins`, by their JSON Pointers."""
        records = [record for record, _ in self.stand_ins]
        return instances(self.endpoint, records) if records else {}

    def _prepare(self) -> None:
        endpoint = self.endpoint
        if not (endpoint.client or endpoint.server or endpoint.payloads or endpoint.definitions):
            self.packages = self.packages[:1]
        self._attributes: dict[str, Mapping[str, Name]] = {}
        self._enumerations = tuple(enumerations(self.endpoint, self._names))
        self._defaults = Defaults(
            self._definitions,
            self._names,
            self._field_names,
            is_class=lambda _: True,
            has_additional=False,
            members={enumeration.key: enumeration.codes for enumeration in self._enumerations},
        )
        members = UnionMembers(self._definitions, self._builder.recursive, self._attribute)
        self._model_annotations = ModelAnnotations(self.endpoint, self._names, members)

    def _attribute(self, record: model.Record, field: str) -> Name:
        return self._field_names(record)[field]

    def _field_names(self, record: model.Record) -> Mapping[str, Name]:
        shared = self._shared_module
        if record.name in self._shared and isinstance(shared, PydanticModule):
            return shared._field_names(shared._record(self.endpoint.shared[record.name]))
        if record.name not in self._attributes:
            names, snake_case = [field.name for field in record.fields], self.endpoint.options.snake_case
            self._attributes[record.name] = field_names(names, {*self._taken, *RESERVED}, snake_case=snake_case)
        return self._attributes[record.name]

    def _is_class(self, definition: model.Definition) -> TypeGuard[model.Record]:
        return isinstance(definition, model.Record)

    def _annotation(self, type_: model.Type, hint: str) -> Node:
        return self._model_annotations.annotation(type_)

    def _parameter(self, record: model.Record, field: model.Field) -> Parameter:
        name, annotation = self._attribute(record, field.name), self._model_annotations.annotation(field.type)
        if field.required:
            return Parameter(name=name, annotation=annotation)
        default = self._default_of(record, field)
        if default is None:
            return Parameter(name=name, annotation=union_of(annotation, MISSING), default=MISSING)
        return Parameter(name=name, annotation=annotation, default=default)

    def _default_of(self, record: model.Record, field: model.Field) -> Node | None:
        """Return the default of a field; None if it is missing by default."""
        has_default = self._model_annotations.is_text(field.type)
        argument = self._defaults.argument(record, field) if has_default else None
        return None if argument is None else _default(argument)

    def _class_without_payload(self, name: Name, bases: Iterable[Node], description: str) -> Code:
        return class_statement(name, (Code("tornado_ws.models.Model"), *bases, FROZEN, CLOSED), description)

    def _class_with_record(self, name: Name, payload: Node, bases: Iterable[Node], description: str) -> Code:
        message = subscript("tornado_ws.models.Message", payload)
        return class_statement(name, (payload, message, *bases, FROZEN), description)

    def _class_with_value(self, name: Name, payload: Node, bases: Iterable[Node], description: str) -> Code:
        return class_statement(name, (subscript("tornado_ws.models.Root", payload), *bases), description)

    def _record_class(self, record: model.Record, name: Name, bases: list[Node], description: str) -> Code:
        """Return the class of a record."""
        names, constants = self._field_names(record), literal_constants(record, self._definitions)
        base = Code("tornado_ws.models.WithConstants" if constants else "tornado_ws.models.Model")
        fields = [self._field(field, names[field.name], record, constants) for field in record.fields]
        options = [keyword("schema", literal(record.pointer)), FROZEN]
        if record.closed or record.keeps:
            options.append(CLOSED if record.closed else OPEN)
        if record.keeps and not isinstance(record.rest, model.Anything | None):
            fields.append(self._extra(record.rest))
        if constants:
            options.append(keyword("constants", tuple_of(*(literal(names[name]) for name in constants))))
        return class_statement(name, (base, *bases, *options), description, fields)

    def _extra(self, type_: model.Type) -> str:
        """Return the declaration of the type of the properties without a field.

        Type checkers reject it, because the base class declares ``dict[str, Any] | None``.
        """
        annotation = subscript("dict", Code("str"), self._model_annotations.annotation(type_))
        value = call("pydantic.Field", keyword("init", Code("False")))
        declaration = annotated_assignment("__pydantic_extra__", annotation, value, indent=2 * INDENT)
        return f"    if not typing.TYPE_CHECKING:\n        {declaration}"

    def _field(self, field: model.Field, name: Name, record: model.Record, constants: Mapping[str, int | str]) -> str:
        annotation = self._model_annotations.annotation(field.type)
        value: Node | None = None
        if field.name in constants:
            value = literal(constants[field.name])
        elif not field.required:
            value = self._default_of(record, field)
            if value is None:
                annotation, value = union_of(annotation, MISSING), MISSING
        if name != field.name:
            alias = literal(field.name)
            aliases = (keyword("validation_alias", alias), keyword("serialization_alias", alias))
            annotation = _with_arguments(annotation, aliases)
        line = "    " + annotated_assignment(name, annotation, value, indent=INDENT)
        description = full_description(field)
        return f"{line}\n    {docstring(description, indent=INDENT)}" if description else line

    def definition_types(self) -> Iterator[Code]:
        """Yield the code of each type; defaults in classes need members of enumerations."""
        own = {definition.name for definition in self._own_definitions()}
        yield from (enumeration.code for enumeration in self._enumerations if enumeration.key in own)
        yield from super().definition_types()

    def _alias_statements(self) -> Iterator[AliasStatement]:
        classes = {enumeration.key for enumeration in self._enumerations}
        for definition in self._own_definitions():
            if isinstance(definition, model.Alias) and definition.name not in classes:
                yield self._alias(definition)

    def _alias(self, definition: model.Alias) -> AliasStatement:
        name, node, description = (
            self._names[definition.name],
            self._model_annotations.annotation(definition.type),
            full_description(definition),
        )
        is_recursive = definition.name in self._builder.recursive

        def render(undefined_names: frozenset[str]) -> Code:
            return (
                _recursive_alias(name, node, undefined_names, description)
                if is_recursive
                else alias_statement(name, node, description)
            )

        return AliasStatement(
            name=name, references=frozenset(leaves(node)), allows_forward_refs=is_recursive, render=render
        )


def _with_arguments(annotation: Node, arguments: Iterable[NamedNode]) -> Node:
    """Return an annotation with additional arguments of ``Field``."""
    match annotation:
        case Group(head="typing.Annotated", items=(*items, Group(head="pydantic.Field") as field)):
            extended = replace(field, items=(*field.items, *arguments))
            return replace(annotation, items=(*items, extended))
        case _:
            return subscript("typing.Annotated", annotation, call("pydantic.Field", *arguments))


def _default(argument: NamedNode) -> Node:
    """Return the default of a field, from an argument of ``field``."""
    match argument.value:
        case Group() as value if not _creates_model(value):  # Pydantic copies it
            return call("pydantic.Field", keyword("default", value))  # pyright rejects ``default_factory=list``
        case value if argument.name == "default=":
            return value
        case _:
            return call("pydantic.Field", argument)


def _creates_model(node: Node) -> bool:
    match node:
        case Group(head=head, items=items):
            return head != "" or any(map(_creates_model, items))
        case NamedNode(value=value):
            return _creates_model(value)
        case _:
            return False


def _recursive_alias(name: Name, node: Node, undefined_names: frozenset[str], description: str) -> Code:
    """Return an alias that contains itself."""
    static = annotated_assignment(
        name, Code("typing.TypeAlias"), with_quoted_names(node, undefined_names), indent=INDENT
    )
    dynamic = call("typing_extensions.TypeAliasType", literal(name), literal(single_line(node)))
    value = format_node(dynamic, indent=INDENT, before=INDENT + len(name) + 3)
    doc = docstring_line(description, indent=INDENT)
    return Code(f"if typing.TYPE_CHECKING:\n    {static}\n{doc}else:\n    {name} = {value}\n")
