"""References between the definitions of all files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..source import json_pointer
from ..source.diagnostics import Problem
from ..source.uri import BASE
from .reference_hints import ReferenceHints, leaves_folder
from .resource import File, Reference

__all__ = ["Link", "Links", "Place", "reached_places"]


class Place(NamedTuple):
    """Definition of a file, or everything outside its definitions."""

    file: File
    definition: str
    """Pointer to the definition; empty for everything else."""


@dataclass(frozen=True, kw_only=True)
class Link:
    """Reference with its target, or with the reason why there is none."""

    source: Place
    reference: Reference
    target: Place | None = None
    broken: str = ""
    """URI of the path of a file whose problems were already reported."""
    problem: Problem | None = None

    def remove(self) -> None:
        """Remove the reference from its unused schema."""
        pointer, _, keyword = self.reference.pointer.rpartition("/")
        schema = self.source.file.schemas[pointer]
        if isinstance(schema, dict):
            del schema[keyword]


class Links:
    """Resolver for references.

    Args:
        files: Files of the folder.
        broken: URIs of files with problems that were already reported, with those of their paths.
    """

    def __init__(self, files: Sequence[File], broken: Mapping[str, str]) -> None:
        self._owners = {address: file for file in reversed(files) for address in (*file.resources, file.path_uri)}
        """File of each schema resource."""
        self._broken = broken
        self._hints = ReferenceHints(
            BASE,
            {file.document.path.as_posix(): file.original for file in files},
            {address: (file.original, file.start(address) or "") for address, file in self._owners.items()},
        )

    def of(self, file: File) -> Iterator[Link]:
        """Yield a link for each reference of a file."""
        for reference in file.references:
            source = Place(file, file.definition(json_pointer.parent(reference.pointer)))
            found = self._look_up(reference)
            if found is None:
                if reference.address in self._broken:
                    yield Link(source=source, reference=reference, broken=self._broken[reference.address])
                else:
                    problem = self._hints.problem(file.original, reference)
                    yield Link(source=source, reference=reference, problem=problem)
                continue
            owner, pointer = found
            start = owner.start(reference.address) or ""
            if reference.fragment.startswith("/") and pointer != start + reference.fragment:
                file.redirect(reference, pointer.removeprefix(start))
            yield Link(
                source=source,
                reference=reference,
                target=Place(owner, owner.definition(pointer)),
                problem=_target_problem(file, reference, owner, pointer),
            )

    def _look_up(self, reference: Reference) -> tuple[File, str] | None:
        """Return the file that a reference leads to, and the pointer in it; None if there is no such value."""
        owner = self._owners.get(reference.address)
        if owner is None or leaves_folder(reference.value, base=reference.base, folder=BASE):
            return None
        pointer = owner.find(reference.address, reference.fragment)
        if pointer is None:
            return None
        try:
            json_pointer.resolve(owner.document.root, pointer)
        except LookupError:
            return None
        return owner, pointer


def _target_problem(file: File, reference: Reference, owner: File, pointer: str) -> Problem | None:
    """Return the problem with a target that references cannot have; None for a valid one."""
    at, got, hint = reference.pointer, f'"{reference.value}"', "move the schema to $defs"
    if pointer not in owner.schemas:
        return file.original.problem(at, "reference_to_non_schema", "target is not a schema", got=got, hint=hint)
    if owner is not file and owner.document.is_endpoint and not pointer.startswith("/$defs/"):
        message = "target is outside $defs of another endpoint"
        return file.original.problem(at, "reference_outside_defs", message, got=got, hint=hint)
    return None


def reached_places(links: Iterable[Link], files: Iterable[File]) -> set[Place]:
    """Return everything that some files contain or lead to.

    Args:
        links: References of all files.
        files: Files to start with.
    """
    targets: dict[Place, list[Place]] = {}
    for link in links:
        if link.target is not None:
            targets.setdefault(link.source, []).append(link.target)
    queue = [place for file in files for place in _places(file)]
    reached, entered = {*queue}, {place.file for place in queue}
    while queue:
        new = {*targets.get(queue.pop(), ())} - reached
        for file in {place.file for place in new} - entered:  # a dynamic reference can lead to any of its anchors
            entered.add(file)
            new |= {Place(file, file.definition(pointer)) for pointer in file.dynamic_anchors}
        new -= reached
        reached |= new
        queue += new
    return reached


def _places(file: File) -> Iterator[Place]:
    yield from {Place(file, file.definition(pointer)) for pointer in file.schemas}
