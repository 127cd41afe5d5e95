"""Parser for the output of datamodel-code-generator, which accepts only types."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ....identifiers import Name
from ...templates import Code
from ..literals import literal
from ..python_printer import Node, subscript, union_of

__all__ = ["UnexpectedOutput", "GeneratedTypes", "parse_types"]

BUILTIN_TYPES = {"Any": "typing.Any", "bool": "bool", "float": "float", "int": "int", "str": "str"}
GENERIC_TYPES = {"Literal": "typing.Literal", "dict": "dict", "list": "list", "tuple": "tuple"}


class UnexpectedOutput(Exception):
    """Error for generated code that is not a type."""


@dataclass(frozen=True)
class GeneratedTypes:
    """Generated types, by token."""

    classes: dict[str, dict[str, Node]] = field(default_factory=dict)
    """Types of the properties of each class."""
    types: dict[str, Node] = field(default_factory=dict)


def parse_types(text: str, names: Mapping[str, Name]) -> GeneratedTypes:
    """Return the types in ``text``.

    Args:
        text: Python source.
        names: Names in the generated module, by token.

    Raises:
        UnexpectedOutput: If the source contains anything else.
    """
    parser, generated = _Parser(names), GeneratedTypes()
    for statement in ast.parse(text).body:
        match statement:
            case ast.ImportFrom(module="__future__" | "typing" | "typing_extensions" | "pydantic"):
                pass
            case ast.ClassDef(name=name, bases=[ast.Name(id="BaseModel")], decorator_list=[], keywords=[], body=body):
                generated.classes[name] = dict(parser.fields(body))
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.Call(func=ast.Name(id="TypeAliasType"), args=[ast.Constant(), value], keywords=[]),
            ):
                generated.types[name] = parser.type(value)
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr="model_rebuild"), args=[], keywords=[])):
                pass
            case _:
                raise UnexpectedOutput(type(statement).__name__)
    return generated


class _Parser:
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
                    raise UnexpectedOutput(type(statement).__name__)

    def type(self, node: ast.expr) -> Node:
        match node:
            case ast.Constant(value=None):
                return Code("None")
            case ast.Constant(value=str(text)):
                return self.type(ast.parse(text, mode="eval").body)
            case ast.Name(id=name) if name in self._names:
                return self._names[name]
            case ast.Name(id=name) if name in BUILTIN_TYPES:
                return Code(BUILTIN_TYPES[name])
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return union_of(self.type(left), self.type(right))
            case ast.Subscript(value=ast.Name(id="Union"), slice=ast.Tuple(elts=members)):
                return union_of(*map(self.type, members))
            case ast.Subscript(value=ast.Name(id="Optional"), slice=member):
                return union_of(self.type(member), Code("None"))
            case ast.Subscript(
                value=ast.Name(id="Annotated"),
                slice=ast.Tuple(elts=[inner, ast.Call(func=ast.Name(id="Field"), args=[ast.Constant()], keywords=[])]),
            ):
                return self.type(inner)
            case ast.Subscript(value=ast.Name(id="Literal"), slice=arguments):
                return subscript("typing.Literal", *map(_literal_value, _items(arguments)))
            case ast.Subscript(
                value=ast.Name(id="tuple"), slice=arguments
            ):  # converts lists to tuples, and nothing else
                items = subscript("tuple", *map(self.type, _items(arguments)))
                return subscript("typing.Annotated", items, Code("pydantic.Strict(False)"))
            case ast.Subscript(value=ast.Name(id=head), slice=arguments) if head in GENERIC_TYPES:
                return subscript(GENERIC_TYPES[head], *map(self.type, _items(arguments)))
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
