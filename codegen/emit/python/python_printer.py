"""Printer for Python code, with the line breaks of ruff."""

from __future__ import annotations

import unicodedata
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from ...identifiers import Name
from ..templates import Code

__all__ = [
    "LINE_WIDTH",
    "UnionNode",
    "Group",
    "Leaf",
    "NamedNode",
    "Node",
    "annotated_assignment",
    "call",
    "union_of",
    "entry",
    "single_line",
    "keyword",
    "format_node",
    "mapping",
    "signature",
    "subscript",
    "tuple_of",
    "without_constraints",
    "display_width",
]

Leaf: TypeAlias = Code | Name
"""Code without parts."""

LINE_WIDTH = 120
"""Columns of a line, as in the settings of ruff in this project."""
INDENT_WIDTH = 4
MAX_OPERANDS = 200
"""Most operands of ``|``. Each one nests the expression deeper, and pyright rejects more than 256 levels."""


class Group(Struct, frozen=True):
    """Items in brackets: all on one line, or one on each line."""

    head: Code
    brackets: str
    items: tuple[Node, ...]
    trailing_comma: bool = True
    """True if a comma follows the last item when there is one item on each line."""
    single_item_comma: bool = False
    """True if a comma follows a single item on one line, as in a tuple."""
    one_per_line: bool = False
    """True if there is one item on each line even if all fit on one line."""


class NamedNode(Struct, frozen=True):
    """Keyword argument, or entry of a dictionary."""

    name: Code
    """Code before the value, such as ``name=``."""
    value: Node


class UnionNode(Struct, frozen=True):
    """Union of types, joined by ``|``."""

    operands: tuple[Node, ...]


Node: TypeAlias = Leaf | Group | UnionNode | NamedNode


def call(head: str, *items: Node, one_per_line: bool = False) -> Group:
    """Return ``head(items)``; ``head`` is code."""
    return Group(Code(head), "()", items, one_per_line=one_per_line)


def subscript(head: str, *items: Node) -> Group:
    """Return ``head[items]``; ``head`` is code."""
    return Group(Code(head), "[]", items, trailing_comma=len(items) > 1)


def tuple_of(*items: Node) -> Group:
    """Return ``(items)``."""
    return Group(Code(""), "()", items, single_item_comma=True)


def mapping(*entries: NamedNode) -> Group:
    """Return ``{entries}``."""
    return Group(Code(""), "{}", entries)


def keyword(name: str, value: Node) -> NamedNode:
    """Return ``name=value``; ``name`` is code."""
    return NamedNode(Code(f"{name}="), value)


def entry(key: Code, value: Node) -> NamedNode:
    """Return ``key: value``."""
    return NamedNode(Code(f"{key}: "), value)


def union_of(*nodes: Node) -> Node:
    """Return the union of types, without duplicates and with ``None`` last."""
    operands: dict[Node, None] = {}
    for node in nodes:
        match node:
            case UnionNode(operands=members) | Group(head="typing.Union", items=members):
                operands |= dict.fromkeys(members)
            case _:
                operands[node] = None
    distinct = tuple(sorted(operands, key=lambda operand: operand == "None"))
    if len(distinct) > MAX_OPERANDS:
        return subscript("typing.Union", *distinct)
    return distinct[0] if len(distinct) == 1 else UnionNode(distinct)


def without_constraints(node: Node) -> Node:
    """Return a type without ``typing.Annotated``, which type checkers ignore."""
    match node:
        case Group(head="typing.Annotated", items=(inner, *_)):
            return without_constraints(inner)
        case Group(brackets="[]", items=items):
            return replace(node, items=tuple(map(without_constraints, items)))
        case UnionNode(operands=operands):
            return union_of(*map(without_constraints, operands))
        case _:
            return node


def single_line(node: Node) -> str:
    """Return the code of a node on one line."""
    match node:
        case Group():
            comma = "," if node.single_item_comma and len(node.items) == 1 else ""
            return f"{node.head}{node.brackets[0]}{', '.join(map(single_line, node.items))}{comma}{node.brackets[1]}"
        case UnionNode():
            return " | ".join(map(single_line, node.operands))
        case NamedNode():
            return node.name + single_line(node.value)
        case _:
            return node


