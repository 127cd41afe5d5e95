"""Document as a JSON Schema resource, with the positions, identifiers and references of its schemas."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urljoin

from referencing.jsonschema import DRAFT202012, SchemaResource

from ..source.diagnostics import Problem
from ..source.document import Document
from . import metaschema
from .drafts import Draft, draft_of, original_pointer, upgrade

__all__ = ["BASE", "File", "Reference", "uri_of"]

BASE = "https://tornado-ws.invalid/"
"""Base URI of the schemas folder; the domain ``invalid`` never exists (RFC 2606 section 2)."""


@dataclass(frozen=True)
class Reference:
    """``$ref`` or ``$dynamicRef``."""

    base: str
    """Base URI of the reference."""
    pointer: str
    """Pointer to the reference in its document."""
    value: str
    """URI reference."""


class File:
    """Document with valid schemas, as a resource.

    Args:
        original: Document before the upgrade to 2020-12.
    """

    def __init__(self, original: Document) -> None:
        root = original.root
        if not original.is_endpoint:
            draft = draft_of(root) or Draft.DRAFT202012
            root = upgrade(root, draft)
            if draft is not Draft.DRAFT202012:
                original = replace(original, original_pointer=partial(original_pointer, pointers=original.offsets))
        self.original = original
        self.document = replace(original, root=root)
        """Document in 2020-12."""
        self.resource = _resource(self.document)
        """JSON Schema resource; for an endpoint, its payload schemas are entries of ``$defs`` too."""
        self.path_uri = uri_of(self.document.path.as_posix())
        """URI given by the path in the schemas folder."""
        self.uri = urljoin(self.path_uri, self.resource.id() or "")
        """URI given by ``$id``, or :attr:`path_uri`."""
        self.pointers = {id(value): pointer for pointer, value in metaschema.objects(root, "")}
        """Pointer of every object, by ``id``."""
        self.schemas: set[int] = set()
        """``id`` of every object that is a schema."""
        self.references: list[Reference] = []
        self.problems: list[Problem] = []
        self._anchors: set[tuple[str, str]] = set()
        self._collect(self.resource, self.path_uri)

    def _collect(self, resource: SchemaResource, base: str) -> None:
        """Record a schema and its subschemas, with their references and base URIs."""
        contents = resource.contents
        if isinstance(contents, bool):
            return
        if id(contents) in self.pointers:  # the resource of an endpoint itself is not a schema
            self.schemas.add(id(contents))
        base = urljoin(base, resource.id() or "")
        pointer = self.pointers.get(id(contents), "")
        for anchor in resource.anchors():
            if (base, anchor.name) in self._anchors:
                message, hint = "duplicate $anchor", "rename one of the anchors"
                problem = self.original.problem(pointer, "duplicate_anchor", message, got=anchor.name, hint=hint)
                self.problems.append(problem)
            self._anchors.add((base, anchor.name))
        for keyword in ("$ref", "$dynamicRef"):
            if keyword in contents:
                self.references.append(Reference(base, f"{pointer}/{keyword}", contents[keyword]))
        for subresource in resource.subresources():
            self._collect(subresource, base)


def uri_of(path: str) -> str:
    """Return the URI of the file at ``path`` in the schemas folder."""
    return BASE + path


def _resource(document: Document) -> SchemaResource:
    if not document.is_endpoint:
        return DRAFT202012.create_resource(document.root)
    root = {keyword: document.root[keyword] for keyword in metaschema.ENDPOINT_KEYWORDS if keyword in document.root}
    root["$defs"] = metaschema.definitions(document) | dict(metaschema.payload_schemas(document))
    if isinstance(document.root.get("$id"), str):
        root["$id"] = document.root["$id"]
    return DRAFT202012.create_resource(root)
