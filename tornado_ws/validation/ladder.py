"""Ladders: find the first keyword that refuses a value, where that is all there is to tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..errors import ErrorData
from .branches import COMPANIONS, ORDER
from .faults import told
from .ordered import UNEVALUATED, step

__all__ = ["Ladder"]

Predicate = Callable[[Any], bool]
Tester = Callable[[str, Any], Predicate]
"""Returns the test of a schema, given the JSON Pointer to it and the schema itself."""

TOLD = frozenset({"type", "const", "enum", "multipleOf", "uniqueItems", "pattern", "format"})
TOLD |= {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "required", "dependentRequired"}
TOLD |= {"minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"}
"""Keywords without companions, of which the same is told whatever they refuse."""
CLOSING = frozenset({"additionalProperties", "patternProperties", "properties"})
DECIDING = frozenset({*ORDER, *(companion for companions in COMPANIONS.values() for companion in companions)})
"""Keywords of branches; all others refuse nothing, or come last."""
MOST = 48
"""With so many rungs a ladder takes as long as the validator takes to raise an exception."""


class Ladder:
    """The tests of one schema of an :class:`~.ordered.Ordered` document, in their order.

    The validator finds the same, but it takes most of the time of a refusal to put its exception together.
    """

    def __init__(
        self, pointer: str, schema: Any, tester: Tester, patterns: Mapping[str, str], steps: tuple[str, ...] = ()
    ) -> None:
        """Prepare; nothing is compiled before the first fault is looked for.

        Args:
            pointer: where the schema is.
            schema: it is JSON.
            tester: compiles what is tested.
            patterns: how patterns are spelled in the schema of the user, where the validator has another spelling.
            steps: names of the properties that lead to the value.
        """
        self._pointer = pointer
        self._schema = schema
        self._tester = tester
        self._patterns = patterns
        self._steps = steps
        self._rungs: list[_Rung] | None = None

    def find(self, value: Any) -> ErrorData | None:
        """Return the first fault of a value; None if only the validator can tell it, or if there is none."""
        if self._rungs is None:
            self._rungs = list(self._climb())
        for rung in self._rungs:
            if not rung.accepts(value):
                return rung.error if rung.below is None else rung.below.find(value[rung.name])
        return None

    def _climb(self) -> Iterator[_Rung]:
        parts = list(_parts(self._schema, self._pointer))
        for pointer, keyword, part in parts if len(parts) <= MOST else ():
            accepts = self._tester(pointer, part)
            if keyword == "properties":
                ((name, schema),) = part[keyword].items()  # each of them has a branch of its own
                below = f"{pointer}/properties{step(name)}"
                steps = (*self._steps, name)
                yield _Rung(accepts, None, name, Ladder(below, schema, self._tester, self._patterns, steps))
            elif keyword:
                yield _Rung(accepts, told(keyword, _stated(keyword, part[keyword]), self._steps, self._patterns))
            else:
                yield _Rung(accepts, None)


class _Rung:
    """One test, and what is known when a value fails it."""

    def __init__(
        self, accepts: Predicate, error: ErrorData | None, name: str = "", below: Ladder | None = None
    ) -> None:
        self.accepts = accepts
        self.error = error
        self.name = name
        self.below = below
        """Finds the fault in the property of that name."""


def _parts(schema: Any, pointer: str) -> Iterator[tuple[str, str, Any]]:
    """Yield what a schema says, one thing after the other: where, the keyword if it is one alone, and the schema."""
    if not isinstance(schema, dict):
        yield pointer, "", schema
        return
    for at, one in enumerate(schema.get("allOf", ())):
        yield from _parts(one, f"{pointer}/allOf/{at}")
    said = {keyword: value for keyword, value in schema.items() if keyword in DECIDING and keyword != "allOf"}
    last = schema.keys() & UNEVALUATED
    if said.get("additionalProperties") is False and said.keys() <= CLOSING:
        yield pointer, "additionalProperties", said
    elif said.keys() <= TOLD | {"properties"}:
        yield from ((pointer, keyword, {keyword: value}) for keyword, value in said.items())
    else:
        yield pointer, "", said
    if last:
        keyword = min(last)
        yield pointer, keyword if len(last) == 1 and schema[keyword] is False else "", schema


def _stated(keyword: str, value: Any) -> Any:  # JSON values
    """Return what the validator says of a keyword: of those that name several properties, the one that is missing."""
    if keyword == "dependentRequired":
        ((missing,),) = value.values()
        return missing
    return value[0] if keyword == "required" else _sorted(value)


def _sorted(value: Any) -> Any:  # JSON values
    """Return a value whose objects have their names in the order in which the validator tells them."""
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value
