"""Rules for names: none is reserved, and no two become one in Python or TypeScript."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ..identifiers import pascal, snake
from ..keywords.payloads import Side, message_class, places
from ..source import json_pointer
from ..source.diagnostics import Problem
from ..source.document import Document, Json
from .reserved import CLIENT_MESSAGES, ENDPOINTS, ERRORS, JAVASCRIPT, SERVER_MESSAGES

__all__ = ["check", "check_folder"]

ENDPOINT_NAME = re.compile(r"[a-z][a-z0-9]*([_-][a-z0-9]+)*")
FILE_NAME = re.compile(r"[A-Za-z0-9._/-]+")
TAKEN = (
    ("client", CLIENT_MESSAGES, "on_{} is a hook of the handler"),
    ("server", SERVER_MESSAGES, "{} is a prop of the component"),
    ("server", JAVASCRIPT, "{} is a word of JavaScript, and cannot name a snippet"),
)
SIDES: tuple[Side, ...] = ("client", "server")


def check(document: Document) -> Iterator[Problem]:
    """Yield the problems with names in an endpoint document."""
    root = document.root
    for side, taken, owner in TAKEN:
        for name in root.get(f"{side}Messages", {}):
            if _method(name) in taken:
                pointer = json_pointer.join(f"/{side}Messages", name)
                yield _reserved(document, pointer, owner.format(_method(name)), "rename the message")
    for code in root.get("errors", {}):
        if code in ERRORS:
            yield _reserved(document, f"/errors/{code}", f"{code} is a code of the protocol", "rename the error")
    for name in root.get("$defs", {}):
        if pascal(name) in _generated(document):
            message = f"generated code calls something else {pascal(name)}"
            yield _reserved(document, json_pointer.join("/$defs", name), message, "rename the schema")
    same = [problem for side in SIDES for problem in _clashes(document, _methods(document, side))]
    yield from same
    known = {problem.pointer for problem in same}
    yield from (problem for problem in _clashes(document, _classes(document)) if problem.pointer not in known)


def check_folder(documents: Sequence[Document]) -> Iterator[Problem]:
    """Yield the problems with the names of files."""
    modules: dict[str, Document] = {}
    for document in documents:
        got, hint = document.path.as_posix(), "the file's name is the endpoint's name; rename the file"
        if not FILE_NAME.fullmatch(got):
            expected, hint = "letters, digits, ., _ and -", "references are URIs; rename the file"
            yield document.problem("", "malformed_name", "not a file name", expected=expected, got=got, hint=hint)
        elif document.is_endpoint and not ENDPOINT_NAME.fullmatch(document.name):
            message, expected = "not a name for an endpoint", "lower-case words joined by _ or -"
            yield document.problem("", "malformed_name", message, expected=expected, got=document.name, hint=hint)
        elif document.is_endpoint:
            if document.name in ENDPOINTS:
                yield _reserved(document, "", f"generated code cannot call an endpoint {document.name}", hint)
            first = modules.setdefault(snake(document.name), document)
            if first is not document:
                message = f"{first.path} becomes the module {snake(document.name)} as well"
                yield document.problem("", "names_become_one", message, hint="rename one of the files")


def _methods(document: Document, side: Side) -> Iterator[tuple[str, str, str]]:
    for name in document.root.get(f"{side}Messages", {}):
        yield _method(name), json_pointer.join(f"/{side}Messages", name), name


def _classes(document: Document) -> Iterator[tuple[str, str, str]]:
    """Yield each class that the document asks for, where, and what tells it from others of that name."""
    for name in document.root.get("$defs", {}):
        pointer = json_pointer.join("/$defs", name)
        yield pascal(name), pointer, pointer
    for place in places(document):
        if not place.refers:
            yield place.name, place.pointer, _identity(document, place.schema, place.pointer)
    for side in SIDES:
        for name, message in document.root.get(f"{side}Messages", {}).items():
            pointer = json_pointer.join(f"/{side}Messages", name)
            identity = _identity(document, message.get("payload"), f"{pointer}/payload")
            yield message_class(document.root, side, name), pointer, identity


def _identity(document: Document, schema: Json, pointer: str) -> str:
    """Return what two messages share that have the same class: the definition that they refer to, or the schema."""
    if isinstance(schema, dict) and schema.keys() - {"description", "$comment"} == {"$ref"}:
        return str(schema["$ref"]).removeprefix(document.path.name).removeprefix("#")
    return f"{pointer.split('/')[-2]} {schema}"


def _clashes(document: Document, claims: Iterable[tuple[str, str, str]]) -> Iterator[Problem]:
    """Yield a problem for each claim on a name that another thing has."""
    first: dict[str, tuple[str, str]] = {}
    for name, pointer, identity in claims:
        owner, what = first.setdefault(name, (pointer, identity))
        if owner != pointer and what != identity:
            message = f"{owner} becomes {name} as well"
            yield document.problem(pointer, "names_become_one", message, key=True, hint="rename one of them")


def _generated(document: Document) -> set[str]:
    title = pascal(document.name)
    suffixes = ("", "Action", "Handler", "Protocol", "Socket")
    return {"ClientMessage", "ServerMessage", *(f"{title}{suffix}" for suffix in suffixes)}


def _method(name: str) -> str:
    return name.replace("-", "_").replace(".", "_")


def _reserved(document: Document, pointer: str, message: str, hint: str) -> Problem:
    return document.problem(pointer, "reserved_name", message, key=True, hint=hint)
