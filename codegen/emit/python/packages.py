"""Names that generated code uses."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

__all__ = ["used_names"]


def used_names(blocks: Iterable[str], names: Iterable[str]) -> frozenset[str]:
    """Return those of ``names`` that blocks of code use, also in types that are texts, but not in docstrings."""
    unused, found = {*names}, set[str]()
    for block in blocks:
        if any(name in block for name in unused):
            found |= unused.intersection(_names(block))
            unused -= found
    return frozenset(found)


def _names(block: str) -> Iterator[str]:
    """Return the names that a block refers to, without the names of fields."""
    nodes = (node for tree in _trees(ast.parse(block)) for node in ast.walk(tree))
    return (node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))


def _trees(tree: ast.AST) -> Iterator[ast.AST]:
    yield tree
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if id(node) not in docstrings and "." in text:
                try:
                    yield ast.parse(text, mode="eval")
                except SyntaxError:  # a pointer or a default
                    continue
