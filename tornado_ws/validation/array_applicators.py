"""Applicators for the items of arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .references import Scope
from .schema_walk import BATCH_FROM_VALUES, Applicator, Evaluated, Fault, Walk

__all__ = ["ARRAY_APPLICATORS"]


def _prefix_items(walk: Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    if isinstance(value, list):
        for index, (subschema, item) in enumerate(zip(schema["prefixItems"], value, strict=False)):
            walk.steps.append(index)
            fault = walk.find(subschema, item, "prefixItems", scope)
            if fault is not None:
                return fault
            walk.steps.pop()
            if evaluated is not None:
                evaluated.add(index)
    return None


def _items(walk: Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    if isinstance(value, list):
        subschema, first = schema["items"], len(schema.get("prefixItems", ()))
        rest = value[first:] if first else value
        for index in walk.candidates(subschema, rest, scope):
            walk.steps.append(first + index)
            fault = walk.find(subschema, rest[index], "items", scope)
            if fault is not None:
                return fault
            walk.steps.pop()
        if evaluated is not None:
            evaluated.update(range(first, len(value)))
    return None


def _contains(walk: Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    if not isinstance(value, list):
        return None
    minimum, maximum, subschema = schema.get("minContains"), schema.get("maxContains"), schema["contains"]
    is_long = len(value) >= BATCH_FROM_VALUES and walk.batches_items
    if is_long and evaluated is None and walk.can_batch(subschema, scope):
        many = maximum is not None and not walk.batch("contains", subschema, minContains=0, maxContains=maximum)(value)
        few = not walk.batch("contains", subschema, minContains=1 if minimum is None else minimum)(value)
    else:
        found = [index for index, item in enumerate(value) if walk.accepts(subschema, item, scope)]
        many = maximum is not None and len(found) > maximum
        few = len(found) < (1 if minimum is None else minimum)
        if evaluated is not None:
            evaluated.update(found)
    if many or few:
        without_minimum = "contains" if maximum is None else "maxContains"
        return ("maxContains" if many else without_minimum if minimum is None else "minContains"), None
    return None


def _unevaluated_items(walk: Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    if not isinstance(value, list) or evaluated is None:
        return None
    rest = [item for index, item in enumerate(value) if index not in evaluated]
    evaluated.update(range(len(value)))
    fault = walk.find_unnamed(schema["unevaluatedItems"], rest, "unevaluatedItems", scope)
    return None if fault is None else ("unevaluatedItems", None)


ARRAY_APPLICATORS: Mapping[str, Applicator] = {
    "prefixItems": _prefix_items,
    "items": _items,
    "contains": _contains,
    "unevaluatedItems": _unevaluated_items,
}
