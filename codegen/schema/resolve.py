"""Resolver for the references between the documents of a folder; remote documents are never fetched."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from ..source.diagnostics import Problem
from ..source.document import Document
from ..source.internal_errors import collecting
from ..source.load import Documents
from . import metaschema
from .containers import container_warnings
from .faulty_definitions import UnusedParts, check_definitions, unused
from .known_meta_schemas import referenced_meta_schemas
from .links import Link, Links, Place, reached_places
from .nested_definitions import with_moved_definitions
from .normalization import normalized
from .resource import File, addresses, uri_of

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
        nullable: True to read all documents as those of OpenAPI 3.0.
    """
    problems = list(documents.problems)
    broken = {uri_of(path.as_posix()): uri_of(path.as_posix()) for path in documents.unreadable}
    files: list[File] = []
    moved = with_moved_definitions(documents.documents)
    for document in (*moved, *referenced_meta_schemas(moved)):
        file = _file(document, problems, accept, nullable=nullable)
        if file is not None:
            files.append(file)
        else:
            broken |= dict.fromkeys(addresses(document), uri_of(document.path.as_posix()))
    problems += _duplicates(files)
    problems += (problem for file in files for problem in file.problems)
    resolver = Links(files, broken)
    links = [link for file in files for link in resolver.of(file)]
    places = reached_places(links, (file for file in files if file.is_own))
    needed = [link for link in links if link.source in places]
    reached: dict[File, set[File]] = {file: set() for file in files}
    for link in links:
        if link.target is not None and (link.problem is None or link.source in places):
            reached[link.source.file].add(link.target.file)
    endpoints = {document.text.file for document in documents.documents if document.is_endpoint}
    unused_parts = UnusedParts(
        {file: path for file, path in documents.third_party.items() if file not in endpoints},
        files,
        reached=places,
        linked={target for file in files for target in reached[file] - {file}},
        reached_uris={link.broken for link in needed},
    )
    problems = [unused_parts.judged(problem) for problem in problems]
    problems += _reported(needed, reached_places(links, (file for file in files if file.document.is_endpoint)))
    problems += (warning for link in needed for warning in container_warnings(link))
    problems += _removed(link for link in links if link.source not in places)
    files_with_errors = {problem.file for problem in problems if problem.is_error}
    invalid = {file for file in files if file.original.text.file in files_with_errors}
    invalid |= {link.source.file for link in needed if link.broken}
    return Schemas(
        documents=tuple(file.document for file in files),
        groups=tuple(_groups(files, reached, invalid)),
        problems=tuple(problems),
    )


def _file(document: Document, problems: list[Problem], accept: Collection[str], *, nullable: bool) -> File | None:
    """Return a document without invalid parts, and add its problems; None if nothing of it can be used."""
    file: File | None = None
    with collecting(document.text.file, problems):
        document = normalized(document, nullable=nullable and not document.is_bundled)
        found = [] if document.is_bundled else metaschema.check(document, accept)
        if document.is_third_party and not document.is_endpoint:
            checked = check_definitions(document, found, accept)
        else:
            checked = metaschema.without_invalid_parts(document, found)
        problems += found
        file = None if checked is None else File(checked)
    return file


def _reported(links: Iterable[Link], needed: Set[Place]) -> Iterator[Problem]:
    """Yield the problems of references, with a way out for copied files.

    Args:
        links: References of files of the user, and those that they lead to.
        needed: Everything that endpoints lead to.
    """
    files = {place.file for place in needed}
    for link in links:
        if link.problem is not None and (link.source in needed or link.source.file not in files):
            yield link.problem
        elif link.problem is not None:
            hint = "no endpoint needs this part: if you do not edit the file, list it in `third-party`"
            yield replace(link.problem, hint=f"{link.problem.hint}; {hint}" if link.problem.hint else hint)


def _removed(links: Iterable[Link]) -> Iterator[Problem]:
    """Remove the references without a target from unused schemas, and yield their problems as warnings."""
    for link in links:
        if link.problem is not None:
            yield unused(link.problem)
        if link.problem is not None or link.broken:
            link.remove()


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
