"""Proof that a msgspec type guarantees a schema, by a walk through both.

A keyword is unproven unless it is certainly guaranteed. Values that msgspec rejects are not considered: the schema
validator decides about them.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from typing import TypeAlias

from msgspec import inspect

from tornado_ws.validation.schema_validator import SchemaValidator
from tornado_ws.validation.untagged_unions import UntaggedUnion, has_unread_values

from ..keywords.schema_index import SchemaIndex, SchemaNode
from ..source.document import Json
from .alternative_types import AlternativeTypes
from .arrays import unproven_of_array
from .disjoint import Known, is_disjoint
from .implications import Implications
from .objects import unproven_of_object
from .scalars import unproven_of_number, unproven_of_string
from .subschema_combinations import unproven_combinations, unproven_types
from .type_info import accepts_everything, json_type, without_metadata
from .unproven import CONSTANT, Location, Unproven, decodes_to_json, unproven

__all__ = ["Proof"]

MAX_DEPTH = 16
"""Limit for nested references."""
MAX_PARTS = 1000
"""Maximum number of parts of a value that are checked alone; parts of further parts are checked with these."""
MAX_SUMMARY = 8
"""Maximum number of keywords that are listed for something inside a part."""
UNSUPPORTED = ("$dynamicRef", "additionalItems", "dependencies")
"""Keywords that may reject values and are not analyzed."""
_Key: TypeAlias = tuple[SchemaNode, object]
"""Claim that a type guarantees a schema."""


class Proof:
    """Proofs about the types of one module.

    A proof about a value rests on claims about its items and properties. All claims are assumed until one fails; then
    the claims that rest on it are examined again. The remaining claims hold, even in a cycle, since each step of a
    cycle leads deeper into the value.
    """

    def __init__(self, index: SchemaIndex, validator: SchemaValidator, *, formats: bool) -> None:
        """Start without claims.

        Args:
            index: Index of the schema document.
            validator: Validator of the same document.
            formats: True if ``format`` is asserted.
        """
        self.index = index
        self.validator = validator
        self._formats = formats
        self._claims: dict[_Key, tuple[SchemaNode, inspect.Type]] = {}
        """All claims, with a reference to each type, which keeps its id unique."""
        self._alternatives = AlternativeTypes()
        self._disjoint: Known = {}
        self._implications = Implications(index)
        self._failed: set[_Key] = set()
        self._queue: list[_Key] = []
        self._dependents: dict[_Key, set[_Key]] = {}
        self._current: _Key | None = None
        self._verdicts: dict[object, bool] = {}
        """Verdicts about the current value, by schema and type, so that each is reached once."""
        self._walked: dict[object, bool] = {}
        """Schemas and types of the current value whose unproven keywords are collected; False until all are found."""
        self._depth = 0
        """Number of items and properties around the current value, while all unproven keywords are collected."""
        self._parts = 0
        """Number of parts with their own checks so far."""
        self._summaries: dict[_Key, tuple[tuple[str, str], ...]] = {}
        """Keywords and reasons of failed claims; empty while a claim is being examined."""
        self._stops_early = False
        """True while the first unproven keyword is enough."""

    def unproven(self, node: SchemaNode, type_: inspect.Type) -> list[Unproven]:
        """Return the keywords of the schema ``node`` that ``type_`` does not guarantee."""
        tagged = isinstance(type_, inspect.StructType)  # the runtime requires the tag of a single struct
        location = Location(pointer=node.pointer, is_json=decodes_to_json(type_) and not node.scope)
        self._parts = 0
        self._verdicts, self._walked = {}, {}
        return list(self.unproven_in_place(node, type_, location, tagged=tagged))

    def unproven_in_child(self, node: SchemaNode, type_: inspect.Type, location: Location) -> list[Unproven]:
        """Return the unproven keywords of an item or a property.

        Args:
            node: Schema of the item or property.
            type_: Type that msgspec decodes it as.
            location: Location of the item or property.
        """
        if accepts_everything(node.schema) or self._is_claimed(node, type_):
            return []
        if self._stops_early:
            return [unproven("$ref", node, location, "not proved")]
        if location.is_exact and self._parts < MAX_PARTS:
            self._parts += 1
            return self._walk_into(node, type_, location)
        return self._summary(node, type_, location.in_container())

    def _summary(self, node: SchemaNode, type_: inspect.Type, location: Location) -> list[Unproven]:
        """Return unproven keywords of something inside the part at ``location``, which is checked as a whole.

        So one keyword would do. Each claim is walked through once, however many parts contain it: a walk through all
        paths would take factorial time if all definitions refer to each other.
        """
        key = _key(node, type_)
        if key in self._summaries:
            known = self._summaries[key] or (("$ref", "recursive"),)
            return [unproven(keyword, node, location, reason) for keyword, reason in known]
        self._summaries[key] = ()  # incomplete
        found = self._walk_into(node, type_, location)
        self._summaries[key] = tuple(dict.fromkeys((one.keyword, one.reason) for one in found))[:MAX_SUMMARY]
        return found

    def _walk_into(self, node: SchemaNode, type_: inspect.Type, location: Location) -> list[Unproven]:
        if self._depth > MAX_DEPTH:
            return [unproven("$ref", node, location, "nested deeply")]
        self._depth += 1
        value = self._verdicts, self._walked
        self._verdicts, self._walked = {}, {}
        try:
            return list(self.unproven_in_place(node, type_, location))
        finally:
            self._depth -= 1
            self._verdicts, self._walked = value

    def unproven_in_place(
        self, node: SchemaNode, type_: inspect.Type, location: Location, *, tagged: bool = False
    ) -> Generator[Unproven, None, None]:
        """Yield the unproven keywords of a schema that applies to the same value as the schema of the caller.

        Args:
            node: Schema of the value.
            type_: Type of the value.
            location: Location of the value.
            tagged: True for one of several structs in a union, which always has its tag.
        """
        type_ = without_metadata(type_)
        if accepts_everything(node.schema):
            return
        if node.schema is False:
            yield unproven("false schema", node, location, "no value is valid")
            return
        match type_:
            case inspect.UnionType(types=types):
                several = sum(isinstance(without_metadata(member), inspect.StructType) for member in types) > 1
                for member in types:
                    yield from self.unproven_in_place(node, member, location.in_union(), tagged=several)
                return
            case inspect.LiteralType(values=values):
                for value in values:
                    yield from self.unproven_constant(node, value, location)
                return
        claim = (node, id(type_), tagged)
        if self._stops_early:
            if claim not in self._verdicts:
                self._verdicts[claim] = False  # the verdict for a schema that refers to itself
                with closing(self._unproven_keywords(node, type_, location, tagged)) as found:
                    self._verdicts[claim] = next(found, None) is None
            if not self._verdicts[claim]:
                yield unproven("$ref", node, location, "not proved")
            return
        walk = (*claim, location)
        if walk not in self._walked:
            self._walked[walk] = False
            yield from self._unproven_keywords(node, type_, location, tagged)
            self._walked[walk] = True
        elif not self._walked[walk]:
            yield unproven("$ref", node, location, "refers to itself")

    def guarantees(self, node: SchemaNode, type_: inspect.Type, *, tagged: bool = False) -> bool:
        """Return True if all values of ``type_`` are valid for ``node``, which applies to the current value."""
        if self.excludes(node, type_, tagged=tagged):
            return False
        return self._is_proved(node, type_, tagged=tagged)

    def excludes(self, node: SchemaNode, type_: inspect.Type, *, tagged: bool = False) -> bool:
        """Return True if no value of ``type_`` is valid for ``node``, which applies to the current value."""
        return is_disjoint(self, node, type_, tagged=tagged, known=self._disjoint)

    def unproven_constant(self, node: SchemaNode, value: Json, location: Location) -> list[Unproven]:
        """Return :data:`CONSTANT` as unproven if ``node`` may reject ``value``, which the type accepts."""
        if self.accepts_constant(node, value):
            return []
        return [unproven(CONSTANT, node, location, "the type accepts a value that the schema rejects")]

    def accepts_constant(self, node: SchemaNode, value: Json) -> bool:
        """Return True if ``node`` certainly accepts ``value``."""
        return not node.scope and self.validator.predicate(node.pointer)(value)

    def _is_claimed(self, node: SchemaNode, type_: inspect.Type) -> bool:
        """Return True if a claim about an item or property has not failed so far."""
        node = self.index.target(node)
        key = _key(node, type_)
        if key not in self._claims:
            self._claims[key] = node, type_
            self._queue.append(key)
            if self._current is None:
                self._settle()
        if self._current is not None:
            self._dependents.setdefault(key, set()).add(self._current)
        return key not in self._failed

    def _settle(self) -> None:
        """Examine claims until none is left."""
        verdicts = self._verdicts
        while self._queue:
            self._current = self._queue.pop()
            self._verdicts = {}
            if self._current not in self._failed and not self._is_proved(*self._claims[self._current]):
                self._failed.add(self._current)
                self._queue += self._dependents.get(self._current, ())
        self._current = None
        self._verdicts = verdicts

    def _is_proved(self, node: SchemaNode, type_: inspect.Type, *, tagged: bool = False) -> bool:
        before, self._stops_early = self._stops_early, True
        try:
            with closing(self.unproven_in_place(node, type_, Location(), tagged=tagged)) as found:
                return next(found, None) is None
        finally:
            self._stops_early = before

    def _unproven_keywords(
        self, node: SchemaNode, type_: inspect.Type, location: Location, tagged: bool
    ) -> Generator[Unproven, None, None]:
        if isinstance(type_, inspect.CustomType):
            yield from self._unproven_of_untagged(node, type_, location)
            return
        schema = node.keywords
        for keyword in UNSUPPORTED:
            if keyword in schema:
                yield unproven(keyword, node, location, "not analyzed")
        if "$ref" in schema:
            yield from self.unproven_in_place(self.index.follow(node, "$ref"), type_, location, tagged=tagged)
        yield from unproven_types(node, type_, location)
        known = json_type(type_)
        if known in ("string", None):
            yield from unproven_of_string(node, type_, location, formats=self._formats)
        if known in ("integer", "number", None):
            yield from unproven_of_number(node, type_, location)
        if known in ("array", None):
            yield from unproven_of_array(self, node, type_, location)
        if known in ("object", None):
            yield from unproven_of_object(self, node, type_, location, tagged=tagged)
        yield from unproven_combinations(self, node, type_, location, tagged=tagged)

    def _unproven_of_untagged(
        self, node: SchemaNode, type_: inspect.CustomType, location: Location
    ) -> Iterator[Unproven]:
        """Yield the unproven keywords of each alternative."""
        cls: object = type_.cls
        if not isinstance(cls, UntaggedUnion):
            yield unproven("type", node, location, f"{type_.cls.__name__} is not analyzed")
            return
        for position, (_, pointer) in enumerate(cls.alternatives):
            # the schema of an alternative accepts each decoded value, unless the union is recursive
            known = self._implications
            if not (pointer and not cls.evaluated.is_recursive and known.implies(known.pointer(pointer), node)):
                yield from self._unproven_of_alternative(node, cls, position, location)

    def _unproven_of_alternative(
        self, node: SchemaNode, union: UntaggedUnion, position: int, location: Location
    ) -> Iterator[Unproven]:
        info = self._alternatives.of(union, position)
        has_tag = isinstance(info, inspect.StructType) and union.tag is not None and union.tag.name == info.tag_field
        return self.unproven_in_place(node, info, location.in_union(), tagged=has_tag)

    def proves_alternative(self, union: UntaggedUnion, position: int) -> bool:
        """Return True if the type of an alternative guarantees its schema."""
        type_, pointer = union.alternatives[position]
        if has_unread_values(type_):
            return False  # the selection would accept them
        node = self.index.node(self._implications.pointer(pointer))
        return next(self._unproven_of_alternative(node, union, position, Location()), None) is None


def _key(node: SchemaNode, type_: inspect.Type) -> _Key:
    type_ = without_metadata(type_)
    return node, type_.cls if isinstance(type_, inspect.StructType) else id(type_)
