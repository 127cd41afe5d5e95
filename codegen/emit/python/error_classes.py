"""Classes of the errors of the application."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from ... import model
from ...identifiers import Name, pascal
from ..templates import Code
from .classes import class_statement
from .literals import literal
from .python_printer import (
    Group,
    NamedNode,
    Node,
    call,
    format_node,
    keyword,
    single_line,
    subscript,
    without_constraints,
)
from .unions import literal_constants

__all__ = ["ErrorClass", "Parameter", "error_class_statement", "error_name", "parameters"]

INDENT = 4


@dataclass(frozen=True, kw_only=True)
class ErrorClass:
    """Class of an error, and the annotation of its data."""

    error: model.ErrorCode
    cls: Name
    data: Node | None
    parameters: Sequence[Parameter] | None
    """Properties of the data; None if the constructor takes the data as one value."""


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """Parameter for one property of the data."""

    name: Name
    annotation: Node
    default: Node | None = None


def error_name(error: model.ErrorCode, taken: Collection[str]) -> Name:
    """Return the name of the class of an error; ``taken`` are names that classes cannot have."""
    name = pascal(error.code)
    return Name(f"{name}Error") if name in taken else name


def parameters(
    record: model.Record | None,
    definitions: Mapping[str, model.Definition],
    parameter: Callable[[model.Record, model.Field], Parameter],
) -> list[Parameter] | None:
    """Return the parameters of the constructor of an error.

    Args:
        record: Data of the error; None if they are not a class.
        definitions: Definitions of the endpoint, by name.
        parameter: Function that returns the parameter for a field.

    Returns:
        Parameters; None if the constructor takes the data as one value, because the class has additional properties,
        an attribute ``self`` or ``super``, or defaults that are not constants.
    """
    if record is None or record.keeps:
        return None
    constants = literal_constants(record, definitions)
    found = [parameter(record, field) for field in record.fields if field.name not in constants]
    is_one_value = any(one.name in ("self", "super") or isinstance(one.default, NamedNode | Group) for one in found)
    return None if is_one_value else found


def error_class_statement(error: ErrorClass) -> Code:
    """Return the class of an error."""
    attributes = [f"    code = {literal(error.error.code)}"]
    if error.error.retryable:
        attributes.append("    retryable = True")
    description = error.error.description.strip() or f"Error ``{error.error.code}``."
    if error.data is None:
        return class_statement(error.cls, (Code("tornado_ws.ApplicationError"),), description, attributes)
    data = without_constraints(error.data)
    bases = (subscript("tornado_ws.ErrorWithData", data),)
    body = attributes
    if error.parameters is not None:
        body += ["", _constructor(data, error.parameters)]
    return class_statement(error.cls, bases, description, body)


def _constructor(data: Node, parameters: Sequence[Parameter]) -> str:
    """Return the constructor with a keyword argument for each property of the data."""
    names = [parameter.name for parameter in parameters]
    message = "message_" if "message" in names else "message"
    arguments: list[Node] = [Code("self"), NamedNode(Code(f"{message}: "), Code('str = ""')), Code("/")]
    if parameters:
        arguments.append(Code("*"))
    arguments += map(_parameter, parameters)
    head = format_node(call("def __init__", *arguments), indent=INDENT, after=len(" -> None:"))
    value = call(single_line(data), *(keyword(name, name) for name in names))
    body = format_node(call("super().__init__", Code(message), keyword("data", value)), indent=2 * INDENT)
    return f"    {head} -> None:\n        {body}"


def _parameter(parameter: Parameter) -> Node:
    annotation = without_constraints(parameter.annotation)
    if parameter.default is None:
        return NamedNode(Code(f"{parameter.name}: "), annotation)
    return Code(f"{parameter.name}: {single_line(annotation)} = {single_line(parameter.default)}")
