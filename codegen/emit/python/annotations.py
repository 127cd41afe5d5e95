"""Types of the model as Python annotations: what msgspec decodes, and what type checkers are told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ... import model
from ...identifiers import Name
from ..templates import Code
from .constraints import bounded
from .literals import literal
from .python_printer import Group, Node, either, flat, subscript
from .unions import INT64, Unions, members

__all__ = ["Mixture", "Types"]

ANYTHING = Code("typing.Any")
SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}


@dataclass(frozen=True, kw_only=True)
class Mixture:
    """A type that msgspec cannot decode by itself: it cannot tell the members apart, or they recur."""

    name: Name
    static: Node
    """What type checkers are told."""
    members: tuple[tuple[Code, str], ...]
    """What to try, in order, and the JSON Pointers to their schemas; empty where there is no schema of its own."""
    description: str = ""


class Types:
    """Annotations for the types of one endpoint."""

    def __init__(self, definitions: Iterable[model.Definition], names: dict[str, Name], taken: Iterable[str]) -> None:
        """Learn the named types.

        Args:
            definitions: those of the endpoint.
            names: what they are called in Python.
            taken: other names of the module.
        """
        self.definitions = {definition.name: definition for definition in definitions}
        self._names = names
        self._taken = {*taken, *names.values()}
        self._unions = Unions(self.definitions)
        self._mixed: dict[str, Name] = {}
        self.mixtures: list[Mixture] = []
        """Those met so far."""

    @property
    def recurring(self) -> set[str]:
        """Names of aliases that are part of what they stand for."""
        return self._unions.recurring

    def is_mixture(self, alias: model.Alias) -> bool:
        """Tell whether msgspec cannot decode what an alias stands for."""
        return alias.name in self._unions.mixtures

    def mix(self, name: Name, type_: model.Type, description: str = "") -> Mixture:
        """Return the mixture that is called ``name``."""
        parts = members(type_)
        nodes = [self.annotation(part, f"{name}{at}") for at, part in enumerate(parts, 1)]
        pointers = [self._pointer(part) for part in parts]
        tried = tuple((Code(flat(node)), pointer) for node, pointer in zip(nodes, pointers, strict=True))
        return Mixture(name=name, static=either(*nodes), members=tried, description=description)

    def annotation(self, type_: model.Type, hint: str) -> Node:
        """Return the annotation of a type; ``hint`` is a name for it, should it need one."""
        match type_:
            case model.Anything() | model.Nothing():
                return ANYTHING
            case model.Ref(name=name):
                return self._names[name]
            case model.Scalar(type=kind, limits=limits):
                return bounded(Code(SCALARS[kind]), limits, kind=kind)
            case model.Enumeration(values=values):
                return either(*_listed(values))
            case model.Array(item=item, limits=limits):
                return bounded(subscript("list", self.annotation(item, f"{hint}Item")), limits)
            case model.Map(key=key, value=value, limits=limits):
                key_node = self.annotation(key, f"{hint}Name")
                return bounded(subscript("dict", key_node, self.annotation(value, f"{hint}Value")), limits)
            case model.Tuple():
                return self._tuple(type_, hint)
            case model.Union():
                return self._union(members(type_), hint)

    def _tuple(self, type_: model.Tuple, hint: str) -> Node:
        if type_.rest is None and type_.items and type_.required == len(type_.items):
            return subscript("tuple", *(self.annotation(one, f"{hint}{at}") for at, one in enumerate(type_.items, 1)))
        rest = () if type_.rest is None else (type_.rest,)
        limits = model.Limits(min_length=type_.required, max_length=None if rest else len(type_.items))
        item = self._union(members(model.Union(members=(*type_.items, *rest))), f"{hint}Item")
        return bounded(subscript("list", item), limits)

    def _union(self, types: tuple[model.Type, ...], hint: str) -> Node:
        if not types or any(isinstance(one, model.Anything | model.Nothing) for one in types):
            return ANYTHING
        for candidate in (types, tuple(self._unions.merged(types))):
            if self._unions.is_decodable(candidate):
                return either(*(self.annotation(one, f"{hint}{at}") for at, one in enumerate(candidate, 1)))
        key = repr(types)
        if key not in self._mixed:
            self._mixed[key] = self._free(hint)
            self.mixtures.append(self.mix(self._mixed[key], model.Union(members=types)))
        return self._mixed[key]

    def _free(self, hint: str) -> Name:
        name, number = hint, 2
        while name in self._taken:
            name, number = f"{hint}{number}", number + 1
        self._taken.add(name)
        return Name(name)

    def _pointer(self, type_: model.Type) -> str:
        return self.definitions[type_.name].pointer if isinstance(type_, model.Ref) else ""


def _listed(values: Iterable[model.Json]) -> Iterator[Code | Group]:
    """Yield the types of listed values: literals as far as Python has them."""
    literals: dict[Code, None] = {}
    others: dict[Code, None] = {}
    for value in values:
        match value:
            case None:
                others[Code("None")] = None
            case bool():
                others[Code("bool")] = None
            case str():
                literals[literal(value)] = None
            case int() | float() if value == int(value) and -INT64 <= value < INT64:
                literals[literal(int(value))] = None
            case int() | float():
                others[Code("int" if value == int(value) else "float")] = None
            case list():
                others[Code("list[typing.Any]")] = None
            case _:
                others[Code("dict[str, typing.Any]")] = None
    if literals:
        yield subscript("typing.Literal", *literals)
    yield from others
