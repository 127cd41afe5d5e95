"""Pipeline of codegen, from the schemas folder to the generated files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from . import keywords, lint, model
from .emit import emitters
from .output import Changes, compare, write
from .schema.metaschema import meta_schema
from .schema.resolve import Schemas, resolve
from .settings import Settings
from .source.diagnostics import Problem, SchemaProblems
from .source.document import Document
from .source.load import META_SCHEMA, load

__all__ = ["generate", "plan", "read"]


def generate(settings: Settings) -> Changes:
    """Write the generated files and return the changes.

    Raises:
        SchemaProblems: If there are problems; it contains all of them, and nothing is written.
    """
    changes = plan(settings)
    write(changes)
    return changes


def plan(settings: Settings) -> Changes:
    """Return the changes that :func:`generate` would make.

    Raises:
        SchemaProblems: If there are problems; it contains all of them.
    """
    endpoints = read(settings)
    folders = {"python": settings.python, "client": settings.client}
    files: dict[Path, str] = {}
    for target, emit in emitters(settings.models):
        for output in emit(endpoints):
            files[folders[target] / output.path] = output.text
    for_editors = settings.schemas / META_SCHEMA
    if for_editors.exists():  # written by codegen init
        files[for_editors] = meta_schema()
    return compare(files, flat=settings.python, deep=settings.client)


def read(settings: Settings) -> tuple[model.Endpoint, ...]:
    """Return the endpoints of the schemas folder.

    Raises:
        SchemaProblems: If there are problems; it contains all of them.
    """
    schemas = resolve(load(settings.schemas, source=settings.source))
    problems = [*schemas.problems, *_lint(schemas)]
    invalid = {problem.file for problem in problems}
    valid = [document for document in schemas.endpoints if document.text.file not in invalid]
    endpoints: list[model.Endpoint] = []
    for document in valid:
        try:
            endpoint = keywords.build(document, schemas.documents, format_assertion=settings.format_assertion)
        except SchemaProblems as error:
            problems += error.problems
            continue
        endpoints.append(endpoint)
        problems += lint.check_model(endpoint, document)
    if not problems and not endpoints:
        problems.append(_no_endpoint(settings, schemas.documents))
    if problems:
        raise SchemaProblems(problems)
    return tuple(endpoints)


def _lint(schemas: Schemas) -> list[Problem]:
    """Return the problems that can be found even in documents with other problems."""
    problems = list(lint.check_folder(schemas.documents))
    for document in schemas.documents:
        if document.is_endpoint:
            problems += lint.check(document)
    return problems


def _no_endpoint(settings: Settings, documents: Sequence[Document]) -> Problem:
    folder = settings.schemas.as_posix()
    got = f"{len(documents)} file{'s' if len(documents) > 1 else ''} without kind" if documents else "no file"
    hint = 'an endpoint is a file with "kind"; for an example, run: python -m codegen init my-app'
    return Problem(file=folder, code="no_schemas", message="no endpoint in the schemas folder", got=got, hint=hint)
