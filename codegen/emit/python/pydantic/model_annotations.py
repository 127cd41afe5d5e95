"""Annotations of Pydantic models: the generated types, with schemas that select the member of a union."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from .... import model
from ....identifiers import Name
from ....source.diagnostics import Problem, SchemaProblems
from ..literals import literal
from ..python_printer import Group, Leaf, Node, UnionNode, call, keyword, subscript, union_of
from .generator import GenerationError, generate_types
from .input_schema import field_token, input_schema
from .output_types import GeneratedTypes

__all__ = ["ModelAnnotations"]

LEFT_TO_RIGHT = call("pydantic.Field", keyword("union_mode", literal("left_to_right")))


class ModelAnnotations:
    """Annotations of an endpoint for Pydantic."""

    def __init__(self, endpoint: model.Endpoint, names: Mapping[str, Name]) -> None:
        """Generate the types.

        Args:
            endpoint: Endpoint with the types.
            names: Names of its definitions in Python.

        Raises:
            SchemaProblems: If the generator rejects a type.
        """
        self._endpoint = endpoint
        self._names = names
        definitions = {definition.name: definition for definition in endpoint.definitions}
        self._definitions = definitions
        self._pointers = {
            names[name]: definition.pointer for name, definition in definitions.items() if not _is_tagged(definition)
        }
        self._tokens = {name: f"D{index}" for index, name in enumerate(definitions)}
        payloads = {
            repr(payload.type): payload for payload in endpoint.payloads if not isinstance(payload.type, model.Ref)
        }
        self._payload_tokens = {key: f"S{index}" for index, key in enumerate(payloads)}
        self._parts: dict[str, model.Record | model.Type] = {
            **{
                self._tokens[name]: definition.type if isinstance(definition, model.Alias) else definition
                for name, definition in definitions.items()
            },
            **{self._payload_tokens[key]: payload.type for key, payload in payloads.items()},
        }
        self._schema_pointers = {
            **{self._tokens[name]: definition.pointer for name, definition in definitions.items()},
            **{self._payload_tokens[key]: payload.pointer for key, payload in payloads.items()},
        }
        self._generated = self._generate()

    def payload(self, type_: model.Type) -> Node:
        """Return the annotation of a payload."""
        if isinstance(type_, model.Ref):
            return self._names[type_.name]
        return self._with_schemas(self._generated.types[self._payload_tokens[repr(type_)]])

    def alias(self, alias: model.Alias) -> Node:
        """Return the annotation of the type of an alias."""
        return self._with_schemas(self._generated.types[self._tokens[alias.name]])

    def fields(self, record: model.Record) -> Sequence[Node]:
        """Return the annotations of the properties of a record; optional ones include None."""
        generated = self._generated.classes[self._tokens[record.name]]
        return [self._with_schemas(generated[field_token(index)]) for index in range(len(record.fields))]

    def _generate(self) -> GeneratedTypes:
        try:
            return generate_types(input_schema(self._parts, self._tokens, self._definitions), self._names_by_token)
        except GenerationError as error:
            problems = list(self._problems())
            raise SchemaProblems(problems or [self._problem("", error)]) from error

    @property
    def _names_by_token(self) -> dict[str, Name]:
        return {token: self._names[name] for name, token in self._tokens.items()}

    def _problems(self) -> Iterator[Problem]:
        """Yield a problem for each definition that the generator rejects on its own."""
        for token, part in self._parts.items():
            others: dict[str, model.Record | model.Type] = dict.fromkeys(self._tokens.values(), model.Anything())
            try:
                schema = input_schema(others | {token: part}, self._tokens, self._definitions)
                generate_types(schema, self._names_by_token)
            except GenerationError as error:
                yield self._problem(self._schema_pointers[token], error)

    def _problem(self, pointer: str, error: GenerationError) -> Problem:
        location = self._endpoint.source_locations.get(pointer)
        return Problem(
            file=self._endpoint.source if location is None else location.file,
            line=1 if location is None else location.line,
            column=1 if location is None else location.column,
            pointer="" if location is None else location.pointer,
            code="no_pydantic_model",
            message="datamodel-code-generator rejects the type",
            got=str(error),
            hint='models = "msgspec" supports every schema',
        )

    def _with_schemas(self, node: Node) -> Node:
        """Return a type in which each ambiguous union selects its members by their schemas."""
        match node:
            case Group(items=items):
                return replace(node, items=tuple(map(self._with_schemas, items)))
            case UnionNode(operands=operands):
                return self._union(operands)
            case _:
                return node

    def _union(self, operands: tuple[Leaf | Group, ...]) -> Node:
        ambiguous = [operand for operand in operands if operand in self._pointers]
        if len(ambiguous) + sum(isinstance(operand, Group) for operand in operands) < 2 or not ambiguous:
            return union_of(*map(self._with_schemas, operands))
        members = union_of(*(self._with_schema(operand) for operand in operands))
        return subscript("typing.Annotated", members, LEFT_TO_RIGHT)

    def _with_schema(self, operand: Leaf | Group) -> Node:
        if not isinstance(operand, Name) or operand not in self._pointers:
            return self._with_schemas(operand)
        pointer = self._pointers[operand]
        return subscript("typing.Annotated", operand, call("tornado_ws.models.MatchesSchema", literal(pointer)))


def _is_tagged(definition: model.Definition) -> bool:
    return isinstance(definition, model.Record) and definition.tag is not None
