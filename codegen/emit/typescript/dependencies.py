"""Dependencies between validators, and the order of their declarations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ... import model

__all__ = ["below", "declaration_order", "everything", "prune"]


def below(check: model.Check) -> tuple[model.Check, ...]:
    """Return the direct parts of a validator, without following calls."""
    match check:
        case model.All(checks=checks) | model.AnyOf(checks=checks) | model.ExactlyOne(checks=checks):
            return checks
        case (
            model.Not(check=inner)
            | model.Names(check=inner)
            | model.Contains(check=inner)
            | model.Dependent(check=inner)
            | model.Unevaluated(check=inner)
        ):
            return (inner,)
        case model.Branch(condition=condition, then=then, otherwise=otherwise):
            return condition, then, otherwise
        case model.Items(prefix=prefix, rest=rest):
            return (*prefix, *_some(rest))
        case model.Properties(named=named, patterns=patterns, rest=rest):
            return (*(inner for _, inner in (*named, *patterns)), *_some(rest))
        case _:
            return ()


def everything(checks: Iterable[model.Check]) -> Iterator[model.Check]:
    """Yield ``checks`` and all their parts."""
    for check in checks:
        yield check
        yield from everything(below(check))


def declaration_order(named: Mapping[str, model.Check]) -> list[str]:
    """Return the names in an order in which each validator precedes its callers, except within cycles."""
    order: list[str] = []
    visited: set[str] = set()

    def visit(name: str) -> None:
        if name not in visited:
            visited.add(name)
            for called in calls(named[name]):
                visit(called)
            order.append(name)

    for name in named:
        visit(name)
    return order


def calls(check: model.Check) -> Iterator[str]:
    """Yield the names that a validator calls directly."""
    return (inner.name for inner in everything([check]) if isinstance(inner, model.Call))


def prune(check: model.Check) -> model.Check | None:
    """Return ``check`` without the parts that accept every value; None if nothing remains."""
    match check:
        case model.Always(verdict=True):
            return None
        case model.All(checks=checks):
            kept = tuple(inner for inner in map(prune, checks) if inner is not None)
            return (kept[0] if len(kept) == 1 else model.All(checks=kept)) if kept else None
        case model.Properties():
            return _prune_properties(check)
        case model.Items(prefix=prefix, rest=rest):
            kept_rest = None if rest is None else prune(rest)
            if kept_rest is None and all(prune(inner) is None for inner in prefix):
                return None
            return model.Items(prefix=tuple(map(_pruned, prefix)), rest=kept_rest)
        case model.Contains(least=0, most=None):
            return None
        case model.Names(check=inner) | model.Dependent(check=inner) if prune(inner) is None:
            return None
        case model.Branch(then=then, otherwise=otherwise) if prune(then) is None and prune(otherwise) is None:
            return None
        case _:
            return check


def _prune_properties(check: model.Properties) -> model.Check | None:
    rest = None if check.rest is None else prune(check.rest)
    patterns = tuple((pattern, _pruned(inner)) for pattern, inner in check.patterns)
    if rest is not None:
        named = tuple((name, _pruned(inner)) for name, inner in check.named)
        return model.Properties(named=named, patterns=patterns, rest=rest)
    named = tuple((name, kept) for name, inner in check.named if (kept := prune(inner)) is not None)
    patterns = tuple(pair for pair in patterns if pair[1] != model.Always(verdict=True))
    return model.Properties(named=named, patterns=patterns) if named or patterns else None


def _pruned(check: model.Check) -> model.Check:
    kept = prune(check)
    return model.Always(verdict=True) if kept is None else kept


def _some(check: model.Check | None) -> tuple[model.Check, ...]:
    return () if check is None else (check,)
