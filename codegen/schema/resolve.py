"""Resolver for the references between the documents of a folder; remote documents are never fetched."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import Schema, SchemaRegistry

from ..source.diagnostics import Problem
from ..source.document import Document, Json
from ..source.internal_errors import collecting
from ..source.load import Documents
from . import metaschema
from .reference_hints import leaves_folder, unresolved_reference
from .resource import BASE, File, Reference, uri_of

__all__ = ["Schemas", "resolve"]


@dataclass(frozen=True, kw_only=True)
class Schemas:
    """Documents of a folder after validation and resolution."""

    documents: tuple[Document, ...]
    """Documents in 2020-12, without their invalid parts, sorted by path."""
    endpoints: tuple[Document, ...]
    """Endpoints without an error in their own file or in the files that they refer to."""
    problems: tuple[Problem, ...]
    """Problems of all files."""


def resolve(documents: Documents, *, accept: Collection[str] = ()) -> Schemas:
    """Validate the documents, upgrade older drafts to 2020-12, and resolve the references.

    Args:
        documents: Content of a schemas folder.
        accept: Names of annotations that resemble a keyword.
    """
    problems = list(documents.problems)
    broken = {uri_of(path.as_posix()) for path in documents.unreadable}
    files: list[File] = []
    for document in documents.documents:
        checked: Document | None = None
        with collecting(document.text.file, problems):
            found = metaschema.check(document, accept)
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
        endpoints=tuple(
            file.document for file in files if file.document.is_endpoint and not _closure(file, reached) & invalid
        ),
        problems=tuple(problems),
    )


class _Folder:
    """Files of the folder as targets of references."""

    def __init__(self, files: list[File], broken: set[str]) -> None:
        named = {uri: file for file in files for uri in (file.path_uri, file.uri)}
        resources = [(uri, file.resource) for uri, file in named.items()]
        self._registry: SchemaRegistry = Registry[Schema]().with_resources(resources).crawl()
        self._named = named
        self._broken = broken
        """URIs of files with problems that were already reported."""
        self._owners = {schema: file for file in files for schema in file.schemas}
        self._known = {file.document.path.as_posix(): file.original for file in files}
        self.problems = [problem for file in files for problem in file.problems]
        self.incomplete: set[File] = set()
        """Files with references to a broken file."""

    def follow(self, file: File) -> Iterator[File]:
        """Yield the files that ``file`` refers to, and record unresolved references."""
        for reference in file.references:
            target = urljoin(reference.base, reference.value).partition("#")[0]
            try:
                found = self._look_up(reference)
            except LookupError:
                if target in self._broken:
                    self.incomplete.add(file)
                else:
                    problem = unresolved_reference(
                        file.original,
                        reference.pointer,
                        reference.value,
                        base=reference.base,
                        folder=BASE,
                        known=self._known,
                    )
                    self.problems.append(problem)
                continue
            owner = self._named.get(target) if isinstance(found, bool) else self._owners.get(id(found))
            if owner is None and not isinstance(found, bool):
                message, hint = "target is not a schema", "move the schema to $defs"
                self._reject(file, reference, "reference_to_non_schema", message, hint)
            elif owner is not None and owner is not file:
                if _is_private(owner, found):
                    message, hint = "target is outside $defs of another endpoint", "move the schema to $defs"
                    self._reject(file, reference, "reference_outside_defs", message, hint)
                yield owner

    def _look_up(self, reference: Reference) -> Json:
        if leaves_folder(reference.value, base=reference.base, folder=BASE):
            raise LookupError(reference.value)
        try:
            return self._registry.resolver(reference.base).lookup(reference.value).contents
        except (Unresolvable, ValueError, TypeError):  # ValueError and TypeError: pointers such as /allOf/x
            raise LookupError(reference.value) from None

    def _reject(self, file: File, reference: Reference, code: str, message: str, hint: str) -> None:
        got = f'"{reference.value}"'
        self.problems.append(file.original.problem(reference.pointer, code, message, got=got, hint=hint))


def _is_private(owner: File, schema: Json) -> bool:
    return owner.document.is_endpoint and not owner.pointers.get(id(schema), "/$defs/").startswith("/$defs/")


def _duplicates(files: list[File]) -> Iterator[Problem]:
    named: dict[str, File] = {}
    for file in files:
        first = named.setdefault(file.uri, file)
        if first is not file:
            message, hint = f"duplicate $id; first defined in {first.document.path}", "give each file a unique $id"
            yield file.original.problem("/$id", "duplicate_id", message, got=file.uri, hint=hint)


def _closure(file: File, reached: dict[File, set[File]]) -> set[File]:
    """Return a file and all files that it refers to, directly or indirectly."""
    found, queue = {file}, [file]
    while queue:
        new = reached[queue.pop()] - found
        found |= new
        queue += new
    return found
