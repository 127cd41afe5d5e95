"""Pipeline of codegen, from the schemas folder to the generated files."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from . import model
from .cache.output_cache import OutputCache
from .deep_stack import with_deep_stack
from .emit import Emitter, Output, emitters
from .emit.results import Generated, Route, Unit
from .output import Changes, compare, write
from .schema.editor_schema import editor_schema
from .schema_folder import ReadGroup, Report, SchemaFolder, ignore
from .settings.project_settings import Settings
from .source.diagnostics import Problem, SchemaProblems
from .source.internal_errors import collecting
from .source.load import META_SCHEMA

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
def run(settings: Settings, cache: OutputCache | None = None, report: Report = ignore) -> Generated:
    """Return the generated files, without a look at those on disk.

    Args:
        settings: Settings of the project.
        cache: Cache with units of earlier runs; only others are computed.
        report: Function that gets the work that begins, such as ``reading schemas/chat.json``.

    Raises:
        SchemaProblems: If there are errors; it contains all problems.
    """
    with _paused_garbage_collection():
        return _run(settings, cache, report)


def _run(settings: Settings, cache: OutputCache | None, report: Report) -> Generated:
    report(f"reading {settings.schemas.as_posix()}")
    folder = SchemaFolder(settings)
    known = {} if cache is None else cache.units()
    groups: list[tuple[str, Unit | ReadGroup]] = []
    for group in folder.groups:
        key = "" if cache is None else cache.unit_key(document.text for document in group.documents)
        unit = known.get(key)
        if unit is not None:
            folder.problems += unit.warnings
        groups.append((key, folder.read(group, report) if unit is None else unit))
    warnings = folder.warnings()
    emission = _Emission(settings, report)
    units = [found if isinstance(found, Unit) else emission.unit(key, found) for key, found in groups]
    common = emission.common([route for unit in units for route in unit.routes])
    if emission.problems:
        raise SchemaProblems([*emission.problems, *warnings])
    return Generated(units=tuple(units), common=common, warnings=warnings)


class _Emission:
    """Runs of all emitters."""

    def __init__(self, settings: Settings, report: Report) -> None:
        self._report = report
        self.problems: list[Problem] = []
        self._settings = settings
        self._folders = {"python": settings.python, "client": settings.client}
        self._emitters = emitters(settings.models)

    def unit(self, key: str, group: ReadGroup) -> Unit:
        """Return the result for a group of files."""
        files: dict[Path, str] = {}
        names = ", ".join(endpoint.name for endpoint in group.endpoints)
        for emitter in self._emitters:
            self._report(f"generating {emitter.target} of {names}")
            with collecting(self._settings.schemas.as_posix(), self.problems):
                files |= self._texts(emitter, emitter.emit(group.endpoints))
        routes = tuple(Route(kind=one.kind, path=one.path, source=one.source) for one in group.endpoints)
        return Unit(key=key, routes=routes, files=files, warnings=group.problems)

    def common(self, routes: Iterable[Route]) -> dict[Path, str]:
        """Return the files that all endpoints have in common."""
        ordered = sorted(routes, key=lambda route: route.source)
        files: dict[Path, str] = {}
        for emitter in self._emitters:
            with collecting(self._settings.schemas.as_posix(), self.problems):
                files |= self._texts(emitter, emitter.emit_common(ordered))
        for_editors = self._settings.schemas / META_SCHEMA
        if for_editors.exists():  # written by codegen init
            files[for_editors] = editor_schema()
        return files

    def _texts(self, emitter: Emitter, outputs: Iterable[Output]) -> dict[Path, str]:
        return {self._folders[emitter.target] / output.path: output.text for output in outputs}


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
def read(settings: Settings, report: Report = ignore) -> ReadResult:
    """Return the endpoints of the schemas folder, with the warnings about it.

    Args:
        settings: Settings of the project.
        report: Function that gets the work that begins.

    Raises:
        SchemaProblems: If there are errors; it contains all problems.
    """
    folder = SchemaFolder(settings)
    endpoints = [endpoint for group in folder.groups for endpoint in folder.read(group, report).endpoints]
    return ReadResult(
        endpoints=tuple(sorted(endpoints, key=lambda endpoint: endpoint.source)), warnings=folder.warnings()
    )
