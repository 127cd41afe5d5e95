"""Types whose members msgspec cannot tell apart: the schemas tell."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any, get_args, get_type_hints, is_typeddict

import msgspec

from .json_values import integral
from .schema_validator import SchemaValidator

__all__ = ["UntaggedUnion", "holds_untagged", "hook", "untagged"]


class UntaggedUnion(type):
    """A type of such types. msgspec hands what it finds in their places to :func:`hook`."""

    members: tuple[tuple[str, str], ...]
    home: str
    known: tuple[tuple[Any, str], ...] | None

    def __instancecheck__(cls, instance: object) -> bool:
        """Let msgspec take whatever the hook returns."""
        return True

    @property
    def alternatives(cls) -> tuple[tuple[Any, str], ...]:  # Any: types
        """What to try, in order, and where the schemas are; only known when the whole module is."""
        if cls.known is None:
            cls.known = cls._find()
        return cls.known

    def _find(cls) -> tuple[tuple[Any, str], ...]:
        holder = type(
            "Alternatives", (), {"__annotations__": {f"_{at}": kind for at, (kind, _) in enumerate(cls.members)}}
        )
        kinds = get_type_hints(holder, vars(sys.modules[cls.home]), include_extras=True)
        return tuple(zip(kinds.values(), (pointer for _, pointer in cls.members), strict=True))


def untagged(name: str, home: str, *members: tuple[str, str]) -> Any:  # a type, for generated code
    """Return a type that is any of ``members``.

    Args:
        name: what it is called.
        home: name of the module in which its members are defined, at the latest when the module is complete.
        members: types as code, in the order in which to try them, and the JSON Pointers to their schemas; these are
            empty where there is no schema of its own.
    """
    return UntaggedUnion(name, (), {"members": members, "home": home, "known": None, "__module__": home})


def hook(judge: SchemaValidator, *, strict: bool = True) -> Callable[[Any, Any], Any]:
    """Return what msgspec calls with an untagged type and the plain value that it found.

    Args:
        judge: decides which alternative a value is.
        strict: whether it can be none that the judge refuses. A dynamic reference may lead elsewhere from where the
            value stands, so that it is valid there.
    """

    def convert(kind: Any, plain: Any) -> Any:
        refused: list[Any] = []
        for alternative, pointer in kind.alternatives:
            if pointer and not judge.predicate(pointer)(plain):
                refused.append(alternative)
                continue
            for candidate in (plain, integral(plain)):
                try:
                    return msgspec.convert(candidate, alternative, dec_hook=convert)
                except msgspec.ValidationError:
                    continue
        for alternative in refused if not strict else ():
            try:
                return msgspec.convert(plain, alternative, dec_hook=convert)
            except msgspec.ValidationError:
                continue
        raise ValueError("expected what one of the alternatives describes")

    return convert


def holds_untagged(kind: Any) -> bool:  # a type
    """Tell whether there is an untagged type in a type."""
    waiting, known = [kind], set()
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, UntaggedUnion):
            return True
        if isinstance(kind, type) and (issubclass(kind, msgspec.Struct) or is_typeddict(kind)):
            if kind not in known:
                known.add(kind)
                waiting += _attributes(kind)
        else:
            waiting += get_args(kind)
    return False


@lru_cache(maxsize=1024)
def _attributes(kind: type) -> tuple[Any, ...]:  # types
    return tuple(get_type_hints(kind, include_extras=True).values())
