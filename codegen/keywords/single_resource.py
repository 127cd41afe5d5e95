"""Bundles with one schema resource (JSON Schema core, section 4.3.5), which the schema validator compiles fast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..source import json_pointer
from ..source.document import Json, copy_json
from ..source.uri import BASE, to_fragment
from .vocabulary import REFERENCES, Visit, resolve_reference, walk

__all__ = ["merge_resources", "single_resource"]

ANCHORS = ("$anchor", "$dynamicAnchor")

RESERVED = ("http://json-schema.org/", "https://json-schema.org/")
"""Addresses below which jsonschema-rs has schemas of its own, which it prefers to those of a bundle."""


def single_resource(bundle: Mapping[str, Json]) -> dict[str, Any]:  # a JSON object
    """Return a copy of a bundle for the schema validator; its schemas have the same pointers."""
    document: dict[str, Any] = copy_json(dict(bundle))
    merge_resources(list(walk(document, "")))
    return document


def merge_resources(visits: Sequence[Visit], kept: Sequence[str] = ()) -> None:
    """Make one resource of a bundle: all references become pointers into it.

    jsonschema-rs compiles a schema once for each sequence of resources that leads to it. For files that refer to each
    other, that takes exponential time. A bundle with dynamic references keeps its resources, because they depend on it.

    Args:
        visits: All schemas of the bundle; they are changed.
        kept: Pointers to resources that keep their address, because shared types refer to it.
    """
    if any("$dynamicRef" in visit.schema for visit in visits):
        _address_resources(visits)
        _rename_reserved(visits)
    else:
        _merge(visits, kept)


def _merge(visits: Sequence[Visit], kept: Sequence[str]) -> None:
    targets = {(visit.base, ""): visit.pointer for visit in visits if isinstance(visit.schema.get("$id"), str)}
    for visit in visits:
        for name in (visit.schema.get(keyword) for keyword in ANCHORS):
            if isinstance(name, str):
                targets.setdefault((visit.base, name), visit.pointer)
    for visit in visits:
        reference = visit.schema.get("$ref")
        if isinstance(reference, str):
            address, fragment = resolve_reference(visit.base, reference)
            anchor, inner = ("", fragment) if fragment.startswith("/") else (fragment, "")
            if (address, anchor) in targets:
                is_inside = f"{visit.pointer}/".startswith(tuple(f"{pointer}/" for pointer in kept))
                root = visits[0].base if is_inside else ""
                visit.schema["$ref"] = f"{root}#{to_fragment(targets[address, anchor] + inner)}"
    for visit in visits:
        for keyword in ("$id", *ANCHORS) if visit.pointer not in ("", *kept) else ANCHORS:
            visit.schema.pop(keyword, None)


def _address_resources(visits: Sequence[Visit]) -> None:
    """Replace pointers into an embedded resource by references with its address.

    jsonschema-rs does not add the enclosing resource to the dynamic scope when a pointer crosses into an embedded one,
    so dynamic references would miss its anchors.
    """
    addresses = {visit.pointer: visit.base for visit in visits if isinstance(visit.schema.get("$id"), str)}
    pointers = {address: pointer for pointer, address in addresses.items()}
    for visit in visits:
        reference = visit.schema.get("$ref")
        if not isinstance(reference, str) or "/" not in reference:
            continue
        address, fragment = resolve_reference(visit.base, reference)
        if not fragment.startswith("/") or address not in pointers:
            continue
        target = pointers[address] + fragment
        enclosing = target
        while enclosing not in addresses:
            enclosing = json_pointer.parent(enclosing)
        if addresses[enclosing] != address:
            rest = target[len(enclosing) :]
            visit.schema["$ref"] = addresses[enclosing] + (f"#{to_fragment(rest)}" if rest else "")


def _rename_reserved(visits: Sequence[Visit]) -> None:
    """Move resources with reserved addresses below our own base, with all references to them."""
    for visit in visits:
        for keyword in ("$id", *REFERENCES):
            reference = visit.schema.get(keyword)
            if not isinstance(reference, str) or reference.startswith("#"):
                continue
            address, fragment = resolve_reference(visit.base, reference)
            if visit.base.startswith(RESERVED) or address.startswith(RESERVED):
                root = BASE if address.startswith(RESERVED) else ""
                visit.schema[keyword] = f"{root}{address}" + (f"#{to_fragment(fragment)}" if fragment else "")
