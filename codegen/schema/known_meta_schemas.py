"""Meta-schemas of JSON Schema as documents, for references to their well-known URIs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath

from ..source import uri
from ..source.document import Document, Json, Text
from ..source.json_reader import read_json
from .drafts import draft_of
from .metaschema import schemas
from .resource import uri_of

__all__ = ["referenced_meta_schemas"]

PACKAGE = "jsonschema_specifications"
"""Package with the meta-schemas; `jsonschema` depends on it."""
HOST = "json-schema.org"
SCHEMES = ("http", "https")
"""Schemes of the URIs; both are in use."""


def referenced_meta_schemas(documents: Iterable[Document]) -> list[Document]:
    """Return the meta-schemas that documents refer to, and those that these refer to.

    Args:
        documents: All documents. A meta-schema among them, by its ``$id``, is not added.
    """
    found: dict[str, Document] = {}
    owned: set[str] = set()
    referenced: set[str] = set()
    for document in documents:
        if HOST in document.text.content:
            for base, address in _uris(document):
                owned.add(base)
                referenced.add(address)
    while new := [
        meta_schema
        for address in sorted(referenced - owned - found.keys())
        if (meta_schema := _meta_schema(address)) is not None
    ]:
        found |= {document.source: document for document in new}
        referenced.update(address for document in new for _, address in _uris(document))
    return list(found.values())


def _uris(document: Document) -> Iterator[tuple[str, str]]:
    """Yield the base URI of each schema of a document, and the URI that it refers to."""
    bases = {"": uri_of(document.path.as_posix())}
    for pointer, schema in schemas(document):
        enclosing = pointer
        while enclosing not in bases:
            enclosing = enclosing.rpartition("/")[0]
        own = schema.get("$id", schema.get("id"))
        if isinstance(own, str) and not own.startswith("#"):
            bases[pointer] = uri.resolve(bases[enclosing], uri.encode(own))
        base = bases.get(pointer, bases[enclosing])
        references = (schema.get(keyword) for keyword in ("$ref", "$dynamicRef"))
        yield from ((base, uri.resolve(base, uri.encode(one))) for one in references if isinstance(one, str))
        yield base, base


@cache
def _meta_schema(address: str) -> Document | None:
    """Return the meta-schema with a URI of either scheme; None for other URIs."""
    scheme, _, rest = address.partition("://")
    known = (f"{other}://{rest}" for other in SCHEMES if scheme in SCHEMES)
    name = next((one for one in known if one in _stored_meta_schemas()), None)
    if name is None:
        return None
    stored = _stored_meta_schemas()[name]
    root = stored | {"id" if "id" in stored else "$id": address}
    text = Text(address, json.dumps(root))
    value, find_offsets = read_json(text, [])
    path = PurePosixPath(rest).with_suffix(".json")
    return Document(path=path, source=address, root=value, text=text, find_offsets=find_offsets, is_bundled=True)


@cache
def _stored_meta_schemas() -> dict[str, dict[str, Json]]:
    """Return the meta-schemas of all supported drafts, with their vocabularies, by URI."""
    found = (json.loads(file.read_text(encoding="utf-8")) for file in _files(files(PACKAGE) / "schemas"))
    return {
        schema.get("$id", schema.get("id")).removesuffix("#"): schema
        for schema in found
        if draft_of(schema) is not None
    }


def _files(folder: Traversable) -> Iterator[Traversable]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _files(entry)
        elif not entry.name.startswith("."):
            yield entry
