"""Definitions in places where JSON Schema defines none, such as ``#/definitions/group/name``, moved to ``$defs``.

Such places are inside unknown keywords, which are data, unless a reference leads there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..source import json_pointer, uri
from ..source.document import Document, Json, copy_json
from .drafts import APPLICATORS, CONTAINERS, subschemas
from .metaschema import endpoint_schemas
from .resource import uri_of

__all__ = ["with_moved_definitions"]


@dataclass(kw_only=True)
class _Content:
    """Schemas of one document."""

    document: Document
    schemas: dict[str, dict[str, Json]] = field(default_factory=dict)
    """Every schema that is an object, by its pointer; also those in other places."""
    bases: dict[str, str] = field(default_factory=dict)
    """Base URI of each schema, and of the document, by pointer."""
    resources: dict[str, str] = field(default_factory=dict)
    """Pointer to each schema resource, by its URI."""
    moved: dict[str, str] = field(default_factory=dict)
    """New pointer of each definition in another place, by its pointer."""

    @property
    def address(self) -> str:
        """URI given by the path of the file."""
        return uri_of(str(self.document.path))

    def add(self, place: str, value: Json) -> list[str]:
        """Add the schema ``value`` and its subschemas; return their pointers."""
        added: list[str] = []
        queue = [(place, value)]
        while queue:
            pointer, schema = queue.pop()
            if isinstance(schema, dict):
                base = self.bases[_prefix(self.bases, json_pointer.parent(pointer)) or ""]
                own = _identifier(schema)
                self.bases[pointer] = base if own is None else uri.resolve(base, uri.encode(own))
                if own is not None:
                    self.resources.setdefault(self.bases[pointer], pointer)
                self.schemas[pointer] = schema
                added.append(pointer)
                queue += [(pointer + relative, subschema) for relative, subschema in subschemas(schema)]
        return added


@dataclass(frozen=True, kw_only=True)
class _Reference:
    source: _Content
    pointer: str
    """Pointer to the schema with the reference."""
    owner: _Content
    place: str
    """Pointer to the target."""


def with_moved_definitions(documents: Sequence[Document]) -> list[Document]:
    """Return the documents with all definitions in ``$defs``, and with references to their new places."""
    contents = [_content(document) for document in documents]
    resources = {
        address: (content, pointer) for content in reversed(contents) for address, pointer in content.resources.items()
    }
    references: list[_Reference] = []
    queue = [(content, pointer) for content in contents for pointer in content.schemas]
    while queue:
        source, pointer = queue.pop()
        target = _target(source, pointer, resources)
        if target is None:
            continue
        owner, place = target
        references.append(_Reference(source=source, pointer=pointer, owner=owner, place=place))
        if place not in owner.schemas and _is_elsewhere(owner, place):
            queue += [(owner, found) for found in owner.add(place, json_pointer.resolve(owner.document.root, place))]
            owner.moved[place] = json_pointer.join("/$defs", _unused_name(owner, place))
    if not any(content.moved for content in contents):
        return list(documents)
    roots = {id(content): copy_json(content.document.root) for content in contents}
    for reference in references:
        moved = _prefix(reference.owner.moved, reference.place)
        if moved is not None or _prefix(reference.source.moved, reference.pointer) is not None:
            place = reference.place if moved is None else reference.owner.moved[moved] + reference.place[len(moved) :]
            schema = json_pointer.resolve(roots[id(reference.source)], reference.pointer)
            schema["$ref"] = f"{reference.owner.address}#{uri.to_fragment(place)}"
    return [_with_definitions(content, roots[id(content)], references) for content in contents]


def _content(document: Document) -> _Content:
    content = _Content(document=document)
    content.bases[""] = content.address
    content.resources[content.address] = ""
    if document.is_endpoint:
        own = _identifier(document.root)
        content.bases[""] = content.address if own is None else uri.resolve(content.address, uri.encode(own))
        content.resources.setdefault(content.bases[""], "")
    for pointer, schema in endpoint_schemas(document) if document.is_endpoint else [("", document.root)]:
        content.add(pointer, schema)
    return content


def _identifier(schema: Mapping[str, Json]) -> str | None:
    own = schema.get("$id", schema.get("id"))
    return own if isinstance(own, str) and not own.startswith("#") else None


def _target(
    content: _Content, pointer: str, resources: Mapping[str, tuple[_Content, str]]
) -> tuple[_Content, str] | None:
    """Return the document and the pointer that the reference of a schema leads to; None for other references."""
    reference = content.schemas[pointer].get("$ref")
    if not isinstance(reference, str) or "#/" not in reference:
        return None
    encoded = uri.encode(reference)
    owner, start = resources.get(uri.resolve(content.bases[pointer], encoded), (None, ""))
    return None if owner is None else (owner, start + uri.fragment_of(encoded))


def _is_elsewhere(content: _Content, place: str) -> bool:
    """Return True if a place is inside an unknown keyword of a schema, and could be a schema."""
    try:
        value = json_pointer.resolve(content.document.root, place)
    except LookupError:
        return False
    inside = place
    while inside not in content.schemas:
        if not inside:
            return False  # in an endpoint, outside its schemas
        keyword, inside = json_pointer.parse(inside)[-1], json_pointer.parent(inside)
    return isinstance(value, dict | bool) and keyword not in APPLICATORS


def _unused_name(content: _Content, place: str) -> str:
    """Return the last token of a pointer, or its last tokens, as a name that ``$defs`` does not contain."""
    taken = {*content.document.root.get("$defs", ()), *(json_pointer.parse(new)[-1] for new in content.moved.values())}
    tokens = json_pointer.parse(place)
    names = (".".join(tokens[start:]) for start in range(len(tokens) - 1, -1, -1))
    return next((name for name in names if name not in taken), place)


def _with_definitions(content: _Content, root: Json, references: Sequence[_Reference]) -> Document:
    """Return the document with its moved definitions, and without the groups that contained them."""
    if not content.moved:
        return replace(content.document, root=root)
    definitions = {**root.get("$defs", {})}
    for place, new in content.moved.items():
        definitions[json_pointer.parse(new)[-1]] = json_pointer.resolve(root, place)
    changed = {**root, "$defs": definitions}
    used = {reference.place for reference in references if reference.owner is content} - content.moved.keys()
    for group in {json_pointer.prefix(place, 2) for place in content.moved}:
        keyword, *names = json_pointer.parse(group)
        is_used = any(place == group or place.startswith(f"{group}/") for place in used if place in content.schemas)
        if keyword in CONTAINERS and names and not is_used:
            changed[keyword] = {name: schema for name, schema in changed[keyword].items() if name != names[0]}
    places = {new: place for place, new in content.moved.items()}

    def original_pointer(pointer: str) -> str:
        new = _prefix(places, pointer)
        return pointer if new is None else places[new] + pointer[len(new) :]

    return replace(content.document, root=changed, original_pointer=original_pointer)


def _prefix(pointers: Mapping[str, object], pointer: str) -> str | None:
    """Return the longest of ``pointers`` that leads to ``pointer`` or to a value around it."""
    while pointer not in pointers:
        if not pointer:
            return None
        pointer = json_pointer.parent(pointer)
    return pointer
