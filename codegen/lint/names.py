"""Rules for names: none is reserved, and no two map to the same name in Python or TypeScript."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ..identifiers import pascal, snake
from ..keywords.endpoint_reader import reserved_names
from ..keywords.payloads import ErrorDeclaration, Side, error_declarations, message_class_name, payload_schemas
from ..source import json_pointer, uri
from ..source.diagnostics import Problem
from ..source.document import Document, Json
from .reserved import CLIENT_MESSAGES, ENDPOINTS, ERRORS, JAVASCRIPT, SERVER_MESSAGES

__all__ = ["check", "check_folder"]

ENDPOINT_NAME = re.compile(r"[a-z][a-z0-9]*([_-][a-z0-9]+)*")
FILE_NAME = re.compile(r"[^?#%:\x00-\x1f\x7f]+")
RESERVED = (
    ("client", CLIENT_MESSAGES, "`on_{}` is a method of the handler"),
    ("server", SERVER_MESSAGES, "`{}` is a prop of the component"),
    ("server", JAVASCRIPT, "`{}` is reserved in JavaScript"),
)
"""Sender, reserved names, and reason with a placeholder for the name."""

SIDES: tuple[Side, ...] = ("client", "server")


def check(document: Document) -> Iterator[Problem]:
    """Yield the problems with names in an endpoint document."""
    root, generated = document.root, {*reserved_names(document.name)}
    for side, reserved, reason in RESERVED:
        for name in root.get(f"{side}Messages", {}):
            if _method(name) in reserved:
                pointer = json_pointer.join(f"/{side}Messages", name)
                yield _reserved(document, pointer, reason.format(_method(name)), "rename the message")
    yield from _errors(document)
    for name in root.get("$defs", {}):
        if pascal(name) in generated:
            message = f"`{pascal(name)}` is reserved for generated code"
            yield _reserved(document, json_pointer.join("/$defs", name), message, "rename the schema")
    collisions = [problem for side in SIDES for problem in _collisions(document, _methods(document, side))]
    yield from collisions
    known = {problem.pointer for problem in collisions}
    yield from (problem for problem in _collisions(document, _classes(document)) if problem.pointer not in known)


def check_folder(documents: Sequence[Document]) -> Iterator[Problem]:
    """Yield the problems with file names."""
    modules: dict[str, Document] = {}
    for document in documents:
        got, hint = document.path.as_posix(), "the endpoint is named after the file; rename the file"
        if not FILE_NAME.fullmatch(got):
            expected, hint = "a name without ?, #, % and :", "file names are part of URIs; rename the file"
            yield document.problem("", "malformed_name", "malformed file name", expected=expected, got=got, hint=hint)
        elif document.is_endpoint and not ENDPOINT_NAME.fullmatch(document.name):
            message, expected = "malformed endpoint name", "lower-case words joined by _ or -"
            yield document.problem("", "malformed_name", message, expected=expected, got=document.name, hint=hint)
        elif document.is_endpoint:
            if document.name in ENDPOINTS:
                yield _reserved(document, "", f"`{document.name}` is reserved", hint)
            first = modules.setdefault(snake(document.name), document)
            if first is not document:
                message = f"{first.path} also maps to the module `{snake(document.name)}`"
                yield document.problem("", "name_collision", message, hint="rename one of the files")


def _errors(document: Document) -> Iterator[Problem]:
    """Yield the problems with reserved codes, with different errors that have one code, and with names of classes."""
    first: dict[str, ErrorDeclaration] = {}
    root, generated = document.root, {*reserved_names(document.name)}
    messages = {
        message_class_name(root, side, name): json_pointer.join(f"/{side}Messages", name)
        for side in SIDES
        for name in root.get(f"{side}Messages", {})
    }
    for error in error_declarations(document.root):
        if error.code in ERRORS:
            message = f"`{error.code}` is an error code of the protocol"
            yield _reserved(document, error.pointer, message, "rename the error")
        elif error.class_name in generated:
            message = f"`{error.class_name}` is reserved for generated code"
            yield _reserved(document, error.pointer, message, "rename the error")
        elif error.class_name in messages:
            message = f"{messages[error.class_name]} also maps to `{error.class_name}`"
            yield document.problem(error.pointer, "name_collision", message, key=True, hint="rename one of them")
        other = first.setdefault(error.code, error)
        if other.declaration != error.declaration:
            message, hint = f"{other.pointer} declares it differently", "use equal declarations, or rename one of them"
            yield document.problem(error.pointer, "name_collision", message, key=True, hint=hint)


def _methods(document: Document, side: Side) -> Iterator[tuple[str, str, str]]:
    """Yield the name, pointer and identity of each generated method."""
    for name in document.root.get(f"{side}Messages", {}):
        yield _method(name), json_pointer.join(f"/{side}Messages", name), name


def _classes(document: Document) -> Iterator[tuple[str, str, str]]:
    """Yield the name, pointer and identity of each generated class."""
    for name in document.root.get("$defs", {}):
        pointer = json_pointer.join("/$defs", name)
        yield pascal(name), pointer, pointer
    for payload in payload_schemas(document):
        if not payload.is_reference:
            yield payload.name, payload.pointer, _identity(document, payload.schema, payload.pointer)
    for side in SIDES:
        for name, message in document.root.get(f"{side}Messages", {}).items():
            pointer = json_pointer.join(f"/{side}Messages", name)
            identity = _identity(document, message.get("payload"), f"{pointer}/payload")
            if not _is_unresolved(document, identity):
                yield message_class_name(document.root, side, name), pointer, identity


def _identity(document: Document, schema: Json, pointer: str) -> str:
    """Return the identity of a class: the referenced definition, or the schema with the name of its message."""
    if isinstance(schema, dict) and schema.keys() - {"description", "$comment"} == {"$ref"}:
        reference = str(schema["$ref"]).removeprefix(uri.BASE).removeprefix(uri.encode(document.path.as_posix()))
        return uri.fragment_of(reference) if reference.startswith("#") else reference
    *_, name = ["", *json_pointer.parse(json_pointer.parent(pointer))]
    return f"{name} {schema}"


def _is_unresolved(document: Document, identity: str) -> bool:
    """Return True for a reference to a schema that the document lacks, which is reported separately."""
    if not identity.startswith("/"):
        return identity in document.root.get("$defs", {})  # a path of a file, written for a definition
    try:
        json_pointer.resolve(document.root, identity)
    except LookupError:
        return True
    return False


def _collisions(document: Document, names: Iterable[tuple[str, str, str]]) -> Iterator[Problem]:
    """Yield a problem for each name that is used with two identities."""
    first: dict[str, tuple[str, str]] = {}
    for name, pointer, identity in names:
        other, other_identity = first.setdefault(name, (pointer, identity))
        if other != pointer and other_identity != identity:
            message = f"{other} also maps to `{name}`"
            yield document.problem(pointer, "name_collision", message, key=True, hint="rename one of them")


def _method(name: str) -> str:
    return name.replace("-", "_").replace(".", "_")


def _reserved(document: Document, pointer: str, message: str, hint: str) -> Problem:
    return document.problem(pointer, "reserved_name", message, key=True, hint=hint)
