"""Resolver for the references between the documents of a folder; remote documents are never fetched."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from ..source import json_pointer
from ..source.diagnostics import Problem
from ..source.document import Document
from ..source.internal_errors import collecting
from ..source.load import Documents
from ..source.uri import BASE
from . import metaschema
from .known_meta_schemas import referenced_meta_schemas
from .nested_definitions import with_moved_definitions
from .normalization import normalized
from .reference_hints import ReferenceHints, leaves_folder
from .resource import File, Reference, uri_of

__all__ = ["Group", "Schemas", "resolve"]


@dataclass(frozen=True, kw_only=True)
class Group:
    """File without references to others, or all files that refer to each other."""

    documents: tuple[Document, ...]
    endpoints: tuple[Document, ...]
    """Endpoints without an error in their own file or in the files that they refer to."""


@dataclass(frozen=True, kw_only=True)
class Schemas:
    """Documents of a folder after validation and resolution."""

    documents: tuple[Document, ...]
    """Documents in 2020-12, without their invalid parts, sorted by path; then the meta-schemas that they refer to."""
    groups: tuple[Group, ...]
    """Groups with endpoints."""
    problems: tuple[Problem, ...]
    """Problems of all files."""

    @property
    def endpoints(self) -> tuple[Document, ...]:
        """Endpoints of all groups."""
        return tuple(endpoint for group in self.groups for endpoint in group.endpoints)

    @property
    def own_documents(self) -> list[Document]:
        """Documents of the user."""
        return [document for document in self.documents if not document.is_bundled]


def resolve(documents: Documents, *, accept: Collection[str] = (), nullable: bool = False) -> Schemas:
    """Validate the documents, upgrade older drafts to 2020-12, and resolve the references.

    Args:
        documents: Content of a schemas folder.
        accept: Names of annotations that resemble a keyword.
        nullable: True to read ``nullable`` as OpenAPI 3.0 defines it.
    """
    problems = list(documents.problems)
    broken = {uri_of(path.as_posix()) for path in documents.unreadable}
    files: list[File] = []
    moved = with_moved_definitions(documents.documents)
    for document in (*moved, *referenced_meta_schemas(moved)):
        checked: Document | None = None
        with collecting(document.text.file, problems):
            document = normalized(document, nullable=nullable and not document.is_bundled)
            found = [] if document.is_bundled else metaschema.check(document, accept)
            problems += found
            checked = metaschema.without_invalid_parts(document, found)
            if checked is not None:
                files.append(File(checked))
        if checked is None:
            broken.add(uri_of(document.path.as_posix()))
    problems += _duplicates(files)
    folder = _Folder(files, broken)
    reached = {file: set(folder.follow(file)) for file in files}
    problems += folder.problems
    files_with_errors = {problem.file for problem in problems if problem.is_error}
    invalid = folder.incomplete | {file for file in files if file.original.text.file in files_with_errors}
    return Schemas(
        documents=tuple(file.document for file in files),
        groups=tuple(_groups(files, reached, invalid)),
        problems=tuple(problems),
    )


def _groups(files: Sequence[File], reached: Mapping[File, set[File]], invalid: Set[File]) -> Iterator[Group]:
    """Yield the files that refer to others or are referred to, together, and then each other file."""
    targets = {target for file in files for target in reached[file] - {file}}
    linked = {file: file in targets or bool(reached[file] - {file}) for file in files}
    for members in ([file for file in files if linked[file]], *([file] for file in files if not linked[file])):
        valid = [file for file in members if file.document.is_endpoint and not _closure(file, reached) & invalid]
        if valid:
            yield Group(
                documents=tuple(file.document for file in members), endpoints=tuple(file.document for file in valid)
            )


class _Folder:
    """Files of the folder as targets of references."""

    def __init__(self, files: list[File], broken: set[str]) -> None:
        self._owners = {address: file for file in reversed(files) for address in (*file.resources, file.path_uri)}
        """File of each schema resource."""
        self._broken = broken
        """URIs of files with problems that were already reported."""
        self._hints = ReferenceHints(BASE, {file.document.path.as_posix(): file.original for file in files})
        self.problems = [problem for file in files for problem in file.problems]
        self.incomplete: set[File] = set()
        """Files with references to a broken file."""

    def follow(self, file: File) -> Iterator[File]:
        """Yield the files that ``file`` refers to, and record unresolved references."""
        for reference in file.references:
            found = self._look_up(reference)
            if found is None:
                if reference.address in self._broken:
                    self.incomplete.add(file)
                else:
                    self.problems.append(self._hints.problem(file.original, reference))
                continue
            owner, pointer = found
            if pointer not in owner.schemas:
                message, hint = "target is not a schema", "move the schema to $defs"
                self._reject(file, reference, "reference_to_non_schema", message, hint)
            elif owner is not file:
                if owner.document.is_endpoint and not pointer.startswith("/$defs/"):
                    message, hint = "target is outside $defs of another endpoint", "move the schema to $defs"
                    self._reject(file, reference, "reference_outside_defs", message, hint)
                yield owner

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

    def _reject(self, file: File, reference: Reference, code: str, message: str, hint: str) -> None:
        got = f'"{reference.value}"'
        self.problems.append(file.original.problem(reference.pointer, code, message, got=got, hint=hint))


def _duplicates(files: list[File]) -> Iterator[Problem]:
    """Yield the problems with URIs of resources in several files."""
    first: dict[str, File] = {}
    for file in files:
        for address, pointer in file.resources.items():
            other = first.setdefault(address, file)
            if other is not file and (not pointer or _resource(other, address) != _resource(file, address)):
                message = f"duplicate $id; first defined in {other.document.path}"
                hint = "give each file a unique $id" if not pointer else "give each schema a unique $id"
                yield file.original.problem(f"{pointer}/$id", "duplicate_id", message, got=address, hint=hint)


def _resource(file: File, address: str) -> object:
    return file.schemas.get(file.resources[address])


def _closure(file: File, reached: Mapping[File, set[File]]) -> set[File]:
    """Return a file and all files that it refers to, directly or indirectly."""
    found, queue = {file}, [file]
    while queue:
        new = reached[queue.pop()] - found
        found |= new
        queue += new
    return found
