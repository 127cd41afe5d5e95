"""Annotations of Pydantic models for the types of an endpoint."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from msgspec.structs import replace

from .... import model
from ....identifiers import Name
from ....regex.rust_pattern import rust_pattern
from ....source.diagnostics import Problem, SchemaProblems
from ...templates import Code
from ..constraints import constrained
from ..literals import literal
from ..python_printer import Group, Node, UnionNode, call, keyword, subscript, union_of
from ..unions import members
from .generator import GenerationError, generate_types
from .leaf_schemas import leaf, leaf_schemas, leaves_of
from .union_members import UnionMembers

__all__ = ["ModelAnnotations"]

ANYTHING = Code("typing.Any")
FIELD = "pydantic.Field"
NUMBERS: Final[Mapping[Node, str]] = {Code("int"): "integer", Code("float"): "number"}
LITERAL = "typing.Literal"


class ModelAnnotations:
    """Annotations of an endpoint for Pydantic."""

    def __init__(self, endpoint: model.Endpoint, names: Mapping[str, Name], members: UnionMembers) -> None:
        """Generate the types of scalars and enumerations.

        Args:
            endpoint: Endpoint with the types.
            names: Names of its definitions in Python.
            members: Analysis of its unions.

        Raises:
            SchemaProblems: If the generator rejects a type.
        """
        self._endpoint = endpoint
        self._typed_formats = endpoint.options.typed_formats
        self._names = names
        self._members = members
        self._leaves = self._generate()

    def annotation(self, type_: model.Type) -> Node:
        """Return the annotation of a type."""
        match type_:
            case model.Anything() | model.Nothing():
                return ANYTHING
            case model.Ref(name=name):
                return self._names[name]
            case model.Scalar(constraints=constraints):
                return self._scalar(type_, constraints)
            case model.Enumeration():
                return self._leaf(type_)
            case model.Array(item=item, constraints=constraints):
                return constrained(subscript("list", self.annotation(item)), constraints, head=FIELD)
            case model.Map(key=key, value=value, constraints=constraints):
                names = Code("str") if isinstance(key, model.Scalar) else self.annotation(key)
                return constrained(subscript("dict", names, self.annotation(value)), constraints, head=FIELD)
            case model.Tuple():
                return self._tuple(type_)
            case model.Union():
                return self._union(members(type_))

    def is_text(self, type_: model.Type) -> bool:
        """Return True if no string of a type is converted to another type."""
        types, visited = [type_], set[str]()
        while types:
            found = types.pop()
            if any("format" in schema for schema in self._schemas([found])):
                return False
            aliases = {alias.name: alias.type for alias in self._members.aliases(found) if alias.name not in visited}
            types += aliases.values()
            visited |= aliases.keys()
        return True

    def _scalar(self, scalar: model.Scalar, constraints: model.Constraints) -> Node:
        plain = leaf(scalar, typed_formats=self._typed_formats)
        node = self._leaf(plain)
        if plain.constraints.format is not None:
            return node
        if isinstance(node, UnionNode):  # int | float; on the union itself, Pydantic would call functions of Python
            limits = replace(constraints, multiple_of=None)  # which floats do not have
            members = (constrained(one, limits, json_type=NUMBERS[one], head=FIELD) for one in node.operands)
            return union_of(*members)
        pattern = None if constraints.pattern is None else rust_pattern(constraints.pattern)
        return constrained(node, constraints, json_type=scalar.type, head=FIELD, pattern=pattern)

    def _leaf(self, type_: model.Scalar | model.Enumeration) -> Node:
        nodes = [self._leaves[repr(schema)] for schema in leaf_schemas(type_)]
        if isinstance(type_, model.Enumeration):
            nodes += [Code("list[typing.Any]")] * any(isinstance(value, list) for value in type_.values)
            nodes += [Code("dict[str, typing.Any]")] * any(isinstance(value, dict) for value in type_.values)
        return union_of(*nodes) if nodes else ANYTHING

    def _tuple(self, type_: model.Tuple) -> Node:
        if type_.rest is None and type_.items and type_.required == len(type_.items):
            items = subscript("tuple", *map(self.annotation, type_.items))
            # converts lists to tuples, and nothing else
            return subscript("typing.Annotated", items, Code("pydantic.Strict(False)"))
        rest = () if type_.rest is None else (type_.rest,)
        constraints = model.Constraints(min_length=type_.required, max_length=None if rest else len(type_.items))
        item = self._union(members(model.Union(members=(*type_.items, *rest))))
        return constrained(subscript("list", item), constraints, head=FIELD)

    def _union(self, types: tuple[model.Type, ...]) -> Node:
        if not types or any(isinstance(type_, model.Anything | model.Nothing) for type_ in types):
            return ANYTHING
        if not self._members.is_ambiguous(types):
            union = union_of(*_with_one_literal(map(self.annotation, types)))
            if len(types) < 2 or not self._members.is_recursive(types):
                return union
            return subscript("typing.Annotated", union, call("tornado_ws.models.SingleError"))
        tagged = self._members.tagged(types)
        if tagged is None:
            union = union_of(*_with_one_literal(map(self._with_schema, types)))
            return subscript("typing.Annotated", union, call("tornado_ws.models.OneOf"))
        discriminator = call(FIELD, keyword("discriminator", literal(tagged.attribute)))
        union = subscript("typing.Annotated", union_of(*map(self.annotation, tagged.records)), discriminator)
        return union_of(union, *_with_one_literal(map(self.annotation, tagged.others)))

    def _with_schema(self, type_: model.Type) -> Node:
        """Return the annotation of a member of a union, with its schema unless its class contains the schema."""
        pointer = self._members.pointer(type_)
        node = self.annotation(type_)
        if pointer is None:
            return node
        return subscript("typing.Annotated", node, call("tornado_ws.models.Schema", literal(pointer)))

    def _generate(self) -> dict[str, Node]:
        """Return the types of all scalars and enumerations, by their schemas."""
        schemas = {repr(schema): schema for types in self._types().values() for schema in self._schemas(types)}
        try:
            return dict(zip(schemas, generate_types([*schemas.values()]), strict=True))
        except GenerationError as error:
            raise SchemaProblems([*self._problems()] or [self._problem("", error)]) from error

    def _schemas(self, types: Sequence[model.Type]) -> Iterator[dict[str, object]]:
        for found in leaves_of(types):
            if isinstance(found, model.Scalar):
                yield from leaf_schemas(leaf(found, typed_formats=self._typed_formats))
            else:
                yield from leaf_schemas(found)

    def _types(self) -> dict[str, list[model.Type]]:
        """Return the types of the definitions and payloads, by their JSON Pointers."""
        types: dict[str, list[model.Type]] = {}
        for definition in self._endpoint.definitions:
            types.setdefault(definition.pointer, []).extend(_parts(definition))
        for payload in self._endpoint.payloads:
            types.setdefault(payload.pointer, []).append(payload.type)
        return types

    def _problems(self) -> Iterator[Problem]:
        """Yield a problem for each definition that the generator rejects on its own."""
        for pointer, types in self._types().items():
            try:
                generate_types([*self._schemas(types)])
            except GenerationError as error:
                yield self._problem(pointer, error)

    def _problem(self, pointer: str, error: GenerationError) -> Problem:
        find = self._endpoint.source_locations.get(pointer)
        location = None if find is None else find()
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


def _parts(definition: model.Definition) -> Iterator[model.Type]:
    if isinstance(definition, model.Alias):
        yield definition.type
        return
    yield from (field.type for field in definition.fields)
    if definition.rest is not None:
        yield definition.rest


def _with_one_literal(nodes: Iterable[Node]) -> Iterator[Node]:
    """Yield types with one type for all literals, which comes last, since Pydantic reads true as the literal 1."""
    literals: list[Node] = []
    for node in nodes:
        for operand in node.operands if isinstance(node, UnionNode) else (node,):
            if isinstance(operand, Group) and operand.head == LITERAL:
                literals += operand.items
            else:
                yield operand
    if literals:
        yield subscript(LITERAL, *dict.fromkeys(literals))
