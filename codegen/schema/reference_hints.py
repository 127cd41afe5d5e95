"""Problems with unresolved references, and suggestions for them."""

from __future__ import annotations

import posixpath
import re
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

    def __init__(
        self, folder: str, known: Mapping[str, Document], addresses: Mapping[str, tuple[Document, str]]
    ) -> None:
        """Start without searches.

        Args:
            folder: Base URI of the schemas folder.
            known: Documents of the folder, by path.
            addresses: Document of each schema resource and the pointer to it, by its URI.
        """
        self._folder = folder
        self._known = known
        self._addresses = addresses
        remote = sorted((address for address in addresses if not address.startswith(folder)), reverse=True)
        self._by_name = {_last(address): address for address in remote}
        """First address outside the folder for each name at the end of one."""
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
        if not reference.address.startswith(self._folder) and reference.address not in self._addresses:
            message, hint = "remote references are not fetched", self._remote_hint(document, reference)
            if value.partition("#")[0] != reference.address:
                got += f", which is {reference.address}"
            return document.problem(pointer, "remote_reference", message, got=got, hint=hint)
        if leaves_folder(value, base=reference.base, folder=self._folder):
            message, hint = "reference outside the schemas folder", "move the file into the schemas folder"
            return document.problem(pointer, "reference_outside_folder", message, got=got, hint=hint)
        if reference.address in self._addresses:
            return self._missing(document, reference)
        name = unquote(reference.address.removeprefix(self._folder))
        if name not in (unquote(value.partition("#")[0]), value):
            got += f", which is {name}"
        message, suggestion = "file not found in the schemas folder", self._file_hint(document, reference, name)
        return document.problem(pointer, "unresolved_reference", message, got=got, hint=suggestion)

    def _missing(self, document: Document, reference: Reference) -> Problem:
        """Return the problem with a reference to a schema that its resource does not contain."""
        owner, start = self._addresses[reference.address]
        root = json_pointer.resolve(owner.root, start) if _has(owner.root, start) else None
        written = unquote(reference.value.partition("#")[2])
        hint = f"did you mean #/{written}?" if _has(root, f"/{written}") else self._suggestion(root, reference.fragment)
        inside = owner.original_pointer(start)
        if start and reference.fragment.startswith("/") and _has(owner.root, reference.fragment):
            hint = f"# is not the file, but {inside} with its $id"
        place = f"{owner.path}#{inside}" if start else owner.path
        message, got = f"no such schema in {place}", f'"{reference.value}"'
        return document.problem(reference.pointer, "unresolved_reference", message, got=got, hint=hint)

    def _remote_hint(self, document: Document, reference: Reference) -> str:
        """Return a hint with the file beside the document, or with the most similar address of a file."""
        beside = posixpath.join(document.path.parent.as_posix(), unquote(urlsplit(reference.value).path))
        path = posixpath.normpath(beside)
        if path in self._known:
            addresses = [address for address, (owner, _) in self._addresses.items() if owner is self._known[path]]
            own = next((address for address in addresses if not address.startswith(self._folder)), None)
            if own is None:
                return f'{path} has no $id: add "$id": "{reference.address}"'
            return f"{path} has the $id {own}: refer to this address, or change the $id"
        name = _last(reference.address)
        shorter = [known for known in self._by_name if name.startswith(f"{known}.")]  # without a version
        match = max(shorter, key=len, default=None) or self._closest(name, self._by_name)
        if match is not None and self._by_name[match] != reference.base:
            return f"did you mean {self._by_name[match]}, the $id of {self._addresses[self._by_name[match]][0].path}?"
        return f'save the schema in the schemas folder, with "$id": "{reference.address}", or refer to the file'

    def _file_hint(self, document: Document, reference: Reference, name: str) -> str | None:
        """Return a hint with the most similar definition, path or address."""
        definitions = document.root.get("$defs", {}) if isinstance(document.root, dict) else {}
        if reference.value in definitions:
            return f"did you mean #/$defs/{reference.value}?"
        elsewhere = [path for path in self._known if posixpath.basename(path) == posixpath.basename(name)]
        path = elsewhere[0] if len(elsewhere) == 1 else self._closest(name, self._known)
        if path is None:
            return None
        folder = posixpath.dirname(unquote(reference.base.removeprefix(self._folder)))
        is_inside = reference.base.startswith(self._folder)
        return f"did you mean {posixpath.relpath(path, folder) if folder and is_inside else path}?"

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
        others = root.get("definitions", {}) if isinstance(root, dict) else {}
        if isinstance(others, dict) and tokens[-1] in others and tokens[0] != "definitions":
            return f"did you mean #{json_pointer.join('/definitions', tokens[-1])}?"
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


def _has(root: Json, pointer: str) -> bool:
    try:
        json_pointer.resolve(root, pointer)
    except LookupError:
        return False
    return True


def _last(address: str) -> str:
    """Return the name at the end of an address, without the suffix of its format."""
    return re.sub(r"(\.schema)?(\.(json|yaml|yml))?$", "", address.rstrip("/#").rpartition("/")[2])


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
