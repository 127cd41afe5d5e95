"""Python annotations for types of the model, for msgspec and for type checkers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from msgspec.structs import replace

from ... import model
from ...identifiers import Name, ordinal
from ..templates import Code
from .constraints import constrained, may_be_large_integer
from .literals import literal
from .python_printer import Node, single_line, subscript, union_of
from .unions import UnionAnalysis, is_literal, members

__all__ = ["UntaggedUnion", "AnnotationBuilder"]

TypeT = TypeVar("TypeT", bound=model.Type)

ANYTHING = Code("typing.Any")
SCALARS = {"string": "str", "integer": "int", "boolean": "bool", "null": "None"}
FORMATS = {"date": "datetime.date", "date-time": "datetime.datetime", "time": "datetime.time", "uuid": "uuid.UUID"}
"""Types of :func:`.typed_format`. Their modules are imported."""


@dataclass(frozen=True, kw_only=True)
class UntaggedUnion:
    """Union that msgspec cannot decode: it cannot distinguish the members, or the union is recursive."""

    name: Name
    annotation: Node
    """Type for type checkers."""
    members: tuple[tuple[Code, str], ...]
    """Types to try, in order, with the JSON Pointers to their schemas; empty for types without a definition."""
    description: str = ""
    tag: model.Tag | None = None
    """Property of the objects that selects the only member that can be valid."""


class AnnotationBuilder:
    """Builder of annotations for the types of an endpoint."""

    def __init__(
        self,
        definitions: Iterable[model.Definition],
        names: dict[str, Name],
        taken: Iterable[str],
        *,
        typed_formats: bool = False,
    ) -> None:
        """Create a builder.

        Args:
            definitions: Definitions of the endpoint.
            names: Their names in Python.
            taken: Other names of the module.
            typed_formats: True if strings with a format have the type of the format.
        """
        self.definitions = {definition.name: definition for definition in definitions}
        self.names = names
        self.typed_formats = typed_formats
        self._taken = {*taken, *names.values()}
        self._analysis = UnionAnalysis(self.definitions)
        self._union_names: dict[str, Name] = {}
        self.untagged_unions: list[UntaggedUnion] = []
        """Untagged unions found so far, without unions that have a definition."""

    @property
    def recursive(self) -> set[str]:
        """Names of aliases that contain themselves."""
        return self._analysis.recursive

    def is_untagged_union(self, alias: model.Alias) -> bool:
        """Return True if msgspec cannot decode the type of an alias."""
        return alias.name in self._analysis.untagged_unions

    def untagged_union(self, name: Name, type_: model.Type, description: str = "") -> UntaggedUnion:
        """Return the untagged union ``name`` for a type."""
        types = self._with_text(members(type_))
        nodes = [self.annotation(member, name) for member in types]
        pointers = [self._pointer(member) for member in types]
        candidates = tuple((Code(single_line(node)), pointer) for node, pointer in zip(nodes, pointers, strict=True))
        tag = model.type_tag(types, self.definitions)
        annotation = union_of(*nodes)
        return UntaggedUnion(name=name, annotation=annotation, members=candidates, description=description, tag=tag)

    def annotation(self, type_: model.Type, hint: str) -> Node:
        """Return the annotation of a type; ``hint`` is the name of the type if it needs one."""
        match type_:
            case model.Anything() | model.Nothing():
                return ANYTHING
            case model.Ref(name=name):
                return self.names[name]
            case model.Scalar(type="number", constraints=constraints):
                number = constrained(Code("float"), constraints, json_type="number")
                if not may_be_large_integer(constraints):
                    return number
                return union_of(constrained(Code("int"), constraints, json_type="integer"), number)
            case model.Scalar() if self.typed_formats and (format_ := model.typed_format(type_)):
                return Code(FORMATS[format_])
            case model.Scalar(type=json_type, constraints=constraints):
                return constrained(Code(SCALARS[json_type]), constraints, json_type=json_type)
            case model.Enumeration(values=values):
                return union_of(*_enumeration_types(values))
            case model.Array(item=item, constraints=constraints):
                return constrained(subscript("list", self.annotation(item, f"{hint}Item")), constraints)
            case model.Map(key=key, value=value, constraints=constraints):
                key_node = self.annotation(_without_format(key), f"{hint}Name")
                return constrained(subscript("dict", key_node, self.annotation(value, f"{hint}Value")), constraints)
            case model.Tuple():
                return self._tuple(type_, hint)
            case model.Union():
                return self._union(members(type_), hint)

    def _tuple(self, type_: model.Tuple, hint: str) -> Node:
        if type_.rest is None and type_.items and type_.required == len(type_.items):
            return subscript(
                "tuple", *(self.annotation(item, hint + ordinal(at)) for at, item in enumerate(type_.items))
            )
        rest = () if type_.rest is None else (type_.rest,)
        constraints = model.Constraints(min_length=type_.required, max_length=None if rest else len(type_.items))
        item = self._union(members(model.Union(members=(*type_.items, *rest))), f"{hint}Item")
        return constrained(subscript("list", item), constraints)

    def _union(self, types: tuple[model.Type, ...], hint: str) -> Node:
        if not types or any(isinstance(type_, model.Anything | model.Nothing) for type_ in types):
            return ANYTHING
        types = self._with_text(types)
        for candidate in (types, tuple(self._analysis.merged(types))):
            if self._analysis.is_decodable(candidate):
                return union_of(*(self.annotation(member, hint) for member in candidate))
        key = repr(types)
        if key not in self._union_names:
            self._union_names[key] = self._unused_name(hint)
            self.untagged_unions.append(self.untagged_union(self._union_names[key], model.Union(members=types)))
        return self._union_names[key]

    def _with_text(self, types: tuple[model.Type, ...]) -> tuple[model.Type, ...]:
        """Return the members of a union, without the formats of strings if there are several strings."""
        if self.typed_formats and model.accepts_several_texts(types, self.definitions):
            return tuple(map(_without_format, types))
        return types

    def _unused_name(self, hint: str) -> Name:
        name, number = hint, 2
        if name in self._taken:  # by one of its members
            name = hint = f"{hint}Union"
        while name in self._taken:
            name, number = f"{hint}{number}", number + 1
        self._taken.add(name)
        return Name(name)

    def _pointer(self, type_: model.Type) -> str:
        return self.definitions[type_.name].pointer if isinstance(type_, model.Ref) else ""


def _without_format(type_: TypeT) -> TypeT | model.Scalar:
    """Return a string without its format; two names of an object may be the same UUID."""
    if not isinstance(type_, model.Scalar):
        return type_
    return model.Scalar(type=type_.type, constraints=replace(type_.constraints, format=None))


def _enumeration_types(values: Iterable[model.Json]) -> Iterator[Node]:
    """Yield the types of the values of an enumeration: literal types for strings and integers."""
    literals: dict[Code, None] = {}
    others: dict[str, list[model.Json]] = {}
    for value in values:
        match value:
            case None:
                others.setdefault("None", []).append(value)
            case bool():
                others.setdefault("bool", []).append(value)
            case str():
                literals[literal(value)] = None
            case int() | float() if is_literal(value):
                literals[literal(int(value))] = None
            case int() | float():
                others.setdefault("int" if value == int(value) else "float", []).append(value)
            case list():
                others.setdefault("list[typing.Any]", []).append(value)
            case _:
                others.setdefault("dict[str, typing.Any]", []).append(value)
    if literals:
        yield subscript("typing.Literal", *literals)
    yield from (_limited(Code(base), found) for base, found in others.items())


def _limited(base: Code, values: list[model.Json]) -> Node:
    """Return a type without literals, limited to ``values`` where bounds express this."""
    match values:
        case [float() as value]:
            return constrained(base, model.Constraints(minimum=value, maximum=value), json_type="number")
        case [[]] | [{}] if not values[0]:  # the pattern {} matches every object
            return constrained(base, model.Constraints(max_length=0))
        case _:
            return base
