"""Schemas folder with its problems, and the endpoints of each group of files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from . import keywords, lint, model, schema_lint
from .evolution import LockFile, compatible_contracts
from .limits.message_size import MINIMUM, message_bytes, slowest_message
from .schema.resolve import Group, resolve
from .settings.project_settings import Settings
from .settings.unused_settings import unused_settings
from .source import json_pointer
from .source.diagnostics import Problem, SchemaProblems
from .source.document import Document
from .source.internal_errors import collecting
from .source.load import load

__all__ = ["ReadGroup", "Report", "SchemaFolder", "ignore"]

ADVICE = ("small_size_limit",)
"""Codes of warnings that remain warnings if the settings are strict, since the schema need not change."""


Report: TypeAlias = Callable[[str], None]
"""Function that gets the work that begins."""


def ignore(_: str) -> None:
    """Ignore the work that begins."""


@dataclass(frozen=True, kw_only=True)
class ReadGroup:
    """Content of a group of files."""

    endpoints: tuple[model.Endpoint, ...]
    problems: tuple[Problem, ...]
    """Problems that depend on references and types."""


class SchemaFolder:
    """Schemas folder; everything that does not depend on the types of endpoints is checked already.

    Args:
        settings: Settings of the project.

    Raises:
        SchemaProblems: If the file with the released contracts is invalid.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = LockFile.read(settings.schemas)
        documents = load(settings.schemas, source=settings.source, third_party=settings.third_party)
        self._third_party = documents.third_party
        schemas = resolve(documents, accept=settings.accept, nullable=settings.options.nullable)
        self._documents = schemas.documents
        self.problems = [*settings.warnings, *unused_settings(settings, documents), *schemas.problems]
        """Problems so far, as in settings that are not strict."""
        self._check(schemas.own_documents)
        invalid = {problem.file for problem in self.problems if problem.is_error}
        groups = [
            replace(group, endpoints=tuple(one for one in group.endpoints if one.text.file not in invalid))
            for group in schemas.groups
        ]
        self.groups = [group for group in groups if group.endpoints]
        """Groups with valid endpoints."""
        if not self.groups and not invalid:
            self.problems.append(self._no_endpoint(schemas.own_documents))

    def read(self, group: Group, report: Report = ignore) -> ReadGroup:
        """Return the endpoints of a group, and add their problems to :attr:`problems`."""
        problems: list[Problem] = []
        endpoints: list[model.Endpoint] = []
        for document in group.endpoints:
            report(f"reading {document.text.file}")
            with collecting(document.text.file, problems):
                found = keywords.read(document, self._documents, self._settings.options)
                endpoints.append(found.model)
                problems += found.warnings
                problems += lint.check_model(found.model, document)
                problems += schema_lint.check_bundle(found.bundle, self._settings.options)
        if not any(problem.is_error for problem in problems):
            with collecting(self._settings.schemas.as_posix(), problems):
                endpoints = [*keywords.share(endpoints, self._documents, self._settings.options)]
                endpoints = [replace(one, compatible=compatible_contracts(self._lock, one)) for one in endpoints]
            by_file = {document.source: document for document in group.endpoints}
            problems += (problem for one in endpoints for problem in _size_limit(one, by_file[one.source]))
        self.problems += problems
        return ReadGroup(endpoints=tuple(endpoints), problems=tuple(problems))

    def warnings(self) -> tuple[Problem, ...]:
        """Return all problems, sorted.

        Raises:
            SchemaProblems: If one is an error, or if the settings are strict; it contains all problems.
        """
        errors = {(problem.file, problem.pointer, problem.code) for problem in self.problems if problem.is_error}
        found = SchemaProblems(
            self._judged(problem)
            for problem in self.problems
            if problem.is_error or (problem.file, problem.pointer, problem.code) not in errors  # of another endpoint
        )
        if any(problem.is_error for problem in found.problems):
            raise found
        return found.problems

    def _judged(self, problem: Problem) -> Problem:
        """Return a problem with its origin, as an error if it is one in the settings of the project."""
        problem = replace(problem, is_third_party=problem.file in self._third_party)
        if not self._settings.strict or problem.is_error or problem.is_third_party or problem.code in ADVICE:
            return problem
        return replace(problem, severity="error", is_strict=True)

    def _check(self, documents: Sequence[Document]) -> None:
        """Add the problems that can be found even in documents with other problems."""
        settings = self._settings
        self.problems += lint.check_folder(documents)
        for document in documents:
            with collecting(document.text.file, self.problems):
                self.problems += schema_lint.check(document, settings.options)
                if document.is_endpoint:
                    self.problems += lint.check(document)
        for document in documents:
            self.problems += schema_lint.check_python_models(
                document, settings.options, settings.models, settings.project
            )

    def _no_endpoint(self, documents: Sequence[Document]) -> Problem:
        folder = self._settings.schemas.as_posix()
        got = f"{len(documents)} file{'s' if len(documents) > 1 else ''} without kind" if documents else "no file"
        message, hint = (
            "no endpoint in the schemas folder",
            'an endpoint is a file with "kind"; for an example, run: python -m codegen init my-app',
        )
        return Problem(file=folder, code="no_schemas", message=message, got=got, hint=hint)


def _size_limit(endpoint: model.Endpoint, document: Document) -> Iterator[Problem]:
    """Yield a warning if the limit for client messages is lower than usual, since longer ones take long to validate."""
    size = message_bytes(endpoint)
    if size < MINIMUM:
        pointer = slowest_message(endpoint)
        name = json_pointer.parse(pointer)[1]
        message = f"messages of clients over {size:,} bytes are refused, as `{name}` may take over 100 ms to validate"
        hint = "--explain lists the slow messages; Limits(message_bytes=…) sets another limit"
        problem = document.problem(pointer, "small_size_limit", message, key=True, hint=hint)
        yield replace(problem, severity="warning")
