"""Checks the documents of a folder and follows every ``$ref``; nothing is ever fetched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import Schema, SchemaRegistry

from ..source.diagnostics import Problem
from ..source.document import Document, Json
from ..source.load import Documents
from . import metaschema
from .reference_hints import explain, leaves
from .resource import BASE, File, Reference, uri_of

__all__ = ["Schemas", "resolve"]


@dataclass(frozen=True, kw_only=True)
class Schemas:
    """What the documents of a folder say together."""

    documents: tuple[Document, ...]
    """All that can be used, spelled in 2020-12 and without what has a problem; by path."""
    endpoints: tuple[Document, ...]
    """Those of them that describe endpoints and have no problem, nor do the files that they refer to."""
    problems: tuple[Problem, ...]
    """Of all files."""


def resolve(documents: Documents) -> Schemas:
    """Check the documents, spell older drafts in 2020-12, and follow the references."""
    problems = list(documents.problems)
    broken = {uri_of(path.as_posix()) for path in documents.unreadable}
    files: list[File] = []
    for document in documents.documents:
        found = metaschema.check(document)
        problems += found
        usable = metaschema.usable(document, found)
        if usable is None:
            broken.add(uri_of(document.path.as_posix()))
        else:
            files.append(File(usable))
    problems += _duplicates(files)
    folder = _Folder(files, broken)
    reached = {file: set(folder.follow(file)) for file in files}
    problems += folder.problems
    wrong = {problem.file for problem in problems}
    faulty = folder.incomplete | {file for file in files if file.original.text.file in wrong}
    return Schemas(
        documents=tuple(file.document for file in files),
        endpoints=tuple(
            file.document for file in files if file.document.is_endpoint and not _closure(file, reached) & faulty
        ),
        problems=tuple(problems),
    )


class _Folder:
    """The files that references can lead to."""

    def __init__(self, files: list[File], broken: set[str]) -> None:
        named = {uri: file for file in files for uri in (file.path_uri, file.uri)}
        resources = [(uri, file.resource) for uri, file in named.items()]
        self._registry: SchemaRegistry = Registry[Schema]().with_resources(resources).crawl()
        self._named = named
        self._broken = broken
        """URIs of files that have been complained about."""
        self._owners = {schema: file for file in files for schema in file.schemas}
        self._known = {file.document.path.as_posix(): file.original for file in files}
        self.problems = [problem for file in files for problem in file.problems]
        self.incomplete: set[File] = set()
        """Files that refer to what has been complained about."""

    def follow(self, file: File) -> Iterator[File]:
        """Yield the files that one refers to; note the references that lead nowhere."""
        for reference in file.references:
            target = urljoin(reference.base, reference.says).partition("#")[0]
            try:
                found = self._look_up(reference)
            except LookupError:
                if target in self._broken:
                    self.incomplete.add(file)
                else:
                    at, says, base = reference.pointer, reference.says, reference.base
                    self.problems.append(explain(file.original, at, says, base=base, folder=BASE, known=self._known))
                continue
            owner = self._named.get(target) if isinstance(found, bool) else self._owners.get(id(found))
            if owner is None and not isinstance(found, bool):
                message, hint = "what is there is no schema", "put the schema under $defs"
                self._refuse(file, reference, "ref_to_no_schema", message, hint)
            elif owner is not None and owner is not file:
                if _is_private(owner, found):
                    message, hint = "only $defs of another endpoint can be referred to", "move the schema there"
                    self._refuse(file, reference, "ref_outside_defs", message, hint)
                yield owner

    def _look_up(self, reference: Reference) -> Json:
        if leaves(reference.says, base=reference.base, folder=BASE):
            raise LookupError(reference.says)
        try:
            return self._registry.resolver(reference.base).lookup(reference.says).contents
        except (Unresolvable, ValueError, TypeError):  # the last two for pointers such as /allOf/x
            raise LookupError(reference.says) from None

    def _refuse(self, file: File, reference: Reference, code: str, message: str, hint: str) -> None:
        got = f'"{reference.says}"'
        self.problems.append(file.original.problem(reference.pointer, code, message, got=got, hint=hint))


def _is_private(owner: File, schema: Json) -> bool:
    return owner.document.is_endpoint and not owner.pointers.get(id(schema), "/$defs/").startswith("/$defs/")


def _duplicates(files: list[File]) -> Iterator[Problem]:
    named: dict[str, File] = {}
    for file in files:
        first = named.setdefault(file.uri, file)
        if first is not file:
            message, hint = f"{first.document.path} is called the same", "give each file an $id of its own"
            yield file.original.problem("/$id", "duplicate_id", message, got=file.uri, hint=hint)


def _closure(file: File, reached: dict[File, set[File]]) -> set[File]:
    """Return a file and all that it refers to, directly or not."""
    found, ahead = {file}, [file]
    while ahead:
        new = reached[ahead.pop()] - found
        found |= new
        ahead += new
    return found
