"""Lays Python code out as formatters do, so that generated modules need none."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from typing import TypeAlias

from ...identifiers import Name
from ..templates import Code

__all__ = [
    "LINE",
    "Either",
    "Group",
    "Leaf",
    "Named",
    "Node",
    "annotated",
    "call",
    "either",
    "entry",
    "flat",
    "keyword",
    "lay",
    "mapping",
    "subscript",
    "tuple_of",
    "unbounded",
    "width",
]

Leaf: TypeAlias = Code | Name
"""What has no parts."""

LINE = 120
"""Columns of a line, as in this project's settings of ruff."""
STEP = 4


@dataclass(frozen=True)
class Group:
    """Something in brackets: all on one line, or each item on a line of its own."""

    head: Code
    brackets: str
    items: tuple[Node, ...]
    comma: bool = True
    """Whether the last item is followed by a comma where each has its own line."""
    lone_comma: bool = False
    """Whether a single item is followed by a comma on one line too, as in a tuple."""
    spread: bool = False
    """Whether each item has its own line even if all would fit on one."""


@dataclass(frozen=True)
class Named:
    """A named argument, or an entry of a dictionary."""

    name: Code
    """With what stands between it and the value."""
    value: Node


@dataclass(frozen=True)
class Either:
    """Operands joined by ``|``."""

    operands: tuple[Leaf | Group, ...]


Node: TypeAlias = Leaf | Group | Either | Named


def call(head: str, *items: Node, spread: bool = False) -> Group:
    """Return ``head(items)``; ``head`` is code."""
    return Group(Code(head), "()", items, spread=spread)


def subscript(head: str, *items: Node) -> Group:
    """Return ``head[items]``; ``head`` is code."""
    return Group(Code(head), "[]", items, comma=len(items) > 1)


def tuple_of(*items: Node) -> Group:
    """Return ``(items)``."""
    return Group(Code(""), "()", items, lone_comma=True)


def mapping(*entries: Named) -> Group:
    """Return ``{entries}``."""
    return Group(Code(""), "{}", entries)


def keyword(name: str, value: Node) -> Named:
    """Return ``name=value``; ``name`` is code."""
    return Named(Code(f"{name}="), value)


def entry(key: Code, value: Node) -> Named:
    """Return ``key: value``."""
    return Named(Code(f"{key}: "), value)


def either(*nodes: Node) -> Node:
    """Return the union of types, each once."""
    operands: dict[Leaf | Group, None] = {}
    for node in nodes:
        assert not isinstance(node, Named)
        operands |= dict.fromkeys(node.operands if isinstance(node, Either) else (node,))
    distinct = tuple(sorted(operands, key=lambda operand: operand == "None"))  # None comes last
    return distinct[0] if len(distinct) == 1 else Either(distinct)


def unbounded(node: Node) -> Node:
    """Return a type without bounds, which say nothing to type checkers."""
    match node:
        case Group(head="typing.Annotated", items=(inner, *_)):
            return unbounded(inner)
        case Group(brackets="[]", items=items):
            return replace(node, items=tuple(map(unbounded, items)))
        case Either(operands=operands):
            return either(*map(unbounded, operands))
        case _:
            return node


def flat(node: Node) -> str:
    """Return a node on one line."""
    match node:
        case Group():
            comma = "," if node.lone_comma and len(node.items) == 1 else ""
            return f"{node.head}{node.brackets[0]}{', '.join(map(flat, node.items))}{comma}{node.brackets[1]}"
        case Either():
            return " | ".join(map(flat, node.operands))
        case Named():
            return node.name + flat(node.value)
        case _:
            return node


def lay(node: Node, *, indent: int = 0, before: int | None = None, after: int = 0, bare: bool = False) -> Code:
    """Return a node on as many lines as it needs.

    Args:
        node: what to lay out.
        indent: columns before the lines that follow the first.
        before: columns already taken on the first line; as ``indent`` if None.
        after: columns wanted behind the last.
        bare: whether it stands in no brackets, and gets some if it takes several lines.
    """
    before = indent if before is None else before
    line = flat(node)
    if before + width(line) + after <= LINE and not (isinstance(node, Group) and node.spread):
        return Code(line)
    margin = " " * indent
    match node:
        case Group(head=head, brackets=brackets, items=(_, *_) as items):
            last = len(items) - 1
            inside = [
                lay(item, indent=indent + STEP, after=int(node.comma or at < last)) for at, item in enumerate(items)
            ]
            lines = f",\n{margin}    ".join(inside) + "," * node.comma
            return Code(f"{head}{brackets[0]}\n{margin}    {lines}\n{margin}{brackets[1]}")
        case Either() if bare:
            return lay(Group(Code(""), "()", (node,), comma=False), indent=indent, before=LINE)
        case Either(operands=operands):
            return Code(
                f"\n{margin}| ".join(lay(one, indent=indent, before=indent + 2, after=after) for one in operands)
            )
        case Named(name=name, value=value):
            return Code(name + lay(value, indent=indent, before=before + width(name), after=after))
        case _:
            return Code(line)


def annotated(name: str, annotation: Node, value: Node | None = None, *, indent: int = 0) -> Code:
    """Return ``name: annotation = value``; ``name`` is code. The first line is not indented."""
    before = indent + len(name) + 2
    if value is None:
        return Code(f"{name}: {lay(annotation, indent=indent, before=before, bare=True)}")
    first = f"{flat(annotation)} = "
    if isinstance(value, Group):
        opened = width(value.head) + 1 if value.items else width(flat(value))
        if before + width(first) + opened <= LINE:
            return Code(f"{name}: {first}{lay(value, indent=indent, before=before + width(first))}")
    elif before + width(first) + width(flat(value)) <= LINE:
        return Code(f"{name}: {first}{flat(value)}")
    elif isinstance(value, Either):
        return Code(f"{name}: {first}{lay(value, indent=indent, before=before + width(first), bare=True)}")
    elif before + width(first) + 1 <= LINE:
        return Code(f"{name}: {first}(\n{' ' * (indent + STEP)}{flat(value)}\n{' ' * indent})")
    laid = lay(annotation, indent=indent, before=before, after=LINE, bare=True)
    column = width(laid.rpartition("\n")[2]) + 3
    return Code(f"{name}: {laid} = {lay(value, indent=indent, before=column, bare=True)}")


def width(text: str) -> int:
    """Return how many columns ``text`` takes."""
    return len(text) + sum(unicodedata.east_asian_width(character) in "FW" for character in text)
