"""The proof: walks a schema and a type side by side, and finds the keywords that the type does not guarantee.

What is not surely guaranteed is a gap. Nothing is claimed of what msgspec refuses: the schema judges that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from msgspec import inspect

from tornado_ws.judge import Judge
from tornado_ws.untagged import Untagged

from ..document import Json
from ..keywords.index import Index, Node
from ..keywords.vocabulary import ANNOTATIONS
from .arrays import array_gaps
from .disjoint import is_disjoint
from .gaps import Gap, Place
from .kinds import is_trivial, kind, stripped
from .objects import object_gaps
from .scalars import number_gaps, string_gaps

__all__ = ["Proof"]

MOST_STEPS = 20_000
"""A proof that takes more is given up."""
DEEPEST = 16
"""So many references after each other are followed where nothing is read."""
UNKNOWN = ("$dynamicRef", "additionalItems", "dependencies")
"""Keywords that may refuse something, and are not analysed."""


class Proof:
    """A proof about one type. What is assumed on the way does not outlive it."""

    def __init__(self, index: Index, judge: Judge, *, formats: bool) -> None:
        """Begin.

        Args:
            index: of the document of schemas.
            judge: of the same document.
            formats: whether ``format`` refuses values.
        """
        self.index = index
        self.judge = judge
        self.formats = formats
        self._steps = 0
        self._level = 0
        """How deep in the value."""
        self._open: dict[object, tuple[int, int]] = {}
        """What is being proved, and so is assumed where it recurs: how many proofs were open before, and its level."""
        self._recurred: set[object] = set()
        self._assumed: list[int] = []
        """For each open proof, the outermost one that it assumes."""
        self._proved: set[object] = set()

    def gaps(self, node: Node, type_: inspect.Type, place: Place, *, tagged: bool = False) -> list[Gap]:
        """Return what ``type_`` does not guarantee of ``node``.

        Args:
            node: a schema.
            type_: what msgspec decodes.
            place: where the value stands.
            tagged: whether the type is one of several structs, so that its tag must be there.
        """
        type_ = stripped(type_)
        if is_trivial(node.schema):
            return []
        if node.schema is False:
            return [Gap(keyword="false schema", pointer=node.pointer, reason="nothing is valid", place=place)]
        match type_:
            case inspect.UnionType(types=types):
                several = sum(isinstance(stripped(one), inspect.StructType) for one in types) > 1
                return [gap for one in types for gap in self.gaps(node, one, place.within(), tagged=several)]
            case inspect.LiteralType(values=values):
                return [gap for value in values for gap in self.value_gaps(node, value, place)]
        key = (node, type_.cls if isinstance(type_, inspect.StructType) else id(type_), tagged)
        if key in self._proved:
            return []
        if key not in self._open:
            return self._prove(key, node, type_, place, tagged)
        depth, level = self._open[key]
        if level == self._level:
            return [_gap("$ref", node, "refers to itself", place)]
        self._recurred.add(key)
        self._assumed[-1] = min(self._assumed[-1], depth)
        return []

    def gaps_below(self, node: Node, type_: inspect.Type, place: Place) -> list[Gap]:
        """Return the gaps of an item or a property."""
        self._level += 1
        try:
            return self.gaps(node, type_, place)
        finally:
            self._level -= 1

    def holds(self, node: Node, type_: inspect.Type, *, tagged: bool = False) -> bool:
        """Tell whether ``type_`` guarantees ``node``."""
        return not self.gaps(node, type_, Place(), tagged=tagged)

    def value_gaps(self, node: Node, value: Json, place: Place) -> list[Gap]:
        """Return a gap if ``node`` refuses ``value``; decided by the validator itself."""
        if not node.scope and self.judge.accepts(node.pointer)(value):
            return []
        return [Gap(keyword="enum", pointer=node.pointer, reason="admits a value that the schema refuses", place=place)]

    def _prove(self, key: object, node: Node, type_: inspect.Type, place: Place, tagged: bool) -> list[Gap]:
        self._steps += 1
        if self._steps > MOST_STEPS:
            return [Gap(keyword="$ref", pointer=node.pointer, reason="too large to be proved", place=Place())]
        depth = len(self._open)
        self._open[key] = depth, self._level
        self._assumed.append(depth)
        found = list(self._keyword_gaps(node, type_, place, tagged))
        del self._open[key]
        assumed = self._assumed.pop()
        if self._assumed:
            self._assumed[-1] = min(self._assumed[-1], assumed)
        if not found and assumed >= depth:
            self._proved.add(key)  # it rests on nothing that is still open
        if found and key in self._recurred:
            # where it recurs it was taken as proved, so that judging the gap's place here would not be enough
            found = [replace(gap, place=Place()) for gap in found]
        return found

    def _keyword_gaps(self, node: Node, type_: inspect.Type, place: Place, tagged: bool) -> Iterator[Gap]:
        if isinstance(type_, inspect.CustomType):
            yield from self._untagged_gaps(node, type_, place)
            return
        schema = node.keywords
        for keyword in UNKNOWN:
            if keyword in schema:
                yield _gap(keyword, node, "not analysed", place)
        if "$ref" in schema:
            yield from self.gaps(self.index.follow(node, "$ref"), type_, place, tagged=tagged)
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

    def _type_gaps(self, node: Node, type_: inspect.Type, place: Place) -> Iterator[Gap]:
        schema, known = node.keywords, kind(type_)
        if "type" in schema:
            kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
            if not (known in kinds or (known == "integer" and "number" in kinds)):
                yield _gap("type", node, f"{_called(type_)} admits more", place)
        if "const" in schema or "enum" in schema:
            listed = [schema["const"]] if "const" in schema else schema["enum"]
            both = [listed, schema["enum"]] if "const" in schema and "enum" in schema else [listed]
            admitted = {"null": [None], "boolean": [True, False]}.get(known or "")
            if admitted is None or not all(
                any(one is value for value in values) for values in both for one in admitted
            ):
                yield _gap("const" if "const" in schema else "enum", node, f"{_called(type_)} admits more", place)

    def _combined_gaps(self, node: Node, type_: inspect.Type, place: Place, tagged: bool) -> Iterator[Gap]:
        schema, index = node.keywords, self.index

        def holds(*way: str | int) -> bool:
            return self.holds(index.child(node, *way), type_, tagged=tagged)

        def fails(*way: str | int) -> bool:
            return is_disjoint(self, index.child(node, *way), type_, tagged=tagged)

        for at in range(len(schema.get("allOf", ()))):
            yield from self.gaps(index.child(node, "allOf", at), type_, place, tagged=tagged)
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

    def _untagged_gaps(self, node: Node, type_: inspect.CustomType, place: Place) -> Iterator[Gap]:
        """Take it that what was decoded is valid for the schema of one alternative, and of its type."""
        cls: object = type_.cls
        if not isinstance(cls, Untagged):
            yield _gap("type", node, f"{type_.cls.__name__} is not analysed", place)
            return
        for alternative, pointer in cls.alternatives:
            if not (pointer and self._implies(pointer, node)):
                yield from self.gaps(node, inspect.type_info(alternative), place.within())

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


def _gap(keyword: str, node: Node, reason: str, place: Place) -> Gap:
    return Gap(keyword=keyword, pointer=node.pointer, reason=reason, place=place)


def _called(type_: inspect.Type) -> str:
    return type(type_).__name__.removesuffix("Type").lower()
