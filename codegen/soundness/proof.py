"""The proof: walks a schema and a type side by side, and finds the keywords that the type does not guarantee.

What is not surely guaranteed is a gap. Nothing is claimed of what msgspec refuses: the schema judges that.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from typing import TypeAlias

from msgspec import inspect

from tornado_ws.validation.schema_validator import SchemaValidator
from tornado_ws.validation.untagged_unions import UntaggedUnion

from ..keywords.schema_index import Index, Node
from ..keywords.vocabulary import ANNOTATIONS
from ..source.document import Json
from .arrays import array_gaps
from .disjoint import is_disjoint
from .objects import object_gaps
from .scalars import number_gaps, string_gaps
from .type_info import is_trivial, kind, stripped
from .unproven import Place, Unproven, is_plain

__all__ = ["Proof"]

ADMITTED: dict[str, list[Json]] = {"null": [None], "boolean": [True, False]}
"""All values of the types that have few."""
DEEPEST = 16
"""So many references after each other are followed where nothing is read."""
_Key: TypeAlias = tuple[Node, object]
"""A claim: that a type guarantees a schema."""

UNKNOWN = ("$dynamicRef", "additionalItems", "dependencies")
"""Keywords that may refuse something, and are not analysed."""


class Proof:
    """What is proved about the types of one module.

    A proof about a value rests on those about what is in it. All of them are taken to hold until one is seen to fail;
    then those that rest on it are looked at again. What is left holds: a circle of proofs is one, since each step of it
    looks deeper into the value.
    """

    def __init__(self, index: Index, judge: SchemaValidator, *, formats: bool) -> None:
        """Begin.

        Args:
            index: of the document of schemas.
            judge: of the same document.
            formats: whether ``format`` refuses values.
        """
        self.index = index
        self.judge = judge
        self.formats = formats
        self._known: dict[_Key, tuple[Node, inspect.Type]] = {}
        """Claims; the types are kept so that their ids stay theirs."""
        self._infos: dict[object, inspect.Type] = {}
        """Types of alternatives; kept likewise."""
        self._failed: set[_Key] = set()
        self._queue: list[_Key] = []
        self._dependents: dict[_Key, set[_Key]] = {}
        self._current: _Key | None = None
        self._in_place: list[object] = []
        """Schemas and types that are looked at, of the same value."""
        self._listed: list[_Key] = []
        self._hasty = False
        """Whether one gap is as good as all."""

    def gaps(self, node: Node, type_: inspect.Type) -> list[Unproven]:
        """Return what ``type_`` does not guarantee of the schema ``node``."""
        tagged = isinstance(type_, inspect.StructType)  # the runtime lets no tag be missing where a struct is alone
        place = Place(pointer=node.pointer, judged=is_plain(type_) and not node.scope)
        return list(self.gaps_here(node, type_, place, tagged=tagged))

    def gaps_below(self, node: Node, type_: inspect.Type, place: Place) -> list[Unproven]:
        """Return the gaps of an item or a property.

        Args:
            node: its schema.
            type_: what msgspec decodes.
            place: where it stands.
        """
        if is_trivial(node.schema) or self._is_claimed(node, type_):
            return []
        key = _key(node, type_)
        if self._hasty:
            return [_gap("$ref", node, "not proved", place)]
        if key in self._listed or len(self._listed) > DEEPEST:
            return [_gap("$ref", node, "recurs", Place(exact=False))]  # judging one place would not reach the others
        self._listed.append(key)
        try:
            return list(self.gaps_here(node, type_, place))
        finally:
            self._listed.pop()

    def gaps_here(
        self, node: Node, type_: inspect.Type, place: Place, *, tagged: bool = False
    ) -> Generator[Unproven, None, None]:
        """Yield what ``type_`` does not guarantee of ``node``, which speaks of the same value as its caller.

        Args:
            node: a schema.
            type_: what msgspec decodes.
            place: where the value stands.
            tagged: whether the type is one of several structs, so that its tag must be there.
        """
        type_ = stripped(type_)
        if is_trivial(node.schema):
            return
        if node.schema is False:
            yield Unproven(keyword="false schema", pointer=node.pointer, reason="nothing is valid", place=place)
            return
        match type_:
            case inspect.UnionType(types=types):
                several = sum(isinstance(stripped(one), inspect.StructType) for one in types) > 1
                for one in types:
                    yield from self.gaps_here(node, one, place.within(), tagged=several)
                return
            case inspect.LiteralType(values=values):
                for value in values:
                    yield from self.value_gaps(node, value, place)
                return
        claim = (node, id(type_), tagged)
        if claim in self._in_place:
            yield _gap("$ref", node, "refers to itself", place)
            return
        self._in_place.append(claim)
        try:
            yield from self._keyword_gaps(node, type_, place, tagged)
        finally:
            self._in_place.remove(claim)

    def holds(self, node: Node, type_: inspect.Type, *, tagged: bool = False) -> bool:
        """Tell whether ``type_`` guarantees ``node``, which speaks of the same value as its caller."""
        if self.fails(node, type_, tagged=tagged):
            return False
        before, self._hasty = self._hasty, True
        try:
            with closing(self.gaps_here(node, type_, Place(), tagged=tagged)) as gaps:
                return next(gaps, None) is None
        finally:
            self._hasty = before

    def fails(self, node: Node, type_: inspect.Type, *, tagged: bool = False) -> bool:
        """Tell whether surely nothing that ``type_`` admits is valid for ``node``, which speaks of the same value."""
        return is_disjoint(self, node, type_, tagged=tagged)

    def value_gaps(self, node: Node, value: Json, place: Place) -> list[Unproven]:
        """Return a gap if ``node`` refuses ``value``; decided by the validator itself."""
        if not node.scope and self.judge.predicate(node.pointer)(value):
            return []
        return [
            Unproven(keyword="enum", pointer=node.pointer, reason="admits a value that the schema refuses", place=place)
        ]

    def _is_claimed(self, node: Node, type_: inspect.Type) -> bool:
        """Tell whether what is inside a value holds as far as is known; know more if nothing is being looked at."""
        key = _key(node, type_)
        if key not in self._known:
            self._known[key] = node, type_
            self._queue.append(key)
            if self._current is None:
                self._settle()
        if self._current is not None:
            self._dependents.setdefault(key, set()).add(self._current)
        return key not in self._failed

    def _settle(self) -> None:
        """Look at claims until none is left to look at."""
        in_place, self._in_place = self._in_place, []
        while self._queue:
            self._current = self._queue.pop()
            if self._current not in self._failed and not self._stands(*self._known[self._current]):
                self._failed.add(self._current)
                self._queue += self._dependents.get(self._current, ())
        self._current = None
        self._in_place = in_place

    def _stands(self, node: Node, type_: inspect.Type) -> bool:
        self._in_place = []
        before, self._hasty = self._hasty, True
        try:
            with closing(self.gaps_here(node, type_, Place())) as gaps:
                return next(gaps, None) is None
        finally:
            self._hasty = before

    def _keyword_gaps(self, node: Node, type_: inspect.Type, place: Place, tagged: bool) -> Iterator[Unproven]:
        if isinstance(type_, inspect.CustomType):
            yield from self._untagged_gaps(node, type_, place)
            return
        schema = node.keywords
        for keyword in UNKNOWN:
            if keyword in schema:
                yield _gap(keyword, node, "not analysed", place)
        if "$ref" in schema:
            yield from self.gaps_here(self.index.follow(node, "$ref"), type_, place, tagged=tagged)
        yield from self._type_gaps(node, type_, place)
        known = kind(type_)
        if known in ("string", None):
            yield from string_gaps(node, type_, place, formats=self.formats)
        if known in ("integer", "number", None):
            yield from number_gaps(node, type_, place)
        if known in ("array", None):
            yield from array_gaps(self, node, type_, place)
        if known in ("object", None):
            yield from object_gaps(self, node, type_, place, tagged=tagged)
        yield from self._combined_gaps(node, type_, place, tagged)

    def _type_gaps(self, node: Node, type_: inspect.Type, place: Place) -> Iterator[Unproven]:
        schema, known = node.keywords, kind(type_)
        if "type" in schema:
            kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
            if not (known in kinds or (known == "integer" and "number" in kinds)):
                yield _gap("type", node, f"{_called(type_)} admits more", place)
        if "const" in schema or "enum" in schema:
            listed = [schema["const"]] if "const" in schema else schema["enum"]
            both = [listed, schema["enum"]] if {"const", "enum"} <= schema.keys() else [listed]
            admitted = ADMITTED.get(known or "")
            if admitted is None or not all(
                any(one is value for value in values) for values in both for one in admitted
            ):
                yield _gap("const" if "const" in schema else "enum", node, f"{_called(type_)} admits more", place)

    def _combined_gaps(self, node: Node, type_: inspect.Type, place: Place, tagged: bool) -> Iterator[Unproven]:
        schema, index = node.keywords, self.index

        def holds(*way: str | int) -> bool:
            return self.holds(index.child(node, *way), type_, tagged=tagged)

        def fails(*way: str | int) -> bool:
            return self.fails(index.child(node, *way), type_, tagged=tagged)

        for at in range(len(schema.get("allOf", ()))):
            yield from self.gaps_here(index.child(node, "allOf", at), type_, place, tagged=tagged)
        if "anyOf" in schema and not any(holds("anyOf", at) for at in range(len(schema["anyOf"]))):
            yield _gap("anyOf", node, "no alternative is proved", place)
        if "oneOf" in schema:
            ways = range(len(schema["oneOf"]))
            if not any(
                holds("oneOf", at) and all(fails("oneOf", other) for other in ways if other != at) for at in ways
            ):
                yield _gap("oneOf", node, "not proved that exactly one alternative holds", place)
        if "not" in schema and not fails("not"):
            yield _gap("not", node, "not proved", place)
        if "if" in schema:
            then = "then" not in schema or holds("then")
            otherwise = "else" not in schema or holds("else")
            if not ((then and otherwise) or (otherwise and fails("if")) or (then and holds("if"))):
                yield _gap("if", node, "not proved", place)

    def _untagged_gaps(self, node: Node, type_: inspect.CustomType, place: Place) -> Iterator[Unproven]:
        """Take it that what was decoded is valid for the schema of one alternative, and of its type."""
        cls: object = type_.cls
        if not isinstance(cls, UntaggedUnion):
            yield _gap("type", node, f"{type_.cls.__name__} is not analysed", place)
            return
        for alternative, pointer in cls.alternatives:
            if not (pointer and self._implies(pointer, node)):
                yield from self.gaps_here(node, self._info(alternative), place.within())

    def _info(self, alternative: object) -> inspect.Type:
        if alternative not in self._infos:
            self._infos[alternative] = inspect.type_info(alternative)
        return self._infos[alternative]

    def _implies(self, pointer: str, node: Node, depth: int = 0) -> bool:
        """Tell whether what is valid for the schema at ``pointer`` surely is so for ``node``."""
        if node.scope or depth > DEEPEST:
            return False
        if node.pointer == pointer:
            return True
        schema, index = node.keywords, self.index
        said = schema.keys() - ANNOTATIONS
        return bool(said) and all(
            (keyword == "$ref" and self._implies(pointer, index.follow(node, "$ref"), depth + 1))
            or (
                keyword in ("allOf", "anyOf")
                and (all if keyword == "allOf" else any)(
                    self._implies(pointer, index.child(node, keyword, at), depth + 1)
                    for at in range(len(schema[keyword]))
                )
            )
            for keyword in said
        )


def _key(node: Node, type_: inspect.Type) -> _Key:
    type_ = stripped(type_)
    return node, type_.cls if isinstance(type_, inspect.StructType) else id(type_)


def _gap(keyword: str, node: Node, reason: str, place: Place) -> Unproven:
    return Unproven(keyword=keyword, pointer=node.pointer, reason=reason, place=place)


def _called(type_: inspect.Type) -> str:
    return type(type_).__name__.removesuffix("Type").lower()
