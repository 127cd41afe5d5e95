"""Annotations of Pydantic models: what the generator has written, and which schema decides where types do not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from .... import model
from ....identifiers import Name
from ....source.diagnostics import Problem, SchemaProblems
from ..literals import literal
from ..python_printer import Either, Group, Leaf, Node, call, either, keyword, subscript
from .generator import Refusal, write_models
from .input_schema import field_token, projection
from .output_types import Written

__all__ = ["Annotations"]

IN_ORDER = call("pydantic.Field", keyword("union_mode", literal("left_to_right")))


class Annotations:
    """The types of one endpoint, as Pydantic takes them."""

    def __init__(self, endpoint: model.Endpoint, names: Mapping[str, Name]) -> None:
        """Have the generator write them.

        Args:
            endpoint: whose types.
            names: what its definitions are called.

        Raises:
            SchemaProblems: The generator refuses some.

        """
        self._endpoint = endpoint
        self._names = names
        self._definitions = {one.name: one for one in endpoint.definitions}
        self._pointers = {names[one.name]: one.pointer for one in endpoint.definitions if not _is_tagged(one)}
        self._tokens = {one.name: f"D{at}" for at, one in enumerate(endpoint.definitions)}
        slots = {repr(slot.type): slot for slot in endpoint.payloads if not isinstance(slot.type, model.Ref)}
        self._slots = {key: f"S{at}" for at, key in enumerate(slots)}
        self._parts: dict[str, model.Record | model.Type] = {
            **{
                self._tokens[one.name]: one.type if isinstance(one, model.Alias) else one
                for one in endpoint.definitions
            },
            **{self._slots[key]: slot.type for key, slot in slots.items()},
        }
        self._places = {
            **{self._tokens[one.name]: one.pointer for one in endpoint.definitions},
            **{self._slots[key]: slot.pointer for key, slot in slots.items()},
        }
        self._written = self._write()

    def slot(self, type_: model.Type) -> Node:
        """Return the annotation of a slot."""
        if isinstance(type_, model.Ref):
            return self._names[type_.name]
        return self._judged(self._written.types[self._slots[repr(type_)]])

    def alias(self, alias: model.Alias) -> Node:
        """Return what an alias stands for."""
        return self._judged(self._written.types[self._tokens[alias.name]])

    def fields(self, record: model.Record) -> Sequence[Node]:
        """Return the annotations of the properties of a record; where one may be missing, None is among them."""
        written = self._written.classes[self._tokens[record.name]]
        return [self._judged(written[field_token(at)]) for at in range(len(record.fields))]

    def _write(self) -> Written:
        try:
            return write_models(projection(self._parts, self._tokens, self._definitions), self._known)
        except Refusal as refusal:
            found = list(self._refused())
            raise SchemaProblems(found or [self._problem("", refusal)]) from refusal

    @property
    def _known(self) -> dict[str, Name]:
        return {token: self._names[name] for name, token in self._tokens.items()}

    def _refused(self) -> Iterator[Problem]:
        """Yield a problem for each definition that the generator refuses by itself."""
        for token, part in self._parts.items():
            others: dict[str, model.Record | model.Type] = dict.fromkeys(self._tokens.values(), model.Anything())
            try:
                write_models(projection(others | {token: part}, self._tokens, self._definitions), self._known)
            except Refusal as refusal:
                yield self._problem(self._places[token], refusal)

    def _problem(self, pointer: str, refusal: Refusal) -> Problem:
        place = self._endpoint.source_locations.get(pointer)
        return Problem(
            file=self._endpoint.source if place is None else place.file,
            line=1 if place is None else place.line,
            column=1 if place is None else place.column,
            pointer="" if place is None else place.pointer,
            code="no_pydantic_model",
            message="datamodel-code-generator makes no model of it",
            got=str(refusal),
            hint='models = "msgspec" takes every schema',
        )

    def _judged(self, node: Node) -> Node:
        """Mark the members of unions of which only their schemas tell which one a value is."""
        match node:
            case Group(items=items):
                return replace(node, items=tuple(map(self._judged, items)))
            case Either(operands=operands):
                return self._union(operands)
            case _:
                return node

    def _union(self, operands: tuple[Leaf | Group, ...]) -> Node:
        doubtful = [one for one in operands if one in self._pointers]
        if len(doubtful) + sum(isinstance(one, Group) for one in operands) < 2 or not doubtful:
            return either(*map(self._judged, operands))
        marked = either(*(self._marked(one) for one in operands))
        return subscript("typing.Annotated", marked, IN_ORDER)

    def _marked(self, operand: Leaf | Group) -> Node:
        if not isinstance(operand, Name) or operand not in self._pointers:
            return self._judged(operand)
        pointer = self._pointers[operand]
        return subscript("typing.Annotated", operand, call("tornado_ws.models.MatchesSchema", literal(pointer)))


def _is_tagged(definition: model.Definition) -> bool:
    return isinstance(definition, model.Record) and definition.tag is not None
