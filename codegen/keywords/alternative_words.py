"""Words that distinguish the alternatives of a union: a constant, a property, or the JSON type."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ..identifiers import capitalized
from ..source.document import Json
from .conjunction import Conjunction, conjoin
from .schema_index import SchemaIndex, SchemaNode

__all__ = ["AlternativeWord", "alternative_words"]

MAX_WORD = 64
"""Maximum length of a constant that becomes part of a name."""


@dataclass(frozen=True, kw_only=True)
class AlternativeWord:
    """Word for one alternative."""

    text: str
    """Part of a name; empty if nothing distinguishes the alternative."""
    is_optional: bool = False
    """True if the name of the union is a good name for the alternative, too."""


def alternative_words(
    index: SchemaIndex, alternatives: Sequence[SchemaNode], targets: Sequence[str], tags: Mapping[int, str]
) -> tuple[AlternativeWord, ...]:
    """Return a word for each alternative of a union.

    Args:
        index: Index of the bundle.
        alternatives: Schemas of the alternatives.
        targets: For each alternative, the name of the definition that it refers to, or an empty string.
        tags: Constants that select the alternatives, by position.
    """
    found = [
        _Alternative(conjoin(index, (node,)), index, target, _tag_word(tags.get(position, "")))
        for position, (node, target) in enumerate(zip(alternatives, targets, strict=True))
    ]
    siblings = _Siblings(found)
    return tuple(siblings.word(alternative) for alternative in found)


class _Alternative:
    """Properties of one alternative."""

    def __init__(self, conjunction: Conjunction, index: SchemaIndex, target: str, tag: str) -> None:
        self._conjunction = conjunction
        self._index = index
        self.target = target
        self.tag = tag

    @cached_property
    def type(self) -> str | None:
        """The only JSON type of the alternative; None if it has several or none."""
        types = self._conjunction.types
        if types is None and self._conjunction.has_keyword("properties", "required"):
            return "object"
        return types[0] if types is not None and len(types) == 1 else None

    @cached_property
    def required(self) -> tuple[str, ...]:
        """Names of the required properties."""
        return tuple(dict.fromkeys(name for _, names in self._conjunction.occurrences("required") for name in names))

    @cached_property
    def properties(self) -> tuple[str, ...]:
        """Names of the declared properties."""
        return tuple(dict.fromkeys(name for _, named in self._conjunction.occurrences("properties") for name in named))

    @cached_property
    def constants(self) -> Mapping[str, str]:
        """Words for the properties with one possible value, by name."""
        found: dict[str, str] = {}
        for node, named in self._conjunction.occurrences("properties"):
            for name in named:
                value = self._index.child(node, "properties", name).keywords
                values = [value["const"]] if "const" in value else value.get("enum", ())
                if len(values) == 1 and (word := _constant_word(name, values[0])):
                    found.setdefault(name, word)
        return found

    @cached_property
    def types(self) -> Mapping[str, str]:
        """Words for the types of the properties, by name."""
        found: dict[str, str] = {}
        for node, named in self._conjunction.occurrences("properties"):
            for name in named:
                match self._index.child(node, "properties", name).keywords:
                    case {"$ref": str(reference)}:
                        found.setdefault(name, capitalized(reference.rpartition("/")[2]))
                    case {"type": str(json_type)}:
                        found.setdefault(name, capitalized(name) + capitalized(json_type))
        return found


class _Siblings:
    """Comparison of the alternatives of one union."""

    def __init__(self, alternatives: Sequence[_Alternative]) -> None:
        self._count = len(alternatives)
        self._types = Counter(alternative.type for alternative in alternatives)
        self._constants = Counter(name for alternative in alternatives for name in alternative.constants)
        self._pairs = Counter(pair for alternative in alternatives for pair in alternative.constants.items())
        self._required = Counter(name for alternative in alternatives for name in alternative.required)
        self._properties = Counter(name for alternative in alternatives for name in alternative.properties)
        self._typed = Counter(pair for alternative in alternatives for pair in alternative.types.items())
        self._subsets = Counter(map(self._distinct, alternatives))

    def word(self, alternative: _Alternative) -> AlternativeWord:
        """Return the first word that fits no other alternative."""
        if alternative.type is not None and self._types[alternative.type] == 1:
            return AlternativeWord(text=alternative.type.title(), is_optional=True)
        return AlternativeWord(text=next(filter(None, self._words(alternative)), ""))

    def _words(self, alternative: _Alternative) -> Iterator[str]:
        yield alternative.tag
        constants = sorted(alternative.constants.items(), key=lambda pair: -self._constants[pair[0]])
        yield from (word for name, word in constants if self._pairs[name, word] == 1)
        yield alternative.target
        yield from (capitalized(name) for name in alternative.required if self._required[name] == 1)
        yield from (capitalized(name) for name in alternative.properties if self._properties[name] == 1)
        distinct = self._distinct(alternative)
        if self._subsets[distinct] == 1:
            yield "".join(map(capitalized, distinct))
        yield from (word for name, word in alternative.types.items() if self._typed[name, word] == 1)

    def _distinct(self, alternative: _Alternative) -> tuple[str, ...]:
        """Return up to three properties that only some of the alternatives require."""
        return tuple(name for name in alternative.required if self._required[name] < self._count)[:3]


def _tag_word(text: str) -> str:
    return capitalized(text) if text and len(text) <= MAX_WORD else ""


def _constant_word(name: str, value: Json) -> str:
    match value:
        case str():
            return _tag_word(value)
        case bool():
            return capitalized(name) if value else f"Not{capitalized(name)}"
        case None:
            return f"No{capitalized(name)}"
        case int():
            return f"{capitalized(name)}{value}" if value >= 0 else f"{capitalized(name)}Minus{-value}"
        case _:
            return ""
