"""Verdicts on the parts of one value, such as on the same alternatives at each level, in linear time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any, TypeAlias

from .keyword_handlers import plan
from .references import References
from .schema_walk import Compile, KeywordPredicate, Predicate, Walk

__all__ = ["NestedVerdicts"]

SHALLOW = 16
"""Levels of arrays and objects in a value up to which jsonschema-rs judges it, and each of its parts again."""
Plain: TypeAlias = Any
"""JSON value."""


class NestedVerdicts:
    """Verdicts on the parts of one value.

    jsonschema-rs reads a value with all its parts for each verdict, which takes quadratic time if each level of a deep
    value needs one. The parts of deep values are judged from the innermost ones outward, with the verdicts on their
    own parts.
    """

    def __init__(
        self,
        references: References,
        compile_: Compile,
        predicate_of_keyword: KeywordPredicate,
        predicate: Callable[[str], Predicate],
        local_test: Callable[[str], Predicate | None],
        *,
        formats: bool,
    ) -> None:
        """Start without verdicts.

        Args:
            references: Index of the schema document.
            compile_: Function that compiles schemas; they may refer to the document by absolute URIs.
            predicate_of_keyword: Function from a keyword, such as ``pattern``, and its value to a predicate.
            predicate: Function from the JSON Pointer or URI of a schema to its predicate.
            local_test: Function from the JSON Pointer or URI of a schema to the result of :func:`.local_test`.
            formats: True if ``format`` is asserted.
        """
        self._references = references
        self._predicate = predicate
        self._local_test = local_test
        self._walk = Walk(
            references, compile_, predicate_of_keyword, plan, formats=formats, is_shallow=self._is_shallow
        )
        self._heights: dict[int, int] = {}
        """Levels of arrays and objects, by the identity of the value; the caller keeps all values."""
        self._verdicts: dict[tuple[str, int], bool] = {}
        """Verdicts on deep values, by the schema and the identity of the value."""

    def may_accept(self, pointer: str, plain: Plain) -> bool:
        """Return False if a schema rejects a part of the value by properties that are cheap to read."""
        test = self._local_test(pointer)
        return test is None or test(plain)

    def accepts(self, pointer: str, plain: Plain, others: Collection[str] = ()) -> bool:
        """Return True if a schema accepts a part of the value.

        Args:
            pointer: JSON Pointer or URI of the schema.
            plain: Part of the value.
            others: Schemas of the other alternatives, which are needed for parts of the part.
        """
        if self._is_shallow(plain):
            return self._predicate(pointer)(plain)
        for part in self._unjudged(pointer, plain):
            for schema in (pointer, *others):
                self._judge(schema, part)
        return self._verdicts[pointer, id(plain)]

    def _judge(self, pointer: str, plain: Plain) -> None:
        key = pointer, id(plain)
        if key in self._verdicts:
            return
        try:
            schema, scope = self._references.at(pointer)
            self._verdicts[key] = self._walk.accepts(schema, plain, scope)
        except (LookupError, RecursionError, ValueError):
            self._walk.reset()
            self._verdicts[key] = self._predicate(pointer)(plain)

    def _unjudged(self, pointer: str, plain: Plain) -> Iterator[Plain]:
        """Yield the deep parts without a verdict, and the value itself after them."""
        stack = [(plain, False)]
        while stack:
            part, are_inner_judged = stack.pop()
            if are_inner_judged:
                yield part
            elif (pointer, id(part)) not in self._verdicts:
                stack.append((part, True))
                stack += [(inner, False) for inner in _containers(part) if not self._is_shallow(inner)]

    def _is_shallow(self, plain: Plain) -> bool:
        if type(plain) is not dict and type(plain) is not list:
            return True
        if id(plain) not in self._heights:
            self._measure(plain)
        return self._heights[id(plain)] <= SHALLOW

    def _measure(self, plain: Plain) -> None:
        """Record the levels of a value and of all its parts."""
        stack = [plain]
        while stack:
            part = stack[-1]
            inner = [one for one in _containers(part) if id(one) not in self._heights]
            if inner:
                stack += inner
            else:
                self._heights[id(part)] = 1 + max((self._heights[id(one)] for one in _containers(part)), default=0)
                stack.pop()


def _containers(plain: Plain) -> list[Plain]:
    """Return the arrays and objects directly inside of one."""
    return [one for one in (plain.values() if type(plain) is dict else plain) if type(one) is dict or type(one) is list]
