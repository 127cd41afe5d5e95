"""Pipeline of codegen, from the schemas folder to the generated files."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from . import keywords, lint, model, schema_lint
from .deep_stack import with_deep_stack
from .emit import emitters
from .output import Changes, Generated, compare, write
from .schema.metaschema import meta_schema
from .schema.resolve import Schemas, resolve
from .settings.project_settings import Settings
from .source.diagnostics import Problem, SchemaProblems
from .source.document import Document
from .source.internal_errors import collecting
from .source.load import META_SCHEMA, load

__all__ = ["ReadResult", "generate", "plan", "read", "run"]


@dataclass(frozen=True, kw_only=True)
class ReadResult:
    """Content of a schemas folder."""

    endpoints: tuple[model.Endpoint, ...]
    warnings: tuple[Problem, ...]
    """Problems that do not prevent the generation of code."""


def generate(settings: Settings) -> Changes:
    """Write the generated files and return the changes.

    Raises:
        SchemaProblems: If there are errors; it contains all problems, and nothing is written.
    """
    changes = plan(settings)
    write(changes)
    return changes


def plan(settings: Settings) -> Changes:
    """Return the changes that :func:`generate` would make.

    Raises:
        SchemaProblems: If there are errors; it contains all problems.
    """
    generated = run(settings)
    changes = compare(generated.files, flat=settings.python, deep=settings.client)
    return replace(changes, warnings=generated.warnings)


@with_deep_stack
def run(settings: Settings) -> Generated:
    """Return the generated files, without a look at those on disk.

    Raises:
        SchemaProblems: If there are errors; it contains all problems.
    """
    with _paused_garbage_collection():
        return _run(settings)


def _run(settings: Settings) -> Generated:
    result = read(settings)
    folders = {"python": settings.python, "client": settings.client}
    files: dict[Path, str] = {}
    problems: list[Problem] = []
    for target, emit in emitters(settings.models):
        with collecting(settings.schemas.as_posix(), problems):
            files |= {folders[target] / output.path: output.text for output in emit(result.endpoints)}
    if problems:
        raise SchemaProblems([*problems, *result.warnings])
    for_editors = settings.schemas / META_SCHEMA
    if for_editors.exists():  # written by codegen init
        files[for_editors] = meta_schema()
    return Generated(files=files, warnings=result.warnings)


@contextmanager
def _paused_garbage_collection() -> Iterator[None]:
    """Collect no garbage: almost all values live until the end, and each search through them takes longer."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@with_deep_stack
def read(settings: Settings) -> ReadResult:
    """Return the endpoints of the schemas folder, with the warnings about it.

    Raises:
        SchemaProblems: If there are errors; it contains all problems.
    """
    documents = load(settings.schemas, source=settings.source, third_party=settings.third_party)
    schemas = resolve(documents, accept=settings.accept, nullable=settings.options.nullable)
    problems = [*settings.warnings, *schemas.problems, *_lint(schemas, settings.options)]
    for document in schemas.own_documents:
        problems += schema_lint.check_python_models(document, settings.options, settings.models)
    invalid = {problem.file for problem in problems if problem.is_error}
    valid = [document for document in schemas.endpoints if document.text.file not in invalid]
    endpoints: list[model.Endpoint] = []
    for document in valid:
        with collecting(document.text.file, problems):
            found = keywords.read(document, schemas.documents, settings.options)
            endpoints.append(found.model)
            problems += lint.check_model(found.model, document)
            problems += schema_lint.check_bundle(found.bundle, settings.options)
    if settings.strict:
        third_party = {document.text.file for document in documents.documents if document.is_third_party}
        problems = [
            problem
            if problem.is_error or problem.file in third_party
            else replace(problem, severity="error", is_strict=True)
            for problem in problems
        ]
    if not endpoints and not any(problem.is_error for problem in problems):
        problems.append(_no_endpoint(settings, schemas.own_documents))
    if not any(problem.is_error for problem in problems):
        with collecting(settings.schemas.as_posix(), problems):
            endpoints = [*keywords.share(endpoints, schemas.documents, settings.options)]
    sorted_problems = SchemaProblems(problems)
    if any(problem.is_error for problem in problems):
        raise sorted_problems
    return ReadResult(endpoints=tuple(endpoints), warnings=sorted_problems.problems)


def _lint(schemas: Schemas, options: model.Options) -> list[Problem]:
    """Return the problems that can be found even in documents with other problems."""
    problems = list(lint.check_folder(schemas.own_documents))
    for document in schemas.own_documents:
        with collecting(document.text.file, problems):
            problems += schema_lint.check(document, options)
            if document.is_endpoint:
                problems += lint.check(document)
    return problems


def _no_endpoint(settings: Settings, documents: Sequence[Document]) -> Problem:
    folder = settings.schemas.as_posix()
    got = f"{len(documents)} file{'s' if len(documents) > 1 else ''} without kind" if documents else "no file"
    hint = 'an endpoint is a file with "kind"; for an example, run: python -m codegen init my-app'
    return Problem(file=folder, code="no_schemas", message="no endpoint in the schemas folder", got=got, hint=hint)
