"""Problems with unresolved references, and suggestions for them."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from ..source import json_pointer
from ..source.diagnostics import Problem
from ..source.document import Document, Json
from .resource import Reference
from .similar_names import SimilarNames

__all__ = ["ReferenceHints", "leaves_folder"]


class ReferenceHints:
    """Problems with references, and the names that their suggestions are searched in."""

    def __init__(self, folder: str, known: Mapping[str, Document]) -> None:
        """Start without searches.

        Args:
            folder: Base URI of the schemas folder.
            known: Documents of the folder, by path.
        """
        self._folder = folder
        self._known = known
        self._searches: dict[int, tuple[Mapping[str, object], SimilarNames]] = {}
        """Searches by the identity of an object, with a reference to it."""

    def problem(self, document: Document, reference: Reference) -> Problem:
        """Return the problem with a reference that has no target.

        Args:
            document: Document of the reference.
            reference: Reference without a target.
        """
        pointer, value = reference.pointer, reference.value
        got = f'"{value}"'
        if not reference.address.startswith(self._folder):
            message, hint = (
                "remote references are not fetched",
                "save the schema in the schemas folder and refer to the file",
            )
            return document.problem(pointer, "remote_reference", message, got=got, hint=hint)
        if leaves_folder(value, base=reference.base, folder=self._folder):
            message, hint = "reference outside the schemas folder", "move the file into the schemas folder"
            return document.problem(pointer, "reference_outside_folder", message, got=got, hint=hint)
        name = unquote(reference.address.removeprefix(self._folder))
        found = document if reference.address == reference.base else self._known.get(name)
        if found is None:
            definitions = document.root.get("$defs", {}) if isinstance(document.root, dict) else {}
            match = f"#/$defs/{value}" if value in definitions else self._closest(name, self._known)
            message, suggestion = "file not found in the schemas folder", f"did you mean {match}?" if match else None
            return document.problem(pointer, "unresolved_reference", message, got=got, hint=suggestion)
        suggestion = self._suggestion(found.root, reference.fragment)
        message = f"no such schema in {found.path}"
        return document.problem(pointer, "unresolved_reference", message, got=got, hint=suggestion)

    def _suggestion(self, root: Json, fragment: str) -> str | None:
        """Return a hint for the first token of a pointer that has no value."""
        if not fragment.startswith("/"):
            names = root.get("$defs", {}) if isinstance(root, dict) else {}
            return f"did you mean #/$defs/{json_pointer.escape(fragment)}?" if fragment in names else None
        value, pointer = root, ""
        tokens = json_pointer.parse(fragment)
        definitions = root.get("$defs", {}) if isinstance(root, dict) else {}
        if tokens[-1] in definitions and len(tokens) <= 2:  # such as #/defs/Line, #/definitions/Line and #/Line
            return f"did you mean #{json_pointer.join('/$defs', tokens[-1])}?"
        for key in tokens:
            if not isinstance(value, dict):
                return None
            if key not in value:
                match = self._closest(key, value)
                return f"did you mean #{json_pointer.join(pointer, match)}?" if match else _listing(pointer, value)
            value, pointer = value[key], json_pointer.join(pointer, key)
        return None

    def _closest(self, name: str, known: Mapping[str, object]) -> str | None:
        if id(known) not in self._searches:
            self._searches[id(known)] = known, SimilarNames(known)
        return self._searches[id(known)][1].closest(name)


def leaves_folder(reference: str, *, base: str, folder: str) -> bool:
    """Return True if a relative path leads out of the folder, which URI resolution would hide."""
    scheme, host, path = urlsplit(reference)[:3]
    if scheme or host or not base.startswith(folder):
        return False
    here = posixpath.dirname(base.removeprefix(folder))
    found = posixpath.normpath(posixpath.join(here, unquote(path)))
    return found == ".." or found.startswith("../")


def _listing(pointer: str, members: Mapping[str, Json]) -> str | None:
    return f"{pointer} contains {', '.join(members)}" if pointer and 0 < len(members) <= 10 else None
