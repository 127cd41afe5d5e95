"""Unions whose members msgspec cannot distinguish, and the tables that select a member."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable
from functools import cached_property, lru_cache
from types import NoneType, UnionType
from typing import Any, TypeAlias, Union, get_args, get_origin, get_type_hints, is_typeddict

import msgspec
from msgspec import inspect

from ..endpoint import Tag
from .additional_properties import AdditionalPropertiesType, is_open
from .tag_table import TagTable

__all__ = [
    *("Alternative", "Alternatives", "UntaggedUnion"),
    *("field_types", "has_unread_values", "is_record", "reachable", "untagged"),
]


JSON_TYPES = (dict, list, str, int, float, bool, NoneType)
"""Types of JSON values in Python."""
NUMBERS: frozenset[type] = frozenset({int, float})
"""Types of numbers; 1.0 is an integer."""
Alternative: TypeAlias = tuple[Any, str]
"""Type, and the JSON Pointer to the schema that its values need to match; ``""`` if the type is enough."""


class UntaggedUnion(type):
    """Metaclass of untagged unions. msgspec passes their values to :func:`.union_conversion.decode_hook`."""

    members: tuple[tuple[str, str], ...]
    module: str
    tag: Tag | None
    cached: Alternatives | None

    def __instancecheck__(cls, instance: object) -> bool:
        """Return True, so that msgspec accepts every result of the hook."""
        return True

    @property
    def alternatives(cls) -> tuple[Alternative, ...]:
        """Types in the order in which they are tried, with JSON Pointers to their schemas."""
        return cls.evaluated.all

    @property
    def evaluated(cls) -> Alternatives:
        """Alternatives; they are evaluated at the first access, when the module is complete."""
        if cls.cached is None:
            cls.cached = cls._evaluate()
        return cls.cached

    def _evaluate(cls) -> Alternatives:
        holder = type(
            "Alternatives", (), {"__annotations__": {f"_{at}": type_ for at, (type_, _) in enumerate(cls.members)}}
        )
        types = get_type_hints(holder, vars(sys.modules[cls.module]), include_extras=True)
        listed = tuple(zip(types.values(), (pointer for _, pointer in cls.members), strict=True))
        return Alternatives(cls, listed, cls.tag)


class Alternatives:
    """Alternatives of an untagged union, and tables that select among them."""

    def __init__(self, union: UntaggedUnion, alternatives: tuple[Alternative, ...], tag: Tag | None) -> None:
        self.all = alternatives
        self.pointers = tuple(dict.fromkeys(pointer for _, pointer in alternatives if pointer))
        """JSON Pointers to the schemas of all alternatives."""
        self._union = union
        self._table = None if tag is None else TagTable(tag)

    @cached_property
    def _by_type(self) -> dict[type, tuple[Alternative, ...]]:
        accepted = [_json_types(type_) for type_, _ in self.all]
        return {
            type_: tuple(one for one, types in zip(self.all, accepted, strict=True) if type_ in types)
            for type_ in JSON_TYPES
        }

    @cached_property
    def _objects(self) -> dict[int, Callable[[dict[str, Any]], bool]]:
        return {id(type_): _object_test(type_) for type_, _ in self._by_type[dict]}

    @cached_property
    def _names(self) -> dict[int, frozenset[str]]:
        return {id(type_): _declared_names(type_) for type_, _ in self._by_type[dict]}

    @cached_property
    def unchanged(self) -> frozenset[type]:
        """Types of the JSON values that are their own conversion, such as all types of a union of all JSON values."""
        found = frozenset(type_ for type_, ones in self._by_type.items() if _keeps_scalar(type_, ones))
        return frozenset(JSON_TYPES) if self._keeps_all(set()) else found

    def _keeps_all(self, visited: set[UntaggedUnion]) -> bool:
        """Return True if the union accepts all JSON values without a change; unions in ``visited`` are assumed to."""
        visited.add(self._union)
        return all(
            _keeps_scalar(type_, ones) or (len(ones) == 1 and _keeps_container(type_, *ones[0], visited))
            for type_, ones in self._by_type.items()
        )

    @cached_property
    def unread(self) -> frozenset[int]:
        """Identities of the types without a schema whose additional properties need to be read for the selection."""
        return frozenset(id(type_) for type_, pointer in self.all if not pointer and has_unread_values(type_))

    @cached_property
    def is_simple(self) -> bool:
        """True if the alternatives contain no untagged unions."""
        return not any(isinstance(part, UntaggedUnion) for part in reachable(type_ for type_, _ in self.all))

    @cached_property
    def is_recursive(self) -> bool:
        """True if a value of the union may contain another one, so that the depth of a value has no limit."""
        return self._union in reachable(type_ for type_, _ in self.all)

    def candidates(self, plain: Any) -> tuple[Alternative, ...]:
        """Return the alternatives that may accept a JSON value, by its JSON type, its tag or its property names.

        If there are several for an object, those that declare most of its properties come first.
        """
        found = self._by_type.get(type(plain), self.all)
        if type(plain) is not dict or len(found) < 2:
            return found
        if self._table is not None:
            position = self._table.select(plain)
            return () if position is None else (self.all[position],)
        fitting = [one for one in found if self._objects[id(one[0])](plain)]
        if len(fitting) > 1:
            fitting.sort(key=lambda one: -len(plain.keys() & self._names[id(one[0])]))
        return tuple(fitting)


def untagged(name: str, module: str, *members: tuple[str, str], tag: Tag | None = None) -> Any:  # a type
    """Return a union of types that msgspec cannot distinguish.

    Args:
        name: Name of the union.
        module: Name of the module that defines the members.
        members: Types as source code, in the order in which they are tried, each with the JSON Pointer to its schema;
            ``""`` for a type without a schema, and for a type that guarantees its schema.
        tag: Property that selects the only member that can be valid, for values that are objects.
    """
    namespace = {"members": members, "module": module, "tag": tag, "cached": None, "__module__": module}
    return UntaggedUnion(name, (), namespace)


def _keeps_scalar(json_type: type, alternatives: tuple[Alternative, ...]) -> bool:
    """Return True if the only alternative for a JSON type is this type itself, without constraints."""
    match alternatives:
        case [(type_, "")]:
            origin: Any = get_origin(type_)
            return json_type in (get_args(type_) if origin in (Union, UnionType) else (type_,))
        case _:
            return False


def _keeps_container(json_type: type, type_: Any, pointer: str, visited: set[UntaggedUnion]) -> bool:
    """Return True if a type is a list or a dictionary of values that are their own conversion."""
    match get_origin(type_), get_args(type_):
        case (origin, (item,)) | (origin, (_, item)) if origin is json_type and not pointer:
            return item is Any or (
                isinstance(item, UntaggedUnion) and (item in visited or item.evaluated._keeps_all(visited))
            )
        case _:
            return False


def _json_types(type_: Any) -> frozenset[type]:
    """Return the Python types of the JSON values that a type may accept."""
    return frozenset().union(*map(_json_types_of, _members(type_)))


def _members(type_: Any) -> list[inspect.Type]:
    """Return the members of a type, of its unions and of the untagged unions among them."""
    found: list[inspect.Type] = []
    stack, visited = [inspect.type_info(type_)], set[Any]()
    while stack:
        match info := stack.pop():
            case inspect.Metadata(type=inner):
                stack.append(inner)
            case inspect.UnionType(types=types):
                stack += types
            case inspect.CustomType(cls=cls) if isinstance(cls, UntaggedUnion):
                if cls not in visited:
                    visited.add(cls)
                    stack += (inspect.type_info(alternative) for alternative, _ in cls.alternatives)
            case _:
                found.append(info)
    return found


def _json_types_of(info: inspect.Type) -> frozenset[type]:
    match info:
        case inspect.StructType() | inspect.TypedDictType() | inspect.DictType():
            return frozenset({dict})
        case inspect.ListType() | inspect.TupleType():
            return frozenset({list})
        case inspect.StrType() | inspect.DateTimeType() | inspect.DateType() | inspect.TimeType() | inspect.UUIDType():
            return frozenset({str})
        case inspect.BoolType():
            return frozenset({bool})
        case inspect.NoneType():
            return frozenset({NoneType})
        case inspect.IntType() | inspect.FloatType():
            return NUMBERS
        case inspect.LiteralType(values=values):
            return frozenset().union(*({str} if isinstance(value, str) else NUMBERS for value in values))
        case _:
            return frozenset(JSON_TYPES)


def _object_test(type_: Any) -> Callable[[dict[str, Any]], bool]:
    """Return a test that an object has the property names that a type requires, and no others if it rejects these."""
    tests = [_test_of(member) for member in _members(type_) if dict in _json_types_of(member)]
    return tests[0] if len(tests) == 1 else lambda plain: any(test(plain) for test in tests)


def _test_of(info: inspect.Type) -> Callable[[dict[str, Any]], bool]:
    match info:
        case inspect.StructType(forbid_unknown_fields=True, fields=fields, tag_field=tag_field):
            allowed = frozenset({*(field.encode_name for field in fields), *([tag_field] if tag_field else ())})
            required = _required(fields)
            return lambda plain: required <= plain.keys() <= allowed
        case inspect.StructType(fields=fields) | inspect.TypedDictType(fields=fields):
            return _presence_test(_required(fields))
        case _:
            return lambda plain: True


def _declared_names(type_: Any) -> frozenset[str]:
    """Return the property names that a type declares."""
    names: set[str] = set()
    for member in _members(type_):
        match member:
            case inspect.StructType(fields=fields, tag_field=tag_field):
                names.update(field.encode_name for field in fields if not is_open(field))
                names.update([tag_field] if tag_field else ())
            case inspect.TypedDictType(fields=fields):
                names.update(field.encode_name for field in fields)
    return frozenset(names)


def _presence_test(names: Collection[str]) -> Callable[[dict[str, Any]], bool]:
    if len(names) == 1:
        (only,) = names
        return lambda plain: only in plain
    required = frozenset(names)
    return lambda plain: required <= plain.keys()


def _required(fields: Iterable[inspect.Field]) -> frozenset[str]:
    return frozenset(field.encode_name for field in fields if field.required)


def reachable(types: Iterable[Any]) -> set[Any]:
    """Return the records and the types of :class:`UntaggedUnion` and :data:`.AdditionalProperties` inside types."""
    stack, visited = [*types], set[Any]()
    while stack:
        type_ = stack.pop()
        if isinstance(type_, UntaggedUnion | AdditionalPropertiesType) or is_record(type_):
            if type_ not in visited:
                visited.add(type_)
                stack += _direct_parts(type_)
        else:
            stack += get_args(type_)
    return visited


def has_unread_values(type_: Any) -> bool:  # a type
    """Return True if msgspec leaves values of a certain type in it unread: those of additional properties."""
    return any(isinstance(part, AdditionalPropertiesType) and part.value is not Any for part in reachable([type_]))


def is_record(type_: Any) -> bool:
    """Return True for the type of an object with declared properties: a struct or a TypedDict."""
    return isinstance(type_, type) and (issubclass(type_, msgspec.Struct) or is_typeddict(type_))


def _direct_parts(type_: Any) -> Iterable[Any]:
    if isinstance(type_, UntaggedUnion):
        return [alternative for alternative, _ in type_.alternatives]
    return [type_.value] if isinstance(type_, AdditionalPropertiesType) else field_types(type_).values()


@lru_cache(maxsize=4096)
def field_types(type_: type) -> dict[str, Any]:  # Any: types
    """Return the types of the attributes or keys of a record, by name."""
    if is_typeddict(type_):
        msgspec.json.encode([*type_.__annotations__])  # msgspec reads a key beyond ASCII only after writing it once
    return get_type_hints(type_, include_extras=True)
