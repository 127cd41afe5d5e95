"""Reads types back from what the generator of Pydantic models has written; takes nothing but types."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ....identifiers import Name
from ...templates import Code
from ..literals import literal
from ..python_printer import Node, either, subscript

__all__ = ["Unexpected", "Written", "read_back"]

PLAIN = {"Any": "typing.Any", "bool": "bool", "float": "float", "int": "int", "str": "str"}
HEADS = {"Literal": "typing.Literal", "dict": "dict", "list": "list", "tuple": "tuple"}


class Unexpected(Exception):
    """The generator wrote what is no type that was asked for."""


@dataclass(frozen=True)
class Written:
    """What was written, by token."""

    classes: dict[str, dict[str, Node]] = field(default_factory=dict)
    """The types of the properties of each class."""
    types: dict[str, Node] = field(default_factory=dict)


def read_back(text: str, names: Mapping[str, Name]) -> Written:
    """Return the types in ``text``, which is Python.

    Args:
        text: what was written.
        names: what the tokens in it stand for.

    Raises:
        Unexpected: There is something else in it.

    """
    reader, found = _Reader(names), Written()
    for statement in ast.parse(text).body:
        match statement:
            case ast.ImportFrom(module="__future__" | "typing" | "typing_extensions" | "pydantic"):
                pass
            case ast.ClassDef(name=name, bases=[ast.Name(id="BaseModel")], decorator_list=[], keywords=[], body=body):
                found.classes[name] = dict(reader.fields(body))
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.Call(func=ast.Name(id="TypeAliasType"), args=[ast.Constant(), value], keywords=[]),
            ):
                found.types[name] = reader.type(value)
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr="model_rebuild"), args=[], keywords=[])):
                pass
            case _:
                raise Unexpected(type(statement).__name__)
    return found


class _Reader:
    def __init__(self, names: Mapping[str, Name]) -> None:
        self._names = names

    def fields(self, body: list[ast.stmt]) -> Iterator[tuple[str, Node]]:
        for statement in body:
            match statement:
                case ast.Pass() | ast.Assign(targets=[ast.Name(id="model_config")]):
                    pass
                case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=None | ast.Constant(None)):
                    yield name, self.type(annotation)
                case _:
                    raise Unexpected(type(statement).__name__)

    def type(self, node: ast.expr) -> Node:
        match node:
            case ast.Constant(value=None):
                return Code("None")
            case ast.Constant(value=str(text)):
                return self.type(ast.parse(text, mode="eval").body)
            case ast.Name(id=name) if name in self._names:
                return self._names[name]
            case ast.Name(id=name) if name in PLAIN:
                return Code(PLAIN[name])
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return either(self.type(left), self.type(right))
            case ast.Subscript(value=ast.Name(id="Union"), slice=ast.Tuple(elts=members)):
                return either(*map(self.type, members))
            case ast.Subscript(value=ast.Name(id="Optional"), slice=member):
                return either(self.type(member), Code("None"))
            case ast.Subscript(
                value=ast.Name(id="Annotated"),
                slice=ast.Tuple(elts=[inner, ast.Call(func=ast.Name(id="Field"), args=[ast.Constant()], keywords=[])]),
            ):
                return self.type(inner)
            case ast.Subscript(value=ast.Name(id="Literal"), slice=inside):
                return subscript("typing.Literal", *map(_value, _items(inside)))
            case ast.Subscript(value=ast.Name(id="tuple"), slice=inside):  # lists are made tuples, and nothing else is
                fixed = subscript("tuple", *map(self.type, _items(inside)))
                return subscript("typing.Annotated", fixed, Code("pydantic.Strict(False)"))
            case ast.Subscript(value=ast.Name(id=head), slice=inside) if head in HEADS:
                return subscript(HEADS[head], *map(self.type, _items(inside)))
            case _:
                raise Unexpected(ast.unparse(node))


def _items(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple) else [node]


def _value(node: ast.expr) -> Node:
    match node:
        case ast.Constant(value=str() | int() as value):
            return literal(value)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(number))):
            return literal(-number)
        case _:
            raise Unexpected(ast.unparse(node))
