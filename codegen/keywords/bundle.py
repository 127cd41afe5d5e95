"""Bundle of all schemas of an endpoint in one compound document (JSON Schema core, section 9.3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..source import json_pointer
from ..source.document import Document, Json, copy_json
from ..source.uri import BASE, encode, to_fragment
from .vocabulary import DIALECT, REFERENCES, resolve_reference, walk

__all__ = ["Bundle", "bundle", "file_uris"]


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """Compound document, with the origins of its parts."""

    root: dict[str, Json]
    parts: Mapping[str, tuple[Document, str]]
    """Document of each part and pointer in it, by pointer in the bundle: a member of ``$defs``, or the rest."""
    references: Mapping[str, dict[str, Json]]
    """Schemas of payloads that only refer to another schema, by pointer in the endpoint's document."""

    def origin(self, pointer: str) -> tuple[Document, str]:
        """Return the original document of a part, and the pointer to the part in this document."""
        inside = json_pointer.prefix(pointer, 2)
        document, outside = self.parts.get(inside) or self.parts[inside := ""]
        return document, outside + pointer[len(inside) :]


def bundle(
    document: Document, *, inline: Mapping[str, str], references: Iterable[str], documents: Iterable[Document]
) -> Bundle:
    """Return the bundle of ``document`` and all files that it refers to.

    Only references that would be unresolved in the bundle are changed: references to an inline schema, which moves to
    ``$defs``, and references to a file by its path if the file declares another ``$id``.

    Args:
        document: Document of the endpoint.
        inline: Pointer in ``document`` to each inline schema, by its name under ``$defs``.
        references: Pointers in ``document`` to schemas that only refer to another schema.
        documents: All files of the folder.
    """
    files = {file.retrieval: file for file in map(_File, documents)}
    home = files[_File(document).retrieval]
    moved = {pointer: json_pointer.join("/$defs", name) for name, pointer in inline.items()}
    definitions: dict[str, Json] = {
        **{name: copy_json(schema) for name, schema in document.root.get("$defs", {}).items()},
        **{name: copy_json(json_pointer.resolve(document.root, pointer)) for name, pointer in inline.items()},
    }
    root: dict[str, Json] = {"$schema": DIALECT, "$id": home.uri, "$defs": definitions}
    parts = {"": (document, "")} | {target: (document, pointer) for pointer, target in moved.items()}
    owners = {uri: file for file in files.values() for uri in (file.retrieval, *file.document.uris)}
    outside = {pointer: copy_json(json_pointer.resolve(document.root, pointer)) for pointer in references}
    queue, embedded = [root, *outside.values()], {home.retrieval}
    while queue:
        targets = [*_references(queue.pop(), home, moved, owners)]  # before the root grows during the walk
        for file in targets:
            if file.retrieval not in embedded:
                embedded.add(file.retrieval)
                definitions[file.uri] = file.schema()
                parts[json_pointer.join("/$defs", file.uri)] = file.document, ""
                queue.append(definitions[file.uri])
    return Bundle(root=root, parts=parts, references=outside)


def file_uris(documents: Iterable[Document]) -> dict[str, Document]:
    """Return the files of a folder by the URIs that bundles contain."""
    return {_File(document).uri: document for document in documents}


class _File:
    """Schema resource of one file."""

    def __init__(self, document: Document) -> None:
        self.retrieval = BASE + encode(document.path.as_posix())
        self.document = document
        root = document.root
        own = root.get("$id") if isinstance(root, dict) else None
        self.uri = resolve_reference(self.retrieval, own)[0] if isinstance(own, str) else self.retrieval

    def schema(self) -> Json:
        """Return the JSON Schema in the file, as a member of a bundle."""
        root = self.document.root
        if not isinstance(root, dict):  # true and false cannot contain an $id
            return {"$schema": DIALECT, "$id": self.uri, **({} if root else {"not": {}})}
        kept = copy_json({"$defs": root.get("$defs", {})} if self.document.is_endpoint else root)
        return {**kept, "$schema": DIALECT, "$id": self.uri}


def _references(part: Json, home: _File, moved: Mapping[str, str], owners: Mapping[str, _File]) -> Iterable[_File]:
    """Update the references in ``part``, and yield the files that they lead to."""
    for visit in walk(part, home.uri):
        for keyword in REFERENCES:
            reference = visit.schema.get(keyword)
            if not isinstance(reference, str):
                continue
            uri, fragment = resolve_reference(visit.base, reference)
            owner = owners.get(uri)
            if owner is None:
                continue
            if uri == owner.retrieval != owner.uri:
                visit.schema[keyword] = owner.uri + reference[reference.find("#") :] if "#" in reference else owner.uri
            if owner is home:
                for old in (json_pointer.prefix(fragment, 1), json_pointer.prefix(fragment, 3)):
                    if old in moved:
                        visit.schema[keyword] = f"{home.uri}#{to_fragment(moved[old] + fragment[len(old) :])}"
            yield owner
