"""Walk through a schema and a value together: the first fault of the value, or the verdict on it.

jsonschema-rs decides if a message is valid. The walk locates the error, or judges many parts of one value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, TypeAlias

from .assertions import Assertion, expected
from .references import References, Scope, has_references
from .tag_table import TagTable, tag_of

__all__ = [
    "BATCH_FROM_VALUES",
    "Applicator",
    "Compile",
    "Evaluated",
    "Fault",
    "KeywordPredicate",
    "Plan",
    "Predicate",
    "Walk",
]

Predicate: TypeAlias = Callable[[Any], bool]
Compile: TypeAlias = Callable[[Any], Predicate]
"""Function that compiles a schema with jsonschema-rs."""
KeywordPredicate: TypeAlias = Callable[[str, Any], Predicate]
"""Function from a keyword and its value to a predicate by jsonschema-rs."""
Fault: TypeAlias = tuple[str, Any]
"""Keyword that rejects a value, and its expected value: of the keyword, or :class:`.TagValues`; None for no value."""
Evaluated: TypeAlias = set[str | int] | None
"""Evaluated names and indices, for ``unevaluatedProperties`` and ``unevaluatedItems``; None if not needed."""
Applicator: TypeAlias = Callable[["Walk", Any, Any, Scope, Evaluated], Fault | None]
"""Function that returns the first fault of a value by one keyword of a schema."""
Plan: TypeAlias = tuple[list[tuple[str, Assertion | None, Applicator | None]], bool, str]
"""Handlers of keywords in order, True with ``unevaluated…`` keywords, and the reference at the end."""

MAX_DEPTH = 2_000
"""Maximum number of nested schemas. Python's recursion limit is usually reached first."""
FIRST_VALUES = 16
"""Number of values that are always checked one by one, since the first value is invalid most often."""
BATCH_FROM_VALUES = 256
"""Number of values from which jsonschema-rs validates them in batches."""
BATCH_SIZE = 1024
"""Number of values in one batch."""
BATCH_FROM_STEPS = 200
"""Number of entered schemas from which jsonschema-rs skips valid arrays, objects and unions."""
IN_PLACE = frozenset({"$dynamicRef", "$ref", "allOf", "anyOf", "if", "not", "oneOf"})
"""Keywords whose subschemas apply to the same value."""


