"""Schema of a package as a project: its files unchanged, and an endpoint with a message for each definition."""

from __future__ import annotations

import functools
import json
import os
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urljoin

import yaml

from codegen.source.json_pointer import escape

from .packages import Package, packages

__all__ = ["ENDPOINT", "PublishedSchema", "is_complete", "published", "selected"]

ENDPOINT = "corpus_endpoint"
"""Name of the endpoint in each project."""
MOST_MESSAGES = 200
"""Maximum number of messages; the first one reaches the other definitions, too."""
SCHEMA_KEYWORDS = {"$ref", "allOf", "anyOf", "enum", "items", "oneOf", "patternProperties", "properties", "type"}
WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")


@dataclass(frozen=True)
class PublishedSchema:
    """File of a package."""

    package: Package
    path: str

    @property
    def id(self) -> str:
        """Name of the project; a Python identifier."""
        return "_".join(re.findall(r"[a-z0-9]+", f"{self.package.id}_{self.path}".lower()))

    @property
    def size(self) -> int:
        """Length of the file in bytes."""
        return len(self.package.contents()[self.path])

    def files(self) -> Mapping[str, bytes]:
        """Return the schemas folder: the file, those that it refers to, and an endpoint."""
        contents = self.package.contents()
        document = _document(self.package, self.path)
        if "asyncapi" in document:
            document, path = _schemas_of(document), "asyncapi.json"
            found = {path: json.dumps(document, default=str).encode()}
        else:
            path, found = self.path, {path: contents[path] for path in _closure(self.package, self.path)}
        return {**found, f"{ENDPOINT}.json": json.dumps(_endpoint(path, document)).encode()}

    def write(self, folder: Path, **settings: str) -> None:
        """Write a project with the schema and with ``settings`` to a folder."""
        for name, content in self.files().items():
            file = folder / "schemas" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        lines = [
            "[tool.tornado-ws]",
            'third-party = ["*"]',
            *(f'{name} = "{value}"' for name, value in settings.items()),
        ]
        (folder / "pyproject.toml").write_text("\n".join(lines), encoding="utf-8")


def published(package: Package, *, most: int | None = None, largest: int | None = None) -> list[PublishedSchema]:
    """Return schemas of a package.

    Args:
        package: Package.
        most: Maximum number, chosen at equal distances.
        largest: Maximum size of the file and those that it refers to, in bytes.
    """
    schemas = [PublishedSchema(package, path) for path in package.schemas()]
    small = [schema for schema in schemas if largest is None or sum(map(len, schema.files().values())) <= largest]
    count = len(small) if most is None else min(most, len(small))
    return [small[at * len(small) // count] for at in range(count)]


def is_complete() -> bool:
    """Return True if the environment asks for all schemas."""
    return os.environ.get("CORPUS") == "all"


def selected() -> list[PublishedSchema]:
    """Return the schemas of a test run: all if ``CORPUS=all``, else a sample of every package."""
    limits = {} if is_complete() else {"most": 3, "largest": 80_000}
    return [schema for package in packages() for schema in published(package, **limits)]


def _endpoint(path: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return an endpoint with a message for the document itself and for each definition."""
    keyword = "definitions" if "definitions" in document else "$defs"
    definitions = document.get(keyword)
    names = list(definitions) if isinstance(definitions, dict) else []
    file = quote(path, safe="/@")
    references = [file] if document.keys() & SCHEMA_KEYWORDS else []
    references += [f"{file}#/{keyword}/{quote(escape(name), safe='~')}" for name in names]
    messages: dict[str, Any] = {}
    for reference in references[:MOST_MESSAGES]:
        name = _message_name(unquote(reference.rpartition("/")[2]))
        name = f"{name}_{len(messages)}" if name in messages else name
        messages[name] = {"payload": {"$ref": reference}}
    return {"kind": "ephemeral", "serverMessages": messages}


def _message_name(text: str) -> str:
    last = text.replace("~1", "/").rpartition("/")[2].split(".schema")[0].removesuffix(".json")
    words = [word.lower() for word in WORDS.split(last) if word.isascii() and word]
    name = "_".join(words)[:40].strip("_") or "root"
    return f"{name if name[0].isalpha() else f'of_{name}'}_message"  # not a reserved name


@functools.cache
def _document(package: Package, path: str) -> Any:
    content = package.contents()[path]
    return json.loads(content) if path.endswith(".json") else yaml.load(content, yaml.CSafeLoader)


def _schemas_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schemas of an AsyncAPI document and the payloads of its messages as one document."""
    components = document.get("components", {})
    payloads = {
        f"payload of {name}": message["payload"]
        for name, message in components.get("messages", {}).items()
        if isinstance(message.get("payload"), dict)
    }
    text = json.dumps({"$defs": {**components.get("schemas", {}), **payloads}}, default=str)
    schemas: dict[str, Any] = json.loads(text.replace("#/components/schemas/", "#/$defs/"))
    return schemas


def _closure(package: Package, path: str) -> list[str]:
    """Return the paths of a file and of all files that it refers to."""
    found, queue = [path], [path]
    while queue:
        own = queue.pop()
        for target in _targets(package, own):
            if target not in found:
                found.append(target)
                queue.append(target)
    return found


@functools.cache
def _targets(package: Package, path: str) -> tuple[str, ...]:
    document, by_id, contents = _document(package, path), _by_id(package), package.contents()
    base, found = _id(document), list[str]()
    for file in {reference.partition("#")[0]: None for reference in _references(document)}:
        near = posixpath.normpath(posixpath.join(posixpath.dirname(path), file))
        target = by_id.get(urljoin(base, file)) or by_id.get(file) or near
        if file and target in contents:
            found.append(target)
    return tuple(found)


@functools.cache
def _by_id(package: Package) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for path in package.contents():
        try:
            identifier = _id(_document(package, path))
        except (ValueError, yaml.YAMLError):  # not a schema
            continue
        if identifier:
            found[identifier] = path
    return found


def _id(document: Any) -> str:
    found = document.get("$id", document.get("id")) if isinstance(document, dict) else None
    return found.rstrip("#") if isinstance(found, str) else ""


def _references(value: Any) -> Iterator[str]:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if isinstance(value, dict) and isinstance(value.get("$ref"), str):
        yield value["$ref"]
    for part in parts:
        yield from _references(part)
