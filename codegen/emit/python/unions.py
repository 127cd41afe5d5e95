"""Unions that msgspec can decode, and those that it cannot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, TypeAlias, TypeGuard

from ... import model
from .python_identifiers import is_plain

__all__ = ["INT64", "Unions", "distinct", "is_struct", "members"]

Kind: TypeAlias = Literal["string", "integer", "number", "boolean", "null"]

SCALARS: tuple[Kind, ...] = ("string", "integer", "number", "boolean", "null")
INT64 = 2**63
"""Literals are kept in 64 bits."""


def is_struct(definition: model.Definition) -> TypeGuard[model.Record]:
    """Tell whether a definition is a record that can be a struct: msgspec writes its names without escapes."""
    return isinstance(definition, model.Record) and all(is_plain(field.name) for field in definition.fields)


def members(type_: model.Type) -> tuple[model.Type, ...]:
    """Return the members of a union, of which a type that is none has one."""
    if isinstance(type_, model.Union):
        return distinct(one for member in type_.members for one in members(member))
    return (type_,)


def distinct(types: Iterable[model.Type]) -> tuple[model.Type, ...]:
    """Return each type once; they cannot be hashed, and the literals 1 and true are equal in Python."""
    return tuple({repr(type_): type_ for type_ in types}.values())


class Unions:
    """Knows which types of an endpoint msgspec can tell apart."""

    def __init__(self, definitions: Mapping[str, model.Definition]) -> None:
        self._definitions = definitions
        self.mixtures: set[str] = set()
        """Names of aliases that msgspec cannot decode by itself: it cannot tell their members apart, or they recur."""
        aliases = {name: one for name, one in definitions.items() if isinstance(one, model.Alias)}
        self.recurring = {name for name in aliases if name in self._reached(aliases[name].type)}
        """Names of aliases that are part of what they stand for."""
        self.mixtures |= self.recurring
        while found := [
            name
            for name, alias in aliases.items()
            if name not in self.mixtures and not self.is_decodable(tuple(self.merged(members(alias.type))))
        ]:
            self.mixtures |= set(found)

    def is_decodable(self, types: tuple[model.Type, ...]) -> bool:
        """Tell whether msgspec can decode the union of ``types`` without one of them restricting another."""
        atoms = [atom for type_ in types for atom in self._atoms(type_)]
        kinds = Counter(kind for atom in atoms for kind in self._kinds(atom))
        if any(kinds[kind] > 1 for kind in (*SCALARS, "array", "mixture")):
            return False
        if kinds["some string"] and kinds["string"]:
            return False
        if kinds["some integer"] and (kinds["integer"] or kinds["number"]):
            return False
        if kinds["number"] and any(_is_limited_integer(atom) for atom in atoms):
            return False  # msgspec would not try a number that is one, but not within these limits, as a float
        if kinds["mixture"]:
            return kinds.keys() <= {"mixture", "null"}
        return kinds["object"] + kinds["record"] <= 1 or (not kinds["object"] and self._tagged(atoms))

    def merged(self, types: tuple[model.Type, ...]) -> Iterator[model.Type]:
        """Yield types that admit what ``types`` do, with one for strings, one for integers and so on."""
        atoms = distinct(atom for type_ in types for atom in self._atoms(type_))
        if any(isinstance(atom, model.Anything | model.Nothing) for atom in atoms):
            yield model.Anything()
            return
        yield from (atom for atom in atoms if not isinstance(atom, model.Scalar | model.Enumeration))
        scalars = {
            kind: found[0] if len(found) == 1 else model.Scalar(type=kind)
            for kind in SCALARS
            if (found := [atom for atom in atoms if isinstance(atom, model.Scalar) and atom.type == kind])
        }
        listed = [value for atom in atoms if isinstance(atom, model.Enumeration) for value in atom.values]
        if "number" in scalars and "integer" in scalars:
            scalars["integer"] = model.Scalar(type="integer")
        hidden = [value for value in listed if _wider(value) & scalars.keys()]
        for value in hidden:
            for kind in _wider(value) & scalars.keys():
                scalars[kind] = model.Scalar(type=kind)
        if len(hidden) < len(listed):
            yield model.Enumeration(values=tuple(value for value in listed if not any(value is one for one in hidden)))
        yield from scalars.values()

    def _atoms(self, type_: model.Type) -> Iterator[model.Type]:
        """Yield the members of ``type_`` and of what it refers to."""
        for member in members(type_):
            alias = self._definitions.get(member.name) if isinstance(member, model.Ref) else None
            if isinstance(alias, model.Alias) and alias.name not in self.mixtures:
                yield from self._atoms(alias.type)
            else:
                yield member

    def _kinds(self, atom: model.Type) -> Iterator[str]:
        match atom:
            case model.Scalar(type=kind):
                yield kind
            case model.Enumeration(values=values):
                yield from {_kind(value) for value in values}
            case model.Array() | model.Tuple():
                yield "array"
            case model.Map():
                yield "object"
            case model.Ref(name=name) if name in self.mixtures:
                yield "mixture"
            case model.Ref(name=name):
                yield "record" if is_struct(self._definitions[name]) else "object"

    def _tagged(self, atoms: Iterable[model.Type]) -> bool:
        """Tell whether tags tell the records among ``atoms`` apart."""
        records = [self._definitions[atom.name] for atom in atoms if isinstance(atom, model.Ref)]
        tags = [record.tag for record in records if isinstance(record, model.Record)]
        return None not in tags and len({*tags}) == len(tags) and len({tag[0] for tag in tags if tag}) == 1

    def _reached(self, type_: model.Type) -> set[str]:
        """Return the aliases that a type consists of, directly or not; records hold theirs back."""
        found: set[str] = set()
        ahead = [type_]
        while ahead:
            for name in _names(ahead.pop()):
                alias = self._definitions[name]
                if isinstance(alias, model.Alias) and name not in found:
                    found.add(name)
                    ahead.append(alias.type)
        return found


def _is_limited_integer(type_: model.Type) -> bool:
    return isinstance(type_, model.Scalar) and type_.type == "integer" and type_ != model.Scalar(type="integer")


def _names(type_: model.Type) -> Iterator[str]:
    match type_:
        case model.Ref(name=name):
            yield name
        case model.Union(members=below):
            for one in below:
                yield from _names(one)
        case model.Array(item=item):
            yield from _names(item)
        case model.Map(value=value):
            yield from _names(value)
        case model.Tuple(items=items, rest=rest):
            for one in (*items, *(() if rest is None else (rest,))):
                yield from _names(one)


def _kind(value: model.Json) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case str():
            return "some string"
        case int() | float() if value == int(value):
            return "some integer" if -INT64 <= value < INT64 else "integer"
        case float():
            return "number"
        case list():
            return "array"
        case _:
            return "object"


def _wider(value: model.Json) -> set[Kind]:
    """Return the scalars beside which a listed value says nothing."""
    match _kind(value):
        case "some string":
            return {"string"}
        case "some integer" | "integer":
            return {"integer", "number"}
        case "number":
            return {"number"}
        case "boolean":
            return {"boolean"}
        case "null":
            return {"null"}
        case _:
            return set()
