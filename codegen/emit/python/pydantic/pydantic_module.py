"""What a module of Pydantic models holds."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeGuard

import pydantic

from .... import model
from ....identifiers import Name
from ...templates import Code
from ..aliases import Loose, leaves
from ..classes import FROZEN, alias, class_, described, documented, quoted
from ..defaults import default
from ..literals import docstring, literal
from ..python_identifiers import field_names
from ..python_module import Module
from ..python_printer import Leaf, Node, annotated, call, flat, keyword, lay, subscript
from .model_annotations import Annotations

__all__ = ["ModelModule"]

NONE = Code("None")
CLOSED = keyword("extra", literal("forbid"))
INDENT = 4
RESERVED = frozenset(dir(pydantic.BaseModel)) | {"pydantic", "typing_extensions"}
"""Names that a property cannot have: models have attributes of these names, annotations use the last."""


class ModelModule(Module):
    """The names and types of one endpoint, whose classes are models of Pydantic."""

    slot_head = Code("tornado_ws.models.payload")

    @property
    def imports(self) -> tuple[Code, ...]:
        """What types are made of, beside what all modules import."""
        names = {node.id for code in self.types() for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
        optional = (Code(name) for name in ("pydantic", "typing_extensions") if name in names)
        return (*optional, Code("tornado_ws"), Code("tornado_ws.models"))

    def _prepare(self) -> None:
        self._annotations = Annotations(self.endpoint, self._names)

    def _is_class(self, definition: model.Definition) -> TypeGuard[model.Record]:
        return isinstance(definition, model.Record)

    def _annotation(self, type_: model.Type, hint: str) -> Node:
        return self._annotations.slot(type_)

    def _empty(self, name: Name, bases: Iterable[Node], description: str) -> Code:
        return class_(name, (Code("tornado_ws.models.Model"), *bases, FROZEN, CLOSED), description)

    def _inheriting(self, name: Name, payload: Node, bases: Iterable[Node], description: str) -> Code:
        return class_(name, (payload, *bases, FROZEN), description)

    def _wrapping(self, name: Name, payload: Node, bases: Iterable[Node], description: str) -> Code:
        return class_(name, (subscript("tornado_ws.models.Root", payload), *bases), description)

    def _record_class(self, record: model.Record, name: Name, bases: list[Node], description: str) -> Code:
        """Return the class of a record."""
        base = Code("tornado_ws.models.Model" if record.tag is None else "tornado_ws.models.Tagged")
        names = field_names([field.name for field in record.fields], {*self._taken, *RESERVED})
        nodes = self._annotations.fields(record)
        fields = [
            _field(field, names[field.name], node, record, self._definitions)
            for field, node in zip(record.fields, nodes, strict=True)
        ]
        closed = [CLOSED] if record.closed else []
        return class_(name, (base, *bases, FROZEN, *closed), description, fields)

    def _loosen(self) -> Iterator[Loose]:
        for definition in self._definitions.values():
            if isinstance(definition, model.Alias):
                yield self._alias(definition)

    def _alias(self, definition: model.Alias) -> Loose:
        name, node, description = (
            self._names[definition.name],
            self._annotations.alias(definition),
            described(definition),
        )
        recurs = definition.name in self._types.recurring

        def write(later: frozenset[str]) -> Code:
            return _recurring(name, node, later, description) if recurs else alias(name, node, description)

        return Loose(name=name, needs=frozenset(leaves(node)), patient=recurs, write=write)


def _field(
    field: model.Field, name: Name, annotation: Node, record: model.Record, definitions: Mapping[str, model.Definition]
) -> str:
    metadata: list[Node] = []
    value: Leaf | None = None
    if name != field.name:
        spelled = literal(field.name)
        aliases = (keyword("validation_alias", spelled), keyword("serialization_alias", spelled))
        metadata.append(call("pydantic.Field", *aliases))
    if record.tag is not None and record.tag[0] == field.name:
        metadata.append(Code("tornado_ws.models.TAG"))
        value = literal(record.tag[1])
    elif not field.required:
        value = default(field, definitions) or NONE
    if metadata:
        annotation = subscript("typing.Annotated", annotation, *metadata)
    line = "    " + annotated(name, annotation, value, indent=INDENT)
    description = described(field)
    return f"{line}\n    {docstring(description, indent=INDENT)}" if description else line


def _recurring(name: Name, node: Node, later: frozenset[str], description: str) -> Code:
    """Return an alias that is part of what it stands for."""
    static = annotated(name, Code("typing.TypeAlias"), quoted(node, later), indent=INDENT)
    dynamic = call("typing_extensions.TypeAliasType", literal(name), literal(flat(node)))
    laid = lay(dynamic, indent=INDENT, before=INDENT + len(name) + 3)
    doc = documented(description, indent=INDENT)
    return Code(f"if typing.TYPE_CHECKING:\n    {static}\n{doc}else:\n    {name} = {laid}\n")
