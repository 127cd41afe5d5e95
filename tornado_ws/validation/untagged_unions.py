"""Unions whose members msgspec cannot distinguish: their schemas select the member."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any, get_args, get_type_hints, is_typeddict

import msgspec

from .json_values import integral
from .schema_validator import SchemaValidator

__all__ = ["UntaggedUnion", "decode_hook", "has_untagged_union", "untagged"]


class UntaggedUnion(type):
    """Metaclass of untagged unions. msgspec passes their values to :func:`decode_hook`."""

    members: tuple[tuple[str, str], ...]
    module: str
    cached: tuple[tuple[Any, str], ...] | None

    def __instancecheck__(cls, instance: object) -> bool:
        """Return True, so that msgspec accepts every result of the hook."""
        return True

    @property
    def alternatives(cls) -> tuple[tuple[Any, str], ...]:  # Any: types
        """Types in the order in which they are tried, with JSON Pointers to their schemas.

        They are evaluated at the first access, when the module is complete.
        """
        if cls.cached is None:
            cls.cached = cls._evaluate()
        return cls.cached

    def _evaluate(cls) -> tuple[tuple[Any, str], ...]:
        holder = type(
            "Alternatives", (), {"__annotations__": {f"_{at}": type_ for at, (type_, _) in enumerate(cls.members)}}
        )
        types = get_type_hints(holder, vars(sys.modules[cls.module]), include_extras=True)
        return tuple(zip(types.values(), (pointer for _, pointer in cls.members), strict=True))


def untagged(name: str, module: str, *members: tuple[str, str]) -> Any:  # a type, for generated code
    """Return a union of types without a tag.

    Args:
        name: Name of the union.
        module: Name of the module that defines the members.
        members: Types as source code, in the order in which they are tried, each with the JSON Pointer to its schema;
            ``""`` for a type without a schema.
    """
    return UntaggedUnion(name, (), {"members": members, "module": module, "cached": None, "__module__": module})


def decode_hook(validator: SchemaValidator, *, strict: bool = True) -> Callable[[Any, Any], Any]:
    """Return the ``dec_hook`` of msgspec for untagged unions; it takes the union and the plain value.

    Args:
        validator: Validator that selects the member for a value.
        strict: False to try members with schemas that reject the value as well. In its context, a ``$dynamicRef`` may
            resolve to a schema that accepts it.
    """

    def convert(union: Any, plain: Any) -> Any:
        rejected: list[Any] = []
        for alternative, pointer in union.alternatives:
            if pointer and not validator.predicate(pointer)(plain):
                rejected.append(alternative)
                continue
            for candidate in (plain, integral(plain)):
                try:
                    return msgspec.convert(candidate, alternative, dec_hook=convert)
                except msgspec.ValidationError:
                    continue
        for alternative in rejected if not strict else ():
            try:
                return msgspec.convert(plain, alternative, dec_hook=convert)
            except msgspec.ValidationError:
                continue
        raise ValueError("expected a value of one of the alternatives")

    return convert


def has_untagged_union(type_: Any) -> bool:
    """Return True if a type contains an untagged union at any depth."""
    stack, visited = [type_], set()
    while stack:
        type_ = stack.pop()
        if isinstance(type_, UntaggedUnion):
            return True
        if isinstance(type_, type) and (issubclass(type_, msgspec.Struct) or is_typeddict(type_)):
            if type_ not in visited:
                visited.add(type_)
                stack += _field_types(type_)
        else:
            stack += get_args(type_)
    return False


@lru_cache(maxsize=1024)
def _field_types(type_: type) -> tuple[Any, ...]:  # types
    return tuple(get_type_hints(type_, include_extras=True).values())
