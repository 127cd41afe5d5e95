"""Puts every schema that an endpoint needs into one compound JSON Schema document."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urljoin

from ..source import json_pointer
from ..source.document import Document, Json
from .vocabulary import DIALECT, REFERENCES, join, walk

__all__ = ["BASE", "Bundle", "bundle"]

BASE = "https://tornado-ws.invalid/"
"""Under this address each file has its own, by its path in the schemas folder. Nothing is ever fetched."""


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """A compound document (JSON Schema core, 9.3), and where its parts came from."""

    root: dict[str, Json]
    parts: tuple[tuple[str, Document, str], ...]
    """Pointer in the bundle, document, and pointer there; the innermost parts first."""
    references: Mapping[str, dict[str, Json]]
    """Schemas of the endpoint that only refer to others, by pointer in its document."""

    def origin(self, pointer: str) -> tuple[Document, str]:
        """Return the document from which a part came, and its pointer there."""
        for inside, document, outside in self.parts:
            if pointer == inside or pointer.startswith(f"{inside}/"):
                return document, outside + pointer[len(inside) :]
        raise LookupError(pointer)


def bundle(
    document: Document, *, inline: Mapping[str, str], references: Iterable[str], documents: Iterable[Document]
) -> Bundle:
    """Bundle what ``document`` holds and what it refers to.

    References stay as they are, but for two kinds that would lead nowhere: those to an inline schema, which gets a
    place under ``$defs``, and those that call a file by its path though it gives itself another ``$id``.

    Args:
        document: The endpoint.
        inline: Name under ``$defs`` of each inline schema, and its pointer in ``document``.
        references: Pointers in ``document`` to schemas that only refer to others.
        documents: All files of the folder.

    """
    files = {uri: _File(uri, other) for other in documents for uri in [urljoin(BASE, str(other.path))]}
    home = files[urljoin(BASE, str(document.path))]
    moved = {pointer: json_pointer.join("/$defs", name) for name, pointer in inline.items()}
    definitions: dict[str, Json] = {
        **{name: copy.deepcopy(schema) for name, schema in document.root.get("$defs", {}).items()},
        **{name: copy.deepcopy(json_pointer.resolve(document.root, pointer)) for name, pointer in inline.items()},
    }
    root: dict[str, Json] = {"$schema": DIALECT, "$id": home.uri, "$defs": definitions}
    parts = [(place, document, pointer) for pointer, place in moved.items()]
    owners = {uri: file for file in files.values() for uri in (file.retrieval, *file.uris)}
    outside = {pointer: copy.deepcopy(json_pointer.resolve(document.root, pointer)) for pointer in references}
    queue, embedded = [root, *outside.values()], {home.retrieval}
    while queue:
        for needed in list(_references(queue.pop(), home, moved, owners)):  # they walk what is added to below
            if needed.retrieval not in embedded:
                embedded.add(needed.retrieval)
                definitions[needed.uri] = needed.schema()
                parts.append((json_pointer.join("/$defs", needed.uri), needed.document, ""))
                queue.append(definitions[needed.uri])
    parts.append(("", document, ""))
    return Bundle(root=root, parts=tuple(parts), references=outside)


class _File:
    """A file of the folder as a schema resource."""

    def __init__(self, retrieval: str, document: Document) -> None:
        self.retrieval = retrieval
        self.document = document
        root = document.root
        own = root.get("$id") if isinstance(root, dict) else None
        self.uri = join(retrieval, own)[0] if isinstance(own, str) else retrieval
        self.uris = {visit.base for visit in walk(root, retrieval)}

    def schema(self) -> Json:
        """Return the file as a member of a bundle, without what is no JSON Schema."""
        root = self.document.root
        if not isinstance(root, dict):  # true or false, which cannot say where they are
            return {"$schema": DIALECT, "$id": self.uri, **({} if root else {"not": {}})}
        kept = copy.deepcopy({"$defs": root.get("$defs", {})} if self.document.is_endpoint else root)
        return {**kept, "$schema": DIALECT, "$id": self.uri}


def _references(part: Json, home: _File, moved: Mapping[str, str], owners: Mapping[str, _File]) -> Iterable[_File]:
    """Repair the references in ``part``; yield the files that they lead to."""
    for visit in walk(part, home.uri):
        for keyword in REFERENCES:
            reference = visit.schema.get(keyword)
            if not isinstance(reference, str):
                continue
            uri, fragment = join(visit.base, reference)
            owner = owners.get(uri)
            if owner is None:
                continue
            if uri == owner.retrieval != owner.uri:
                visit.schema[keyword] = owner.uri + reference[reference.find("#") :] if "#" in reference else owner.uri
            if owner is home:
                for old, new in moved.items():
                    if fragment == old or fragment.startswith(f"{old}/"):
                        visit.schema[keyword] = f"{home.uri}#{quote(new + fragment[len(old) :])}"
            yield owner
