"""Rules for paths: they are unique, and their parameters are declared in ``params``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .. import model
from ..source.diagnostics import Problem
from ..source.document import Document
from .definitions import Definitions, definitions_of
from .reserved import RESERVED_PARAMETERS

__all__ = ["check", "check_folder", "check_params"]

PARAMETER = re.compile(r"\{([^{}]*)\}")


def check(document: Document) -> Iterator[Problem]:
    """Yield the problems with the path of one endpoint."""
    path = document.root.get("path", "")
    names = PARAMETER.findall(path)
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            message = "duplicate path parameter"
            yield document.problem(
                "/path", "malformed_path", message, got=f"{{{name}}}", hint="rename one of the parameters"
            )
    if "}{" in path:
        message, hint = "adjacent path parameters are ambiguous", "separate them with a slash"
        yield document.problem("/path", "malformed_path", message, got=f'"{path}"', hint=hint)
    if names and "params" not in document.root:
        hint = f'add "params", an object with the required properties: {", ".join(names)}'
        message = "path has parameters, but `params` is missing"
        yield document.problem("/path", "undeclared_parameter", message, hint=hint)


def check_folder(documents: Sequence[Document]) -> Iterator[Problem]:
    """Yield a problem for each path that another endpoint already has."""
    documents_by_path: dict[str, Document] = {}
    for document in documents:
        path = document.root.get("path") if document.is_endpoint else None
        if isinstance(path, str):
            first = documents_by_path.setdefault(PARAMETER.sub("{}", path), document)
            if first is not document:
                message = f"duplicate path; first used in {first.path}"
                yield document.problem(
                    "/path", "duplicate_path", message, got=f'"{path}"', hint="change one of the paths"
                )


def check_params(endpoint: model.Endpoint, document: Document) -> Iterator[Problem]:
    """Yield the problems with undeclared parameters, and with parameters that a URL cannot represent."""
    if endpoint.params is None:
        return
    definitions = definitions_of(endpoint)
    record = model.follow(endpoint.params.type, definitions)
    if not isinstance(record, model.Record):
        hint = 'describe params with "type": "object" and "properties"'
        yield document.problem("/params", "invalid_params", "`params` must be an object with properties", hint=hint)
        return
    fields = {field.name: field for field in record.fields}
    for name in dict.fromkeys(PARAMETER.findall(endpoint.path or "")):
        if name not in fields or not fields[name].required:
            state = "not declared" if name not in fields else "not required"
            hint = f"add {name} to properties and required of params"
            message = f"path parameter `{name}` is {state} in `params`"
            yield document.problem("/path", "undeclared_parameter", message, hint=hint)
    for field in record.fields:
        in_path = f"{{{field.name}}}" in (endpoint.path or "")
        if not _fits_url(field.type, definitions, allows_arrays=not in_path):
            pointer = f"/params/properties/{field.name}"
            expected = "a string, a number or a boolean" + ("" if in_path else ", or an array of these")
            message = f"`{field.name}` cannot be part of a URL"
            yield document.problem(pointer, "invalid_params", message, key=True, expected=expected)
        if (use := RESERVED_PARAMETERS.get(field.name)) is not None:
            pointer = f"/params/properties/{field.name}"
            message = f"`{field.name}` in a query {use}"
            yield document.problem(pointer, "reserved_name", message, key=True, hint="rename it")


def _fits_url(type_: model.Type, definitions: Definitions, *, allows_arrays: bool) -> bool:
    """Return True if text in a URL can represent a value of the type.

    Args:
        type_: Type of a parameter.
        definitions: Definitions of the endpoint.
        allows_arrays: True if the parameter may be repeated, as in a query.
    """
    match model.follow(type_, definitions):
        case model.Scalar() | model.Anything():
            return True
        case model.Enumeration(values=values):
            return not any(isinstance(value, list | dict) for value in values)
        case model.Array(item=item):
            return allows_arrays and _fits_url(item, definitions, allows_arrays=False)
        case model.Union(members=members):
            return any(_fits_url(member, definitions, allows_arrays=allows_arrays) for member in members)
        case _:
            return False
