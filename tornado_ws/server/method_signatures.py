"""Signatures of methods as text, for errors about handler classes."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

__all__ = ["call_of", "definition_of", "signature_of"]


def signature_of(function: Callable[..., Any]) -> inspect.Signature | None:
    """Return the signature of a callable itself, not of the one that it wraps.

    It is None for one that has no signature, such as the result of :func:`functools.cache`.
    """
    try:
        return inspect.signature(function, follow_wrapped=False)
    except (TypeError, ValueError):
        return None


def call_of(name: str, method: Callable[..., Any]) -> str:
    """Return the name and the parameters of a method, such as ``on_add(self, add)``, without annotations."""
    found = inspect.signature(method, follow_wrapped=False)
    bare = [one.replace(annotation=one.empty) for one in _without_positional_only(found)]
    return f"{name}{found.replace(parameters=bare, return_annotation=found.empty)}"


def definition_of(name: str, method: Callable[..., Any], returned: str = "") -> str:
    """Return the definition that implements an abstract method, such as ``async def on_add(self, add: Add) -> None``.

    It is asynchronous for each of them: a method for a stream is usually an asynchronous generator.

    Args:
        name: Name of the method.
        method: Abstract method, whose module has annotations as text. Its variable parameters are optional.
        returned: Type of the result; by default that of the abstract method.
    """
    found = inspect.signature(method, follow_wrapped=False)
    parameters = [one for one in found.parameters.values() if one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)]
    texts = [one.name if one.annotation is one.empty else f"{one.name}: {one.annotation}" for one in parameters]
    kinds = [one.kind for one in parameters]
    if inspect.Parameter.KEYWORD_ONLY in kinds:
        texts.insert(kinds.index(inspect.Parameter.KEYWORD_ONLY), "*")
    return f"async def {name}({', '.join(texts)}) -> {returned or found.return_annotation}"


def _without_positional_only(signature: inspect.Signature) -> list[inspect.Parameter]:
    return [
        one.replace(kind=one.POSITIONAL_OR_KEYWORD) if one.kind is one.POSITIONAL_ONLY else one
        for one in signature.parameters.values()
    ]
