"""Table of a tag: the members of a union by the constants of a property."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

from ..endpoint import Tag

__all__ = ["TagTable", "TagValues", "tag_of"]

Key: TypeAlias = tuple[bool, Any]
"""Constant, with True for booleans; in Python, 1 equals true."""


class TagValues(NamedTuple):
    """Constants of a tag that select a member."""

    name: str
    values: list[Any]  # constants of JSON


class TagTable:
    """Members of a union by the constants of their tag."""

    def __init__(self, tag: Tag) -> None:
        """Build the table of ``tag``, and the tables of the tags that it selects."""
        self._name = tag.name
        self._values = [value for values, _ in tag.choices for value in values]
        self._selected: dict[Key, int | TagTable] = {}
        for values, selects in tag.choices:
            selected = TagTable(selects) if isinstance(selects, Tag) else selects
            self._selected.update({(isinstance(value, bool), value): selected for value in values})

    def select(self, plain: Any) -> int | None:
        """Return the position of the only member that can be valid for a JSON value; None if there is none."""
        selected = self._follow(plain)
        return None if isinstance(selected, TagTable) else selected

    def expected(self, plain: Any) -> TagValues | None:
        """Return the constants of the tag that an object does not have; None for other values."""
        table = self._follow(plain) if isinstance(plain, dict) else None
        return TagValues(table._name, table._values) if isinstance(table, TagTable) else None

    def _follow(self, plain: Any) -> int | TagTable:
        """Return the selected position, or the table in which no constant is the one of a JSON value."""
        table = self
        while isinstance(plain, dict) and table._name in plain:
            value = plain[table._name]
            if isinstance(value, list | dict):
                break
            selected = table._selected.get((isinstance(value, bool), value))
            if selected is None:
                break
            if not isinstance(selected, TagTable):
                return selected
            table = selected
        return table


def tag_of(schema: Any, keyword: str) -> Tag | None:
    """Return the tag of a union from the keyword ``x-tag`` of its schema; None if it has none.

    Args:
        schema: JSON Schema with the union.
        keyword: Keyword of the union.
    """
    tags = schema.get("x-tag")
    return _tag(tags[keyword]) if isinstance(tags, dict) and keyword in tags else None


def _tag(tag: Any) -> Tag:
    choices = [
        (tuple(values), _tag(selects) if isinstance(selects, dict) else selects) for values, selects in tag["choices"]
    ]
    return Tag(tag["name"], tuple(choices))
