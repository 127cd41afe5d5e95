"""Analysis of unions, to find the ones that msgspec can decode."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, TypeAlias, TypeGuard

from ... import model
from .constraints import may_be_large_integer
from .python_identifiers import is_plain

__all__ = ["UnionAnalysis", "distinct", "is_literal", "is_struct", "literal_constants", "members", "struct_tag"]

ScalarType: TypeAlias = Literal["string", "integer", "number", "boolean", "null"]

SCALARS: tuple[ScalarType, ...] = ("string", "integer", "number", "boolean", "null")
INT64_MAX = 2**63 - 1
"""Limit of integer literals, which msgspec stores in 64 bits."""


def is_struct(definition: model.Definition) -> TypeGuard[model.Record]:
    """Return True if a definition is a record that can be a struct."""
    return isinstance(definition, model.Record) and all(is_plain(field.name) for field in definition.fields)


def is_literal(number: float) -> bool:
    """Return True if a number can be a literal type; msgspec and mypy refuse other integers, mypy also -2**63."""
    return number == int(number) and -INT64_MAX <= number <= INT64_MAX


def literal_constants(record: model.Record, definitions: Mapping[str, model.Definition]) -> Mapping[str, int | str]:
    """Return the properties of a record whose only value is a text or an integer; the constructor sets them."""
    found = model.constant_properties(record, definitions)
    return {
        name: value if isinstance(value, str) else int(value)
        for name, value in found.items()
        if isinstance(value, str) or (isinstance(value, int | float) and type(value) is not bool and is_literal(value))
    }


def struct_tag(record: model.Record) -> tuple[str, int | str] | None:
    """Return the tag of a record as a struct; None if msgspec does not support it."""
    tag = record.tag
    return None if tag is None or (isinstance(tag[1], int) and not is_literal(tag[1])) else tag


def members(type_: model.Type) -> tuple[model.Type, ...]:
    """Return the members of a union, or the type itself if it is not a union."""
    if isinstance(type_, model.Union):
        return distinct(inner for member in type_.members for inner in members(member))
    return (type_,)


def distinct(types: Iterable[model.Type]) -> tuple[model.Type, ...]:
    """Return each type once. Types are compared by their text, since 1 equals true in Python."""
    return tuple({repr(type_): type_ for type_ in types}.values())


class UnionAnalysis:
    """Analysis of the unions of an endpoint."""

    def __init__(self, definitions: Mapping[str, model.Definition]) -> None:
        self._definitions = definitions
        self.untagged_unions: set[str] = set()
        """Names of aliases that msgspec cannot decode: their members are indistinguishable, or they are recursive."""
        aliases = {name: alias for name, alias in definitions.items() if isinstance(alias, model.Alias)}
        self.recursive = {name for name in aliases if name in model.reachable_aliases(aliases[name].type, definitions)}
        """Names of aliases that contain themselves."""
        self.untagged_unions |= self.recursive
        while found := [
            name
            for name, alias in aliases.items()
            if name not in self.untagged_unions and not self.is_decodable(tuple(self.merged(members(alias.type))))
        ]:
            self.untagged_unions |= set(found)

    def is_decodable(self, types: tuple[model.Type, ...]) -> bool:
        """Return True if msgspec can decode the union of ``types``, and none of them restricts another."""
        atoms = [atom for type_ in types for atom in self._atoms(type_)]
        counts = Counter(category for atom in atoms for category in self._categories(atom))
        if any(counts[category] > 1 for category in (*SCALARS, "array", "untagged union")):
            return False
        if counts["string literal"] and counts["string"]:
            return False
        if counts["integer literal"] and (counts["integer"] or counts["number"]):
            return False
        if counts["number"] and any(_is_limited_integer(atom) for atom in atoms):
            return False  # msgspec does not decode an integer outside these constraints as a float
        if counts["untagged union"]:
            return counts.keys() <= {"untagged union", "null"}
        return counts["object"] + counts["record"] <= 1 or (not counts["object"] and self._have_distinct_tags(atoms))

    def merged(self, types: tuple[model.Type, ...]) -> Iterator[model.Type]:
        """Yield types that accept all values of ``types``, at most one of them for each scalar type."""
        atoms = distinct(atom for type_ in types for atom in self._atoms(type_))
        if any(isinstance(atom, model.Anything | model.Nothing) for atom in atoms):
            yield model.Anything()
            return
        yield from (atom for atom in atoms if not isinstance(atom, model.Scalar | model.Enumeration))
        scalars = {
            scalar: found[0] if len(found) == 1 else model.Scalar(type=scalar)
            for scalar in SCALARS
            if (found := [atom for atom in atoms if isinstance(atom, model.Scalar) and atom.type == scalar])
        }
        literals = [value for atom in atoms if isinstance(atom, model.Enumeration) for value in atom.values]
        if "number" in scalars and "integer" in scalars:
            del scalars["integer"]
            scalars["number"] = model.Scalar(type="number")
        included = [value for value in literals if _including_scalars(value) & scalars.keys()]
        for value in included:
            for scalar in _including_scalars(value) & scalars.keys():
                scalars[scalar] = model.Scalar(type=scalar)
        if len(included) < len(literals):
            others = tuple(value for value in literals if not any(value is other for other in included))
            yield model.Enumeration(values=others)
        yield from scalars.values()

    def _atoms(self, type_: model.Type) -> Iterator[model.Type]:
        """Yield the members of ``type_`` and of the aliases among them."""
        for member in members(type_):
            alias = self._definitions.get(member.name) if isinstance(member, model.Ref) else None
            if isinstance(alias, model.Alias) and alias.name not in self.untagged_unions:
                yield from self._atoms(alias.type)
            else:
                yield member

    def _categories(self, atom: model.Type) -> Iterator[str]:
        match atom:
            case model.Scalar(type="number", constraints=constraints) if may_be_large_integer(constraints):
                yield from ("number", "integer")
            case model.Scalar(type=scalar):
                yield scalar
            case model.Enumeration(values=values):
                yield from {_category(value) for value in values}
            case model.Array() | model.Tuple():
                yield "array"
            case model.Map():
                yield "object"
            case model.Ref(name=name) if name in self.untagged_unions:
                yield "untagged union"
            case model.Ref(name=name):
                yield "record" if is_struct(self._definitions[name]) else "object"

    def _have_distinct_tags(self, atoms: Iterable[model.Type]) -> bool:
        """Return True if each record among ``atoms`` has its own tag: the same property, all texts or all integers."""
        records = [self._definitions[atom.name] for atom in atoms if isinstance(atom, model.Ref)]
        tags = [struct_tag(record) for record in records if isinstance(record, model.Record)]
        kinds = {(tag[0], type(tag[1])) for tag in tags if tag is not None}
        return None not in tags and len({*tags}) == len(tags) and len(kinds) == 1


def _is_limited_integer(type_: model.Type) -> bool:
    return isinstance(type_, model.Scalar) and type_.type == "integer" and type_ != model.Scalar(type="integer")


def _category(value: model.Json) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case str():
            return "string literal"
        case int() | float() if value == int(value):
            return "integer literal" if is_literal(value) else "integer"
        case float():
            return "number"
        case list():
            return "array"
        case _:
            return "object"


def _including_scalars(value: model.Json) -> set[ScalarType]:
    """Return the scalar types that include a literal."""
    match _category(value):
        case "string literal":
            return {"string"}
        case "integer literal" | "integer":
            return {"integer", "number"}
        case "number":
            return {"number"}
        case "boolean":
            return {"boolean"}
        case "null":
            return {"null"}
        case _:
            return set()
