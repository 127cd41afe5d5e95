"""Says why a reference leads nowhere, and where it may have been meant to lead."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from urllib.parse import unquote, urljoin, urlsplit

from ..source import json_pointer
from ..source.diagnostics import Problem
from ..source.document import Document, Json
from .schema_errors import nearest

__all__ = ["explain", "leaves"]


def explain(
    document: Document, pointer: str, reference: str, *, base: str, folder: str, known: Mapping[str, Document]
) -> Problem:
    """Return the problem of a reference that leads nowhere.

    Args:
        document: Where it stands.
        pointer: Where in it.
        reference: What it says.
        base: The URI that it is relative to.
        folder: Base URI of the schemas folder.
        known: The files of the folder, by path.

    """
    got = f'"{reference}"'
    scheme, host = urlsplit(reference)[:2]
    if (scheme or host) and not reference.startswith(folder):
        message, advice = "references are never fetched", "save it in the schemas folder and refer to the file"
        return document.problem(pointer, "ref_to_url", message, got=got, hint=advice)
    if leaves(reference, base=base, folder=folder):
        message, advice = "the reference leaves the schemas folder", "move the file into the folder"
        return document.problem(pointer, "ref_outside_folder", message, got=got, hint=advice)
    target, _, fragment = urljoin(base, reference).partition("#")
    name = unquote(target.removeprefix(folder))
    found = document if target == base else known.get(name)
    if found is None:
        meant = nearest(name, known)
        message, hint = "no such file in the schemas folder", f"did you mean {meant}?" if meant else None
        return document.problem(pointer, "ref_to_nowhere", message, got=got, hint=hint)
    hint = _nearby(found.root, unquote(fragment))
    message = f"nothing is there in {found.path}"
    return document.problem(pointer, "ref_to_nowhere", message, got=got, hint=hint)


def leaves(reference: str, *, base: str, folder: str) -> bool:
    """Tell whether a reference goes up and out of the folder; as a URI it would stop at its root."""
    scheme, host, path = urlsplit(reference)[:3]
    if scheme or host or not base.startswith(folder):
        return False
    here = posixpath.dirname(base.removeprefix(folder))
    return posixpath.normpath(posixpath.join(here, unquote(path))).startswith("..")


def _nearby(root: Json, fragment: str) -> str | None:
    """Return what to write instead, by the last step of the pointer that leads somewhere."""
    if not fragment.startswith("/"):
        names = root.get("$defs", {}) if isinstance(root, dict) else {}
        return f"did you mean #/$defs/{json_pointer.escape(fragment)}?" if fragment in names else None
    value, way = root, ""
    for key in json_pointer.parse(fragment):
        if not isinstance(value, dict):
            return None
        if key not in value:
            meant = nearest(key, value)
            return f"did you mean #{json_pointer.join(way, meant)}?" if meant else _listing(way, value)
        value, way = value[key], json_pointer.join(way, key)
    return None


def _listing(way: str, members: Mapping[str, Json]) -> str | None:
    return f"{way} holds {', '.join(members)}" if way and 0 < len(members) <= 10 else None
