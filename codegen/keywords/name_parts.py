"""Parts of the names of schemas: titles, and the definitions, properties and alternatives that lead to them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import unquote, urlsplit

from ..identifiers import capitalized, ordinal, pascal
from ..source import json_pointer
from .alternative_words import alternative_words
from .conjunction import dereference
from .name_assignment import Candidates
from .schema_index import SchemaIndex
from .union_tags import alternative_names, declared_tag
from .vocabulary import LISTS, MAPS

__all__ = ["NameParts", "SchemaNames", "is_definition", "is_file"]

DEFINITIONS: Final = ("$defs", "definitions")
UNIONS: Final = ("anyOf", "oneOf")
DECLARED, DEFINED, TITLED, DERIVED, ALTERNATIVE = 6, 4, 2, 0, -1
"""Ranks of names: by the author of the endpoint, of a definition, from a title, a property, and an alternative."""

WORDS: Final = {
    "additionalProperties": "Value",
    "contains": "Item",
    "items": "Item",
    "patternProperties": "Value",
    "propertyNames": "Name",
    "unevaluatedItems": "Item",
    "unevaluatedProperties": "Value",
}
OPTIONAL_WORDS: Final = {"else": "Else", "if": "If", "not": "Not", "then": "Then"}
REST: Final = "Other"
"""Word for the only alternative of a union without a difference to the others."""

TITLE = re.compile(r"[^\W\d_][\w-]*(?: [\w-]+){0,3}")
ARTICLE = re.compile(r"^(?:an?|the) ", re.IGNORECASE)
MAX_TITLE = 32
VAGUE_TITLES: Final = frozenset({"json", "object", "root", "schema", "type", "value"})
"""Titles that describe every schema."""

QUALIFIED = re.compile(r"[\w-]+(?:(?:\.|::|/)[\w-]+)*(?:\.|::|/)[A-Z][\w-]*")
"""Name of a class with its packages, such as ``io.k8s.api.core.v1.Pod``."""
FILE_SUFFIX = re.compile(r"\.(?:json|jsonschema|ya?ml)$", re.IGNORECASE)
GENERIC_FILES: Final = frozenset({"index", "main", "root", "schema", "schemas"})
"""Names of files that are named after their folder."""
GENERIC_FOLDERS: Final = GENERIC_FILES | {"definitions", "json"}
"""Names of folders that say nothing about a file."""
VERSION = re.compile(r"v?[0-9][0-9.]*|draft|latest|stable", re.IGNORECASE)

MAX_WORDS = 6
"""Maximum number of words in the best name; words in the middle are dropped."""
MAX_LENGTH = 24
"""Maximum number of words in other names."""
MAX_CONTEXT = 6
"""Maximum number of words from the context of a name."""


@dataclass(frozen=True, kw_only=True)
class _Word:
    text: str
    is_optional: bool = False
    """True if the word is used only where the name without it is ambiguous."""


@dataclass(frozen=True, kw_only=True)
class NameParts:
    """Parts of the name of a schema."""

    words: tuple[_Word, ...]
    """Words of the name, from its title or definition on."""
    context: tuple[str, ...]
    """Words that precede the name if it is ambiguous; the last one is closest."""
    rank: int
    untitled: NameParts | None = None
    """Parts of the name without the title of the schema."""
    outer: int = 0
    """Number of words at the start of the context that are folders, files and packages."""

    def candidates(self) -> Candidates:
        """Return the possible names, best first. Names that begin with a single letter of the context come last."""
        letters = [word for word in self.context if len(word) == 1]
        short = replace(self, context=tuple(word for word in self.context if word not in letters))
        names = ["".join(words) or "Type" for words in short._choices()]
        names = [name for name in names if not name[0].isdigit()] or names
        names.append(f"{names[0]}Object")
        if letters:
            names += map("".join, self._choices())
        return Candidates(names=tuple(dict.fromkeys(map(pascal, names))), rank=self.rank, whole=self._whole)

    def _choices(self) -> Iterator[list[str]]:
        """Yield the words of each possible name."""
        strong = [word.text for word in self.words if not word.is_optional]
        full = [word.text for word in self.words][-MAX_LENGTH:]
        yield [strong[0], *strong[1 - MAX_WORDS // 2 :]] if len(strong) > MAX_WORDS else strong
        yield strong[-MAX_LENGTH:]
        yield full
        if self.rank == ALTERNATIVE:
            yield [*full, "Variant"]
        yield [*self.context[-1:], *full]
        if self.untitled is not None:
            yield from self.untitled._choices()
        for length in range(2, min(len(self.context), MAX_CONTEXT) + 1):
            yield [*self.context[-length:], *full]

    def with_word(self, word: _Word, rank: int = DERIVED) -> NameParts:
        """Return the parts of a subschema."""
        untitled = None if self.untitled is None else self.untitled.with_word(word, rank)
        return replace(self, words=(*self.words, word), rank=rank, untitled=untitled)

    def titled(self, title: str, untitled: NameParts) -> NameParts:
        """Return the parts of a subschema with a title."""
        words = (_Word(text=title),)
        return NameParts(words=words, context=self._outer, rank=TITLED, untitled=untitled, outer=self.outer)

    def defined(self, path: Sequence[str], rank: int, *, version: str = "") -> NameParts:
        """Return the parts of a definition in this schema.

        Args:
            path: Its name, preceded by its packages.
            rank: Rank of the name.
            version: Version in the path of a file, which follows the name if it is ambiguous.
        """
        *packages, name = path
        words = (_Word(text=name), *([_Word(text=version, is_optional=True)] if version else []))
        context = (*self._outer, *packages)
        return NameParts(words=words, context=context, rank=rank, outer=len(context))

    @property
    def _whole(self) -> str:
        """Name with all words that lead to the schema in its file, without titles."""
        parts = self
        while parts.untitled is not None:
            parts = parts.untitled
        return pascal("".join(parts._outer[parts.outer :]) or "Type")

    @property
    def _outer(self) -> tuple[str, ...]:
        return (*self.context, *(word.text for word in self.words if not word.is_optional))


NO_PARTS = NameParts(words=(), context=(), rank=DERIVED)


class SchemaNames:
    """Parts of the names of all schemas in a bundle."""

    def __init__(self, index: SchemaIndex) -> None:
        self._index = index
        self._parts = {"": NO_PARTS}
        self._alternatives: dict[str, tuple[_Word, ...]] = {}

    def parts(self, pointer: str) -> NameParts:
        """Return the parts of the name of the schema at ``pointer``."""
        missing: list[tuple[str, str, tuple[str, ...]]] = []
        parent, here = "", ""
        for here, step in _steps(pointer):
            if here not in self._parts:
                missing.append((here, parent, step))
            parent = here
        for here, parent, step in missing:
            self._parts[here] = self._step(self._parts[parent], here, parent, step)
        return self._parts[here]

    def merged(self, pointer: str, alternatives: Sequence[str]) -> NameParts:
        """Return the parts of the name of a schema that is merged with alternatives of its unions."""
        owner = parts = self.parts(pointer)
        for alternative in alternatives:
            *_, (_, (keyword, position)) = _steps(alternative)
            union = json_pointer.parent(json_pointer.parent(alternative))
            parts = parts.with_word(self._alternative(union, keyword, position), ALTERNATIVE)
        title = self._title(alternatives[-1]) if alternatives else ""
        return owner.titled(title, parts) if title else parts

    def _step(self, parts: NameParts, here: str, parent: str, step: tuple[str, ...]) -> NameParts:
        keyword, *names = step
        title = self._title(here)
        if keyword in DEFINITIONS and names:
            if _is_uri(names[0]):
                path, version = _file_path(names[0])
                return parts.defined([*path, title] if title else path, DEFINED, version=version)
            return parts.defined(definition_path(names[0]), DECLARED if not parent else DEFINED)
        untitled = parts
        for word in self._words(parent, keyword, names):
            untitled = untitled.with_word(word, ALTERNATIVE if keyword in UNIONS else DERIVED)
        return parts.titled(title, untitled) if title else untitled

    def _words(self, parent: str, keyword: str, names: Sequence[str]) -> Iterator[_Word]:
        """Yield the words for a subschema."""
        if keyword in UNIONS and names:
            yield self._alternative(parent, keyword, names[0])
        elif keyword == "allOf" and names:
            yield replace(self._alternative(parent, keyword, names[0]), is_optional=True)
        elif keyword == "prefixItems" and names:
            yield _Word(text=ordinal(int(names[0])))
        elif keyword in WORDS:
            yield _Word(text=WORDS[keyword])
            yield from (_Word(text=capitalized(name), is_optional=True) for name in names)
        elif keyword in OPTIONAL_WORDS:
            yield _Word(text=OPTIONAL_WORDS[keyword], is_optional=True)
        else:
            yield _Word(text=capitalized(names[0] if names else keyword))

    def _alternative(self, parent: str, keyword: str, position: str) -> _Word:
        """Return the word for an alternative of a union, or for a member of ``allOf``."""
        union = json_pointer.join(parent, keyword)
        if union not in self._alternatives:
            node = self._index.node(parent)
            children = self._index.children(node, keyword)
            tag = declared_tag(node, keyword)
            targets = ["".join(self._target(child.pointer)) for child in children]
            words = alternative_words(self._index, children, targets, {} if tag is None else alternative_names(tag))
            texts = [word.text for word in words]
            is_rest = keyword in UNIONS and len(texts) > 1 and texts.count("") == 1 and REST not in texts
            self._alternatives[union] = tuple(
                _Word(
                    text=word.text or (REST if is_rest else str(number)),
                    is_optional=word.is_optional or not word.text,
                )
                for number, word in enumerate(words, 1)
            )
        return self._alternatives[union][int(position)]

    def _target(self, pointer: str) -> Iterator[str]:
        """Yield the name of the definition that a schema refers to."""
        target, referenced = dereference(self._index, self._index.node(pointer))
        *_, (_, step) = _steps(target.pointer) or [("", ("",))]
        if referenced and step[0] in DEFINITIONS:
            yield definition_path(step[-1])[-1]

    def _title(self, pointer: str) -> str:
        """Return the title of a schema as part of a name; empty if it makes a bad name."""
        title = self._index.node(pointer).keywords.get("title")
        if not isinstance(title, str) or len(title) > MAX_TITLE or not TITLE.fullmatch(title):
            return ""
        return "" if title.lower() in VAGUE_TITLES else capitalized(ARTICLE.sub("", title))


def is_definition(pointer: str) -> bool:
    """Return True for the schema of a definition, and of a whole file."""
    steps = _steps(pointer)
    return bool(steps) and len(step := steps[-1][1]) == 2 and step[0] in DEFINITIONS


def is_file(pointer: str) -> bool:
    """Return True for the schema of a whole file."""
    tokens = json_pointer.parse(pointer)
    return len(tokens) == 2 and tokens[0] == "$defs" and _is_uri(tokens[1])


def definition_path(name: str) -> list[str]:
    """Return the name of a definition, preceded by the names of its packages or folders."""
    if _is_uri(name):
        return _file_path(name)[0]
    if QUALIFIED.fullmatch(name):
        return [capitalized(part) for part in re.split(r"\.|::|/", name)]
    return [capitalized(name.replace("[]", " Array "))]


def _file_path(uri: str) -> tuple[list[str], str]:
    """Return the name for the schema of a file, preceded by the names of its folders; and its version, if any."""
    parsed = urlsplit(uri)
    folders = [unquote(part) for part in re.split("[/:]", parsed.path) if part] or [parsed.netloc]
    stem = FILE_SUFFIX.sub("", folders.pop())
    first, *rest = stem.split(".") if "." in stem else [stem]
    kept = [part for part in rest if part.lower() not in GENERIC_FILES]
    named = [folder for folder in folders if not VERSION.fullmatch(folder)]
    is_generic = first.lower() in GENERIC_FILES and named and named[-1].lower() not in GENERIC_FOLDERS
    version: list[str] = []
    while is_generic and VERSION.fullmatch(folders[-1]):
        version.insert(0, folders.pop())
    words = [folders.pop(), *kept] if is_generic else [first, *kept]
    while folders and VERSION.fullmatch(words[0]):
        words.insert(0, folders.pop())
    if folders and len("".join(words)) == 1:
        words.insert(0, folders.pop())
    return [*map(capitalized, folders), "".join(map(capitalized, words))], "".join(map(capitalized, version))


def _is_uri(name: str) -> bool:
    return "://" in name or name.startswith("urn:")


def _steps(pointer: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return the subschemas on the way to ``pointer``: the pointer of each, and its keyword with its name or index."""
    tokens = json_pointer.parse(pointer)
    steps: list[tuple[str, tuple[str, ...]]] = []
    position, here = 0, ""
    while position < len(tokens):
        length = 2 if tokens[position] in (*MAPS, *LISTS) and position + 1 < len(tokens) else 1
        step = tuple(tokens[position : position + length])
        here = json_pointer.join(here, *step)
        steps.append((here, step))
        position += length
    return steps
