"""Dependencies between validators, and the order of their declarations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ... import model

__all__ = ["called_names", "declaration_order", "prune", "subvalidators"]


def _parts(validator: model.Validator) -> tuple[model.Validator, ...]:
    """Return the direct parts of a validator, without following calls."""
    match validator:
        case (
            model.All(validators=validators)
            | model.AnyOf(validators=validators)
            | model.ExactlyOne(validators=validators)
        ):
            return validators
        case (
            model.Not(validator=inner)
            | model.PropertyNames(validator=inner)
            | model.Contains(validator=inner)
            | model.Dependent(validator=inner)
            | model.Unevaluated(validator=inner)
        ):
            return (inner,)
        case model.Conditional(condition=condition, then=then, otherwise=otherwise):
            return condition, then, otherwise
        case model.Items(prefix=prefix, rest=rest):
            return (*prefix, *_optional(rest))
        case model.Properties(named=named, patterns=patterns, rest=rest):
            return (*(inner for _, inner in (*named, *patterns)), *_optional(rest))
        case _:
            return ()


def subvalidators(validators: Iterable[model.Validator]) -> Iterator[model.Validator]:
    """Yield ``validators`` and all their parts, recursively."""
    stack = [*validators]
    stack.reverse()
    while stack:
        validator = stack.pop()
        yield validator
        stack += reversed(_parts(validator))


def declaration_order(calls: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the names in an order that puts each validator before its callers, except within cycles.

    Args:
        calls: Names that each named validator calls.
    """
    order: list[str] = []
    visited: set[str] = set()

    def visit(name: str) -> None:
        if name not in visited:
            visited.add(name)
            for called in calls[name]:
                visit(called)
            order.append(name)

    for name in calls:
        visit(name)
    return order


def called_names(parts: Iterable[model.Validator]) -> tuple[str, ...]:
    """Return each name that one of ``parts`` calls, once."""
    return tuple(dict.fromkeys(part.name for part in parts if isinstance(part, model.Call)))


def prune(validator: model.Validator) -> model.Validator | None:
    """Return ``validator`` without parts that accept every value; None if nothing remains."""
    match validator:
        case model.Always(verdict=True):
            return None
        case model.All(validators=validators):
            kept = tuple(inner for inner in map(prune, validators) if inner is not None)
            return (kept[0] if len(kept) == 1 else model.All(validators=kept)) if kept else None
        case model.Properties():
            return _prune_properties(validator)
        case model.Items(prefix=prefix, rest=rest):
            kept_rest = None if rest is None else prune(rest)
            if kept_rest is None and all(prune(inner) is None for inner in prefix):
                return None
            return model.Items(prefix=tuple(map(_pruned, prefix)), rest=kept_rest)
        case model.Contains(minimum=0, maximum=None):
            return None
        case model.PropertyNames(validator=inner) | model.Dependent(validator=inner) if prune(inner) is None:
            return None
        case model.Conditional(then=then, otherwise=otherwise) if prune(then) is None and prune(otherwise) is None:
            return None
        case _:
            return validator


def _prune_properties(validator: model.Properties) -> model.Validator | None:
    rest = None if validator.rest is None else prune(validator.rest)
    patterns = tuple((pattern, _pruned(inner)) for pattern, inner in validator.patterns)
    if rest is not None:
        named = tuple((name, _pruned(inner)) for name, inner in validator.named)
        return model.Properties(named=named, patterns=patterns, rest=rest)
    named = tuple((name, kept) for name, inner in validator.named if (kept := prune(inner)) is not None)
    patterns = tuple(pair for pair in patterns if pair[1] != model.Always(verdict=True))
    return model.Properties(named=named, patterns=patterns) if named or patterns else None


def _pruned(validator: model.Validator) -> model.Validator:
    kept = prune(validator)
    return model.Always(verdict=True) if kept is None else kept


def _optional(validator: model.Validator | None) -> tuple[model.Validator, ...]:
    return () if validator is None else (validator,)
