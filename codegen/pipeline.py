"""Runs the steps of codegen, in order."""

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
    """Write the generated files; return what was changed.

    Raises:
        SchemaProblems: With all that is wrong; then nothing was written.

    """
    changes = plan(settings)
    write(changes)
    return changes


def plan(settings: Settings) -> Changes:
    """Return what :func:`generate` would change.

    Raises:
        SchemaProblems: With all that is wrong.

    """
    endpoints = read(settings)
    folders = {"python": settings.python, "client": settings.client}
    files: dict[Path, str] = {}
    for target, emit in emitters(settings.models):
        for output in emit(endpoints):
            files[folders[target] / output.path] = output.text
    described = settings.schemas / META_SCHEMA
    if described.exists():  # codegen init has put it there for editors
        files[described] = meta_schema()
    return compare(files, flat=settings.python, deep=settings.client)


def read(settings: Settings) -> tuple[model.Endpoint, ...]:
    """Return the endpoints of the schemas folder.

    Raises:
        SchemaProblems: With all that is wrong.

    """
    schemas = resolve(load(settings.schemas, source=settings.source))
    problems = [*schemas.problems, *_rules(schemas)]
    faulty = {problem.file for problem in problems}
    sound = [document for document in schemas.endpoints if document.text.file not in faulty]
    endpoints: list[model.Endpoint] = []
    for document in sound:
        try:
            endpoint = keywords.build(document, schemas.documents, format_assertion=settings.format_assertion)
        except SchemaProblems as error:
            problems += error.problems
            continue
        endpoints.append(endpoint)
        problems += lint.check_model(endpoint, document)
    if not problems and not endpoints:
        problems.append(_nothing(settings, schemas.documents))
    if problems:
        raise SchemaProblems(problems)
    return tuple(endpoints)


def _rules(schemas: Schemas) -> list[Problem]:
    """Check what can be checked also where something else is wrong."""
    problems = list(lint.check_folder(schemas.documents))
    for document in schemas.documents:
        if document.is_endpoint:
            problems += lint.check(document)
    return problems


def _nothing(settings: Settings, documents: Sequence[Document]) -> Problem:
    folder = settings.schemas.as_posix()
    found = f"{len(documents)} file{'s' if len(documents) > 1 else ''} without kind" if documents else "no file"
    hint = 'an endpoint is a file with "kind"; python -m codegen init writes one to begin with'
    return Problem(file=folder, code="no_schemas", message="no endpoint is here", got=found, hint=hint)