def format_node(
    node: Node, *, indent: int = 0, before: int | None = None, after: int = 0, parenthesize: bool = False
) -> Code:
    """Return the code of a node, on several lines if it does not fit on one.

    Args:
        node: Node to format.
        indent: Indentation of the lines after the first one, in columns.
        before: Columns taken before the node on the first line; default: ``indent``.
        after: Columns reserved after the node on the last line.
        parenthesize: Add parentheses to a union on several lines, since it is not inside brackets.
    """
    before = indent if before is None else before
    line = single_line(node)
    if before + display_width(line) + after <= LINE_WIDTH and not (isinstance(node, Group) and node.one_per_line):
        return Code(line)
    margin = " " * indent
    match node:
        case Group(head=head, brackets=brackets, items=(_, *_) as items):
            last = len(items) - 1
            inside = [
                format_node(item, indent=indent + INDENT_WIDTH, after=int(node.trailing_comma or index < last))
                for index, item in enumerate(items)
            ]
            lines = f",\n{margin}    ".join(inside) + "," * node.trailing_comma
            return Code(f"{head}{brackets[0]}\n{margin}    {lines}\n{margin}{brackets[1]}")
        case UnionNode() if parenthesize:
            return format_node(Group(Code(""), "()", (node,), trailing_comma=False), indent=indent, before=LINE_WIDTH)
        case UnionNode(operands=operands):
            return Code(
                f"\n{margin}| ".join(
                    format_node(operand, indent=indent, before=indent + 2, after=after) for operand in operands
                )
            )
        case NamedNode(name=name, value=value):
            return Code(name + format_node(value, indent=indent, before=before + display_width(name), after=after))
        case _:
            return Code(line)


def annotated_assignment(name: str, annotation: Node, value: Node | None = None, *, indent: int = 0) -> Code:
    """Return ``name: annotation = value``; ``name`` is code. Lines after the first one are indented."""
    before = indent + len(name) + 2
    if value is None:
        return Code(f"{name}: {format_node(annotation, indent=indent, before=before, parenthesize=True)}")
    first = f"{single_line(annotation)} = "
    if isinstance(value, Group):
        opening = display_width(value.head) + 1 if value.items else display_width(single_line(value))
        if before + display_width(first) + opening <= LINE_WIDTH:
            return Code(f"{name}: {first}{format_node(value, indent=indent, before=before + display_width(first))}")
    elif before + display_width(first) + display_width(single_line(value)) <= LINE_WIDTH:
        return Code(f"{name}: {first}{single_line(value)}")
    elif isinstance(value, UnionNode):
        broken = format_node(value, indent=indent, before=before + display_width(first), parenthesize=True)
        return Code(f"{name}: {first}{broken}")
    elif before + display_width(first) + 1 <= LINE_WIDTH:
        return Code(f"{name}: {first}(\n{' ' * (indent + INDENT_WIDTH)}{single_line(value)}\n{' ' * indent})")
    broken = format_node(annotation, indent=indent, before=before, after=LINE_WIDTH, parenthesize=True)
    column = display_width(broken.rpartition("\n")[2]) + 3
    return Code(f"{name}: {broken} = {format_node(value, indent=indent, before=column, parenthesize=True)}")


def signature(head: str, parameters: list[Node], result: Node, *, indent: int = INDENT_WIDTH) -> Code:
    """Return the line of a method that ends with a colon, or several lines; ``head`` is code."""
    single = format_node(call(head, *parameters), indent=indent, after=len(f" -> {single_line(result)}:"))
    if "\n" not in single:
        return Code(f"{single} -> {single_line(result)}:")
    broken = format_node(call(head, *parameters, one_per_line=True), indent=indent)
    returns = format_node(result, indent=indent, before=indent + 5, after=1, parenthesize=True)
    return Code(f"{broken} -> {returns}:")


def display_width(text: str) -> int:
    """Return the number of columns of ``text``; wide characters of East Asian scripts take two."""
    if text.isascii():
        return len(text)
    return len(text) + sum(unicodedata.east_asian_width(character) in "FW" for character in text)
