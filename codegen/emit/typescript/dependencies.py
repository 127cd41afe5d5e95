"""Finds what checks consist of, and in which order they can be declared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ... import model

__all__ = ["below", "declaration_order", "everything", "prune"]


def below(check: model.Validator) -> tuple[model.Validator, ...]:
    """Return the checks that a check is made of, without following calls."""
    match check:
        case model.All(validators=checks) | model.AnyOf(validators=checks) | model.ExactlyOne(validators=checks):
            return checks
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
            return (*prefix, *_some(rest))
        case model.Properties(named=named, patterns=patterns, rest=rest):
            return (*(inner for _, inner in (*named, *patterns)), *_some(rest))
        case _:
            return ()


def everything(checks: Iterable[model.Validator]) -> Iterator[model.Validator]:
    """Yield ``checks`` and all that they are made of."""
    for check in checks:
        yield check
        yield from everything(below(check))


def declaration_order(named: Mapping[str, model.Validator]) -> list[str]:
    """Return the names such that a check stands before those that call it, except where they call in circles."""
    order: list[str] = []
    seen: set[str] = set()

    def visit(name: str) -> None:
        if name not in seen:
            seen.add(name)
            for called in calls(named[name]):
                visit(called)
            order.append(name)

    for name in named:
        visit(name)
    return order


def calls(check: model.Validator) -> Iterator[str]:
    """Yield the names that a check calls itself."""
    return (inner.name for inner in everything([check]) if isinstance(inner, model.Call))


def prune(check: model.Validator) -> model.Validator | None:
    """Return ``check`` without what refuses nothing; None if nothing remains."""
    match check:
        case model.Always(verdict=True):
            return None
        case model.All(validators=checks):
            kept = tuple(inner for inner in map(prune, checks) if inner is not None)
            return (kept[0] if len(kept) == 1 else model.All(validators=kept)) if kept else None
        case model.Properties():
            return _prune_properties(check)
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
            return check


def _prune_properties(check: model.Properties) -> model.Validator | None:
    rest = None if check.rest is None else prune(check.rest)
    patterns = tuple((pattern, _pruned(inner)) for pattern, inner in check.patterns)
    if rest is not None:
        named = tuple((name, _pruned(inner)) for name, inner in check.named)
        return model.Properties(named=named, patterns=patterns, rest=rest)
    named = tuple((name, kept) for name, inner in check.named if (kept := prune(inner)) is not None)
    patterns = tuple(pair for pair in patterns if pair[1] != model.Always(verdict=True))
    return model.Properties(named=named, patterns=patterns) if named or patterns else None


def _pruned(check: model.Validator) -> model.Validator:
    kept = prune(check)
    return model.Always(verdict=True) if kept is None else kept


def _some(check: model.Validator | None) -> tuple[model.Validator, ...]:
    return () if check is None else (check,)