class Walk:
    """One walk through a schema and a value."""

    def __init__(
        self,
        references: References,
        compile_: Compile,
        predicate_of_keyword: KeywordPredicate,
        plan: Callable[[tuple[str, ...]], Plan],
        *,
        formats: bool,
        is_shallow: Callable[[Any], bool] | None = None,
    ) -> None:
        """Start a walk.

        Args:
            references: Index of the schema document.
            compile_: Function that compiles schemas; they may refer to the document by absolute URIs.
            predicate_of_keyword: Function from a keyword, such as ``pattern``, and its value to a predicate.
            plan: Function from the keywords of a schema to their handlers.
            formats: True if ``format`` is asserted.
            is_shallow: Test of an array or object, if the walk judges many parts of one value: jsonschema-rs judges
                the shallow ones, and the walk judges each other one once for each schema.
        """
        self.steps: list[str | int] = []
        """Path of the current value; once an error is found, the path of the invalid value."""
        self.reported_steps: int | None = None
        """Number of steps that may be reported; None for all steps."""
        self.unnamed: str | None = None
        """Name of the property at that place that contains the error, if the schema does not contain the name."""
        self._references = references
        self._compile = compile_
        self.predicate = predicate_of_keyword
        self.formats = formats
        self._plan = plan
        self._is_shallow = is_shallow
        self.batches_items = is_shallow is None
        """True if jsonschema-rs may judge many items or properties at once."""
        self._probing = False
        """True if only the existence of a fault matters."""
        self._level = 0
        self._entered = 0
        self._batch_from = BATCH_FROM_STEPS
        self._pause = BATCH_FROM_STEPS
        """Number of entered schemas after an invalid batch without further ones; it doubles each time, so that all
        batches together take hardly more time than one."""
        self._verdicts: dict[tuple[int, int, Scope], bool] = {}
        """Verdicts on arrays and objects, by the identities of the schema and the value."""
        self._predicates: dict[Any, Predicate] = {}
        self._tag_tables: dict[tuple[int, str], TagTable | None] = {}
        """Tables of tags, by the identity of the schema and the keyword of the union."""

    def find(self, schema: Any, value: Any, keyword: str, scope: Scope, evaluated: Evaluated = None) -> Fault | None:
        """Return the first fault of a value.

        Args:
            schema: JSON Schema.
            value: JSON value.
            keyword: Keyword that contains the schema.
            scope: Scope of the enclosing schema.
            evaluated: Set to which the names and indices that the schema evaluates are added, if the value is valid.
        """
        outer, level = evaluated, self._level
        known = []
        while True:
            if schema is True:
                break
            if schema is False:
                return keyword, None
            if outer is None and (type(value) is dict or type(value) is list):
                key = id(schema), id(value), scope
                verdict = self._verdicts.get(key)
                if verdict:
                    break
                if verdict is False and self._probing:
                    return keyword, None
                known.append(key)
            self._entered += 1
            self._level += 1
            if self._level > MAX_DEPTH:
                raise RecursionError
            if outer is None and self._should_batch(schema, value) and self.can_batch(schema, scope):
                if self.batch("items", schema)([value]):
                    break
                if self._probing:
                    if known:
                        self._verdicts[known[-1]] = False
                    return keyword, None
                self._pause *= 2
                self._batch_from = self._entered + self._pause
            if "$id" in schema:
                scope = self._references.enter(schema, scope)
            handlers, unevaluated, reference = self._plan(tuple(schema))
            if unevaluated:
                evaluated = set()
            for keyword, assertion, applicator in handlers:
                if assertion is not None:
                    if not assertion(schema[keyword], value):
                        return keyword, expected(keyword, schema[keyword])
                elif applicator is not None:
                    fault = applicator(self, schema, value, scope, evaluated)
                    if fault is not None:
                        return fault
            if reference:  # the last keyword: a loop instead of a call keeps the stack flat
                keyword = reference
                schema, scope = self.follow(reference, schema, scope)
                continue
            if unevaluated and outer is not None and evaluated:
                outer |= evaluated
            break
        self._level = level
        self._verdicts.update(dict.fromkeys(known, True))
        return None

    def _should_batch(self, schema: Any, value: Any) -> bool:
        """Return True if jsonschema-rs is to judge the value as a whole."""
        if self._is_shallow is not None:
            return (type(value) is dict or type(value) is list) and self._is_shallow(value)
        return self._entered > self._batch_from and (isinstance(value, list | dict) or not IN_PLACE.isdisjoint(schema))

    def reset(self) -> None:
        """Forget the current place after an exception, but no verdict."""
        self.steps.clear()
        self.reported_steps, self.unnamed, self._probing, self._level = None, None, False, 0

    def accepts(self, schema: Any, value: Any, scope: Scope, evaluated: Evaluated = None) -> bool:
        """Return True if a schema accepts the value; only then are its names and indices evaluated."""
        outer, probing, depth, level = self.reported_steps, self._probing, len(self.steps), self._level
        if outer is None:
            self.reported_steps = depth
        self._probing = True
        found: Evaluated = None if evaluated is None else set()
        try:
            accepted = self.find(schema, value, "", scope, found) is None
        except RecursionError:
            if evaluated is not None or self._is_shallow is not None or not self.can_batch(schema, scope):
                raise
            accepted = self.batch("items", schema)([value])
        if not accepted:
            del self.steps[depth:]
            self._level = level
            if evaluated is None and (type(value) is dict or type(value) is list):
                self._verdicts[id(schema), id(value), scope] = False
        elif evaluated is not None and found:
            evaluated |= found
        self.reported_steps, self._probing = outer, probing
        return accepted

    def find_unnamed(
        self, schema: Any, values: Sequence[Any], keyword: str, scope: Scope, names: Sequence[str] = ()
    ) -> Fault | None:
        """Return the first fault of values that the schema does not name; its pointer is that of the enclosing value.

        Args:
            schema: JSON Schema of each value.
            values: JSON values.
            keyword: Keyword that contains the schema.
            scope: Scope of the enclosing schema.
            names: Names of the properties with these values; empty for items.
        """
        outer, depth = self.reported_steps, len(self.steps)
        if outer is None:
            self.reported_steps = depth
        for index in self.candidates(schema, values, scope):
            fault = self.find(schema, values[index], keyword, scope)
            if fault is not None:
                del self.steps[depth:]
                if outer is None and names:
                    self.unnamed = names[index]
                return fault
        self.reported_steps = outer
        return None

    def candidates(self, schema: Any, values: Sequence[Any], scope: Scope) -> Iterable[int]:
        """Return the indices of values that may be invalid, in order, without batches that are valid."""
        if len(values) < BATCH_FROM_VALUES or not self.batches_items or not self.can_batch(schema, scope):
            return range(len(values))
        return chain(range(FIRST_VALUES), self._candidates_of_many(schema, values))

    def _candidates_of_many(self, schema: Any, values: Sequence[Any]) -> Iterator[int]:
        all_valid = self.batch("items", schema)
        for start in range(FIRST_VALUES, len(values), BATCH_SIZE):
            chunk = values[start : start + BATCH_SIZE]
            if not all_valid(chunk):
                low, high = 0, len(chunk)
                while high - low > 1:
                    middle = (low + high) // 2
                    if all_valid(chunk[low:middle]):
                        low = middle
                    else:
                        high = middle
                yield from range(start + low, len(values))
                return

    def can_batch(self, schema: Any, scope: Scope) -> bool:
        """Return True if validity does not depend on the dynamic scope, so that jsonschema-rs can decide it."""
        return isinstance(schema, dict) and self._references.is_static(schema, scope)

    def batch(self, keyword: str, schema: Any, **others: Any) -> Predicate:
        """Return the predicate for an applicator, such as ``items``, with a schema of the document as its value."""
        key = keyword, id(schema), *others.items()
        if key not in self._predicates:
            subschema = {"$ref": self._references.uri(schema)} if has_references(schema) else schema
            self._predicates[key] = self._compile({keyword: subschema, **others})
        return self._predicates[key]

    def follow(self, keyword: str, schema: Any, scope: Scope) -> tuple[Any, Scope]:
        """Return the schema to which a reference resolves, and its scope."""
        return self._references.follow(schema[keyword], scope, dynamic=keyword == "$dynamicRef")

    def tag_table(self, schema: Any, keyword: str) -> TagTable | None:
        """Return the table of the tag of a union; None if it has none."""
        key = id(schema), keyword
        if key not in self._tag_tables:
            tag = tag_of(schema, keyword)
            self._tag_tables[key] = None if tag is None else TagTable(tag)
        return self._tag_tables[key]
