"""Rules for paths: two endpoints do not share one, and its parameters are those of the schema."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .. import model
from ..source.diagnostics import Problem
from ..source.document import Document
from .definitions import Definitions, definitions_of, follow

__all__ = ["check", "check_folder", "check_params"]

PLACE = re.compile(r"\{([^{}]*)\}")


def check(document: Document) -> Iterator[Problem]:
    """Yield the problems of a path by itself."""
    path = document.root.get("path", "")
    names = PLACE.findall(path)
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            message = "the path names a parameter twice"
            yield document.problem("/path", "malformed_path", message, got=f"{{{name}}}", hint="rename one of them")
    if "}{" in path:
        message, hint = "nobody can tell where one parameter ends and the next begins", "put a slash between them"
        yield document.problem("/path", "malformed_path", message, got=f'"{path}"', hint=hint)
    if names and "params" not in document.root:
        hint = f'add "params": an object with the required properties {", ".join(names)}'
        message = "the path has parameters, but params is missing"
        yield document.problem("/path", "undeclared_parameter", message, hint=hint)


def check_folder(documents: Sequence[Document]) -> Iterator[Problem]:
    """Yield the problems of endpoints that would get each other's connections."""
    shapes: dict[str, Document] = {}
    for document in documents:
        path = document.root.get("path") if document.is_endpoint else None
        if isinstance(path, str):
            first = shapes.setdefault(PLACE.sub("{}", path), document)
            if first is not document:
                message = f"{first.path} has the same path"
                yield document.problem("/path", "path_taken", message, got=f'"{path}"', hint="change one of the paths")


def check_params(endpoint: model.Endpoint, document: Document) -> Iterator[Problem]:
    """Yield the problems of parameters that text in a URL cannot give."""
    if endpoint.params is None:
        return
    definitions = definitions_of(endpoint)
    record = follow(endpoint.params.type, definitions)
    if not isinstance(record, model.Record):
        hint = 'describe params with "type": "object" and "properties"'
        yield document.problem("/params", "wrong_params", "params are no object with known properties", hint=hint)
        return
    fields = {field.name: field for field in record.fields}
    for name in dict.fromkeys(PLACE.findall(endpoint.path or "")):
        if name not in fields or not fields[name].required:
            missing = "not declared" if name not in fields else "not required"
            hint = f"add {name} to the properties and to required of params"
            message = f"the parameter {name} of the path is {missing}"
            yield document.problem("/path", "undeclared_parameter", message, hint=hint)
    for field in record.fields:
        in_path = f"{{{field.name}}}" in (endpoint.path or "")
        if not _is_text(field.type, definitions, lists=not in_path):
            pointer = f"/params/properties/{field.name}"
            expected = "a string, a number or a boolean" + ("" if in_path else ", or an array of these")
            message = f"a URL cannot hold the parameter {field.name}"
            yield document.problem(pointer, "wrong_params", message, key=True, expected=expected)


def _is_text(type_: model.Type, definitions: Definitions, *, lists: bool) -> bool:
    match follow(type_, definitions):
        case model.Scalar() | model.Anything():
            return True
        case model.Enumeration(values=values):
            return not any(isinstance(value, list | dict) for value in values)
        case model.Array(item=item):
            return lists and _is_text(item, definitions, lists=False)
        case model.Union(members=members):
            return any(_is_text(member, definitions, lists=lists) for member in members)
        case _:
            return False
