"""Errors in unused parts of files that the user does not edit."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from pathlib import PurePosixPath

from ..source import json_pointer
from ..source.diagnostics import Problem
from ..source.document import Document, Json
from .drafts import CONTAINERS
from .links import Place
from .metaschema import check
from .resource import File, uri_of

__all__ = ["UnusedParts", "check_definitions", "unused"]

AMBIGUOUS = ("duplicate_anchor", "duplicate_id")
"""Codes of problems that concern all references to a file."""
HINT = "left out, since no endpoint needs it"


def check_definitions(document: Document, problems: list[Problem], accept: Collection[str]) -> Document | None:
    """Return a document with an empty schema in place of each definition with errors; None for errors elsewhere.

    An error beside a dynamic anchor counts as one elsewhere, since references to a name can lead there from any file.

    Args:
        document: Document of any draft that the user does not edit, without ``kind``.
        problems: Problems of the document; those that become visible without the others are added.
        accept: Names of annotations that resemble a keyword.
    """
    errors: Sequence[Problem] = [problem for problem in problems if problem.is_error]
    while errors:
        pointers = _definitions_by_original(document)
        faulty = {_enclosing(pointers, problem.pointer) for problem in errors}
        if any(pointer is None or _has_dynamic_anchor(document.root, pointer) for pointer in faulty):
            return None
        root = {**document.root}
        for pointer in (pointer for pointer in faulty if pointer is not None):
            container, name = json_pointer.parse(pointer)
            root[container] = {**root[container], name: {}}
        document = replace(document, root=root)
        known = {*problems}
        errors = [problem for problem in check(document, accept) if problem.is_error and problem not in known]
        problems += errors
    return document


class UnusedParts:
    """Unused parts of files that the user does not edit.

    Args:
        third_party: Paths of these files in the schemas folder, by their paths as given by the user; no endpoints.
        files: Files without errors outside definitions.
        reached: Everything that endpoints and files of the user lead to.
        linked: Files that other files refer to, also from unused parts.
        reached_uris: URIs of all files that they lead to, also of those with errors.
    """

    def __init__(
        self,
        third_party: Mapping[str, PurePosixPath],
        files: Sequence[File],
        reached: Set[Place],
        linked: Set[File],
        reached_uris: Set[str],
    ) -> None:
        self._third_party = third_party
        self._files = {file.original.text.file: file for file in files if not file.is_own}
        self._reached = reached
        self._reached_files = {place.file for place in reached}
        self._linked = linked
        self._reached_uris = reached_uris
        self._pointers: dict[File, Mapping[str, str]] = {}

    def judged(self, problem: Problem) -> Problem:
        """Return a problem as a warning if it is in an unused part."""
        return unused(problem) if problem.is_error and self._is_unused(problem) else problem

    def _is_unused(self, problem: Problem) -> bool:
        file = self._files.get(problem.file)
        if file is None:
            path = self._third_party.get(problem.file)
            return path is not None and uri_of(path.as_posix()) not in self._reached_uris
        if problem.code in AMBIGUOUS:
            return file not in self._linked
        if file not in self._pointers:
            definitions = {*map(file.definition, file.schemas)} - {""}
            self._pointers[file] = {file.original.original_pointer(pointer): pointer for pointer in definitions}
        definition = _enclosing(self._pointers[file], problem.pointer)
        return file not in self._reached_files if definition is None else Place(file, definition) not in self._reached


def unused(problem: Problem) -> Problem:
    """Return a problem as a warning."""
    hint = problem.hint if problem.code == "internal_error" else HINT  # which asks for a report
    return replace(problem, severity="warning", hint=hint)


def _definitions_by_original(document: Document) -> Mapping[str, str]:
    """Return the pointers to definitions by their pointers in the text."""
    root = document.root if isinstance(document.root, dict) else {}
    found: Iterator[tuple[str, Json]] = ((container, root.get(container)) for container in CONTAINERS)
    pointers = (
        json_pointer.join("", container, name)
        for container, members in found
        if isinstance(members, dict)
        for name in members
        if members[name] != {}
    )
    return {document.original_pointer(pointer): pointer for pointer in pointers}


def _has_dynamic_anchor(root: Json, pointer: str) -> bool:
    """Return True if a value, which may be an invalid schema, could contain a dynamic anchor."""
    values = [json_pointer.resolve(root, pointer)]
    for value in values:
        if isinstance(value, dict):
            if "$dynamicAnchor" in value:
                return True
            values += value.values()
        elif isinstance(value, list):
            values += value
    return False


def _enclosing(pointers: Mapping[str, str], pointer: str) -> str | None:
    while pointer not in pointers:
        if not pointer:
            return None
        pointer = json_pointer.parent(pointer)
    return pointers[pointer]
