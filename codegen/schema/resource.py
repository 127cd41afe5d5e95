"""Document in JSON Schema 2020-12, with its schema resources, anchors and references."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from functools import partial

from ..source import json_pointer, uri
from ..source.diagnostics import Problem
from ..source.document import Document, Json, copy_json
from . import metaschema
from .draft_pointers import original_pointer, upgraded_pointer
from .drafts import CONTAINERS, Draft, anchor_name, draft_of, subschemas, upgrade

__all__ = ["File", "Reference", "addresses", "uri_of"]


ENDS = tuple(f"/{keyword}" for keyword in CONTAINERS)
"""Ends of the pointers to objects with definitions."""


@dataclass(frozen=True, kw_only=True)
class Reference:
    """``$ref`` or ``$dynamicRef``."""

    base: str
    """Base URI of the reference."""
    pointer: str
    """Pointer to the reference in its document."""
    value: str
    """URI reference, as written by the author."""
    address: str
    """Absolute URI of the resource that it refers to."""
    fragment: str
    """Decoded fragment: a JSON Pointer, the name of an anchor, or empty."""


class File:
    """Document with valid schemas, as a resource.

    All its identifiers and references are rewritten in one form, on which the parsers of all libraries agree: an
    identifier is an absolute URI; a reference is an absolute URI, or a fragment if it refers to its own resource.

    Args:
        original: Document before the upgrade to 2020-12.
    """

    def __init__(self, original: Document) -> None:
        self.original = replace(original, original_pointer=partial(_original_pointer, original))
        """Document before the upgrade; its problems are those of the upgraded pointers."""
        self._moves = {old: new for new, old in original.moves.items()}
        self.path_uri = uri_of(original.path.as_posix())
        """URI given by the path in the schemas folder."""
        self.resources: dict[str, str] = {}
        """Pointer to each schema resource, by its URI."""
        self.anchors: dict[tuple[str, str], str] = {}
        """Pointer to each anchor, by the URI of its resource and its name."""
        self.schemas: dict[str, dict[str, Json] | bool] = {}
        """Every schema, by its pointer."""
        self.dynamic_anchors: list[str] = []
        """Pointers to the schemas with a dynamic anchor."""
        self.references: list[Reference] = []
        self.problems: list[Problem] = []
        self._duplicates: list[tuple[str, str]] = []
        root = _upgraded(original)
        self.uri = self.path_uri
        """URI given by ``$id``, or :attr:`path_uri`."""
        if isinstance(root, dict) and isinstance(root.get("$id"), str):
            self.uri = root["$id"] = uri.resolve(self.path_uri, uri.encode(root["$id"]))
        self.resources[self.uri] = ""
        document = replace(self.original, root=root)
        for pointer, schema in _starts(document):
            self._collect(schema, pointer, self.uri)
        self._check_duplicates()
        self.document = replace(document, uris=frozenset(self.resources))
        """Document in 2020-12."""

    def find(self, address: str, fragment: str) -> str | None:
        """Return the pointer that a reference leads to, after all moves; None without such a resource or anchor."""
        start = self.start(address)
        if start is None or not fragment:
            return start
        if not fragment.startswith("/"):
            return self.anchors.get((self.uri if address == self.path_uri else address, fragment))
        root = self.original.root
        place = original_pointer(start, _Pointers(root)) if start else ""
        before = json_pointer.with_outer_moves(place, self.original.moves) + fragment
        return upgraded_pointer(root, json_pointer.with_inner_moves(before, self._moves))

    def start(self, address: str) -> str | None:
        """Return the pointer to a resource; None if this file does not contain it."""
        return "" if address == self.path_uri else self.resources.get(address)

    def redirect(self, reference: Reference, fragment: str) -> None:
        """Change the fragment of a reference."""
        pointer, _, keyword = reference.pointer.rpartition("/")
        schema = self.schemas[pointer]
        if isinstance(schema, dict):
            schema[keyword] = f"{schema[keyword].partition('#')[0]}#{uri.to_fragment(fragment)}"

    @property
    def is_own(self) -> bool:
        """True if the user edits the file, or if it describes an endpoint."""
        return self.document.is_endpoint or not self.document.is_third_party

    def definition(self, pointer: str) -> str:
        """Return the pointer to the innermost definition that contains the value at ``pointer``; empty without one."""
        while pointer and not self._is_definition(pointer):
            pointer = json_pointer.parent(pointer)
        return pointer

    def _is_definition(self, pointer: str) -> bool:
        container = json_pointer.parent(pointer)  # a schema if it is a property that is called like a container
        return pointer in self.schemas and container.endswith(ENDS) and container not in self.schemas

    def _collect(self, schema: Json, pointer: str, base: str) -> None:
        """Record a schema and its subschemas, with their references and base URIs."""
        if not isinstance(schema, dict | bool):
            return
        self.schemas[pointer] = schema
        if isinstance(schema, bool):
            return
        if isinstance(schema.get("$id"), str):
            base = schema["$id"] = uri.resolve(base, uri.encode(schema["$id"]))
            self._add_resource(base, pointer)
        for keyword in ("$anchor", "$dynamicAnchor"):
            if isinstance(schema.get(keyword), str):
                self._add_anchor(base, schema[keyword], pointer)
        if "$dynamicAnchor" in schema:
            self.dynamic_anchors.append(pointer)
        for keyword in ("$ref", "$dynamicRef"):
            if isinstance(schema.get(keyword), str):
                self._add_reference(base, schema, keyword, pointer)
        for relative, subschema in subschemas(schema):
            self._collect(subschema, pointer + relative, base)

    def _add_resource(self, address: str, pointer: str) -> None:
        if self.resources.setdefault(address, pointer) != pointer:
            self._duplicates.append((address, pointer))

    def _check_duplicates(self) -> None:
        """Record the problems with resources that have the same URI but different content."""
        for address, pointer in self._duplicates:
            first = self.resources[address]
            if self.schemas.get(first) != self.schemas[pointer]:
                message = f"duplicate $id; first defined at {first or 'the root'}"
                hint = "give each schema a unique $id"
                problem = self.original.problem(f"{pointer}/$id", "duplicate_id", message, got=address, hint=hint)
                self.problems.append(problem)

    def _add_anchor(self, base: str, name: str, pointer: str) -> None:
        if self.anchors.setdefault((base, name), pointer) != pointer:
            message, hint = "duplicate $anchor", "rename one of the anchors"
            self.problems.append(self.original.problem(pointer, "duplicate_anchor", message, got=name, hint=hint))

    def _add_reference(self, base: str, schema: dict[str, Json], keyword: str, pointer: str) -> None:
        value = schema[keyword]
        encoded = uri.encode(value)
        address, fragment = uri.resolve(base, encoded), uri.fragment_of(encoded)
        if fragment and not fragment.startswith("/"):
            fragment = anchor_name(fragment)
        suffix = f"#{uri.to_fragment(fragment)}" if fragment else ""
        schema[keyword] = (suffix or "#") if encoded.partition("#")[0] == "" else address + suffix
        self.references.append(
            Reference(base=base, pointer=f"{pointer}/{keyword}", value=value, address=address, fragment=fragment)
        )


class _Pointers(Container[str]):
    """Pointers to the values of a document."""

    def __init__(self, root: Json) -> None:
        self._root = root

    def __contains__(self, pointer: object) -> bool:
        try:
            json_pointer.resolve(self._root, str(pointer))
        except LookupError:
            return False
        return True


def uri_of(path: str) -> str:
    """Return the URI of the file at ``path`` in the schemas folder."""
    return uri.BASE + uri.encode(path)


def addresses(document: Document) -> Iterator[str]:
    """Yield the URIs of a document that may be invalid: of its path, and its identifier."""
    yield uri_of(document.path.as_posix())
    root = document.root if isinstance(document.root, dict) else {}
    own = root.get("$id", root.get("id"))
    if isinstance(own, str):
        yield uri.resolve(uri_of(document.path.as_posix()), uri.encode(own))


def _original_pointer(document: Document, pointer: str) -> str:
    return original_pointer(document.original_pointer(pointer), document.find_offsets())


def _upgraded(document: Document) -> Json:
    """Return a copy of the root of a document in 2020-12."""
    if not document.is_endpoint:
        return upgrade(copy_json(document.root), draft_of(document.root) or Draft.DRAFT202012)
    root = copy_json(document.root)
    for pointer, schema in list(metaschema.endpoint_schemas(replace(document, root=root))):
        parent, _, name = pointer.rpartition("/")
        json_pointer.resolve(root, parent)[json_pointer.unescape(name)] = upgrade(
            schema, Draft.DRAFT202012, is_root=False
        )
    return root


def _starts(document: Document) -> Iterator[tuple[str, Json]]:
    """Yield the pointer and the value of each schema that is not inside another one."""
    if document.is_endpoint:
        yield from metaschema.endpoint_schemas(document)
    else:
        yield "", document.root
