"""A document as a JSON Schema resource: where its schemas stand, what they are called and what they refer to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urljoin

from referencing.jsonschema import DRAFT202012, SchemaResource

from ..source import json_pointer
from ..source.diagnostics import Problem
from ..source.document import Document, Json
from . import metaschema
from .drafts import Draft, draft_of, upgrade, written

__all__ = ["BASE", "File", "Reference", "uri_of"]

BASE = "https://tornado-ws.invalid/"
"""Base URI of the schemas folder. By RFC 2606 nothing can ever be there."""


@dataclass(frozen=True)
class Reference:
    """A ``$ref`` or ``$dynamicRef``."""

    base: str
    """The URI that it is relative to."""
    pointer: str
    says: str


class File:
    """A document whose schemas are schemas.

    Args:
        original: The document as it was read.

    """

    def __init__(self, original: Document) -> None:
        root = original.root
        if not original.is_endpoint:
            draft = draft_of(root) or Draft.DRAFT202012
            root = upgrade(root, draft)
            if draft is not Draft.DRAFT202012:
                original = replace(original, written=partial(written, places=original.places))
        self.original = original
        self.document = replace(original, root=root)
        """Spelled in 2020-12."""
        self.resource = _resource(self.document)
        """As plain JSON Schema: for an endpoint, all schemas in it are entries of ``$defs`` as well."""
        self.path_uri = uri_of(self.document.path.as_posix())
        self.uri = urljoin(self.path_uri, self.resource.id() or "")
        """What it calls itself; else its path."""
        self.pointers = {id(value): pointer for value, pointer in _objects(root, "")}
        """Of every object, by its identity."""
        self.schemas: set[int] = set()
        """The objects that are schemas, by identity."""
        self.references: list[Reference] = []
        self.problems: list[Problem] = []
        self._anchors: set[tuple[str, str]] = set()
        self._collect(self.resource, self.path_uri)

    def _collect(self, resource: SchemaResource, base: str) -> None:
        """Note the schemas in a schema, and their references with the URI that each is relative to."""
        contents = resource.contents
        if isinstance(contents, bool):
            return
        if id(contents) in self.pointers:  # else it is the resource of an endpoint, which is no schema
            self.schemas.add(id(contents))
        base = urljoin(base, resource.id() or "")
        pointer = self.pointers.get(id(contents), "")
        for anchor in resource.anchors():
            if (base, anchor.name) in self._anchors:
                message, hint = "the anchor stands twice in this file", "rename one of them"
                problem = self.original.problem(pointer, "duplicate_anchor", message, got=anchor.name, hint=hint)
                self.problems.append(problem)
            self._anchors.add((base, anchor.name))
        for keyword in ("$ref", "$dynamicRef"):
            if keyword in contents:
                self.references.append(Reference(base, f"{pointer}/{keyword}", contents[keyword]))
        for each in resource.subresources():
            self._collect(each, base)


def uri_of(path: str) -> str:
    """Return the URI of a file by its path in the schemas folder."""
    return BASE + path


def _resource(document: Document) -> SchemaResource:
    if not document.is_endpoint:
        return DRAFT202012.create_resource(document.root)
    root = {keyword: document.root[keyword] for keyword in metaschema.OURS if keyword in document.root}
    root["$defs"] = metaschema.definitions(document) | dict(metaschema.slots(document))
    if isinstance(document.root.get("$id"), str):
        root["$id"] = document.root["$id"]
    return DRAFT202012.create_resource(root)


def _objects(value: Json, pointer: str) -> Iterator[tuple[dict[str, Json], str]]:
    if isinstance(value, dict):
        yield value, pointer
        for key, member in value.items():
            yield from _objects(member, json_pointer.join(pointer, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _objects(item, f"{pointer}/{index}")
