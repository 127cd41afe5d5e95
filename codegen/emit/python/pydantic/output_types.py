"""Parser for the output of datamodel-code-generator, which accepts only types."""

from __future__ import annotations

import ast

from ...templates import Code
from ..literals import literal
from ..python_printer import Node, subscript, union_of

__all__ = ["UnexpectedOutput", "parse_types"]

MODULES = ("__future__", "datetime", "pydantic", "typing", "typing_extensions", "uuid")
NAMES = {"Any": "typing.Any", "bool": "bool", "float": "float", "int": "int", "str": "str"}
FORMATS = {
    "AwareDatetime": "pydantic.AwareDatetime",
    "UUID": "uuid.UUID",
    "date": "datetime.date",
    "time": "datetime.time",
}
"""Types of strings with a format."""


class UnexpectedOutput(Exception):
    """Error for generated code that is not a type."""


def parse_types(text: str) -> dict[str, Node]:
    """Return the types in ``text`` by their names.

    Args:
        text: Python source.

    Raises:
        UnexpectedOutput: If the source contains anything else.
    """
    types: dict[str, Node] = {}
    for statement in ast.parse(text).body:
        match statement:
            case ast.ImportFrom(module=module) if module in MODULES:
                pass
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.Call(func=ast.Name(id="TypeAliasType"), args=[ast.Constant(), value], keywords=[]),
            ):
                types[name] = _type(value)
            case _:
                raise UnexpectedOutput(type(statement).__name__)
    return types


def _type(node: ast.expr) -> Node:
    match node:
        case ast.Constant(value=None):
            return Code("None")
        case ast.Name(id=name) if name in NAMES:
            return Code(NAMES[name])
        case ast.Name(id=name) if name in FORMATS:  # converts text, which is not strict
            return subscript("typing.Annotated", Code(FORMATS[name]), Code("pydantic.Strict(False)"))
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return union_of(_type(left), _type(right))
        case ast.Subscript(value=ast.Name(id="Literal"), slice=arguments):
            return subscript("typing.Literal", *map(_literal_value, _items(arguments)))
        case _:
            raise UnexpectedOutput(ast.unparse(node))


def _items(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple) else [node]


def _literal_value(node: ast.expr) -> Node:
    match node:
        case ast.Constant(value=str() | int() as value):
            return literal(value)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(number))):
            return literal(-number)
        case _:
            raise UnexpectedOutput(ast.unparse(node))
