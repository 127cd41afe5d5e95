"""Codegen of many projects, each in a process of its own with limits of time and memory.

As a program: takes folders of projects as arguments, and writes one outcome per line.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from codegen.pipeline import plan
from codegen.settings.project_settings import read_settings
from codegen.source.diagnostics import SchemaProblems

from .packages import HOME, ROOT
from .published import PublishedSchema

__all__ = ["SECONDS", "MEGABYTES", "Models", "Outcome", "run", "save", "saved"]

SECONDS = 30
"""Limit of the processor time of one project."""
MEGABYTES = 500
"""Limit of the memory of one project."""

KEPT = ("messages.ts", "shared.ts")
"""Generated TypeScript that depends on the schema; the other files are the same for all."""

Models = Literal["msgspec", "pydantic"]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Result of codegen for one project."""

    id: str
    kind: Literal["written", "problems", "exception", "killed"]
    seconds: float = 0.0
    megabytes: int = 0
    problems: dict[str, int] = field(default_factory=dict)
    """Number of errors by code."""
    text: str = ""
    """First problem of each code, or the traceback."""


def run(schemas: Sequence[PublishedSchema], folder: Path, models: Models) -> Iterator[Outcome]:
    """Generate the code of schemas; yield the outcomes in the same order.

    Args:
        schemas: Schemas of packages.
        folder: Output: ``python/<id>/*.py`` and ``client/<id>/<endpoint>/messages.ts``.
        models: Library of the message classes.
    """
    projects = [str(_project(schema, folder, models)) for schema in schemas]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}  # it is slow
    command = [sys.executable, "-m", __name__, *projects]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment) as process:
        assert process.stdout is not None
        for line in process.stdout:
            yield Outcome(**json.loads(line))
    assert process.returncode == 0


def save(outcomes: Sequence[Outcome], models: Models) -> None:
    """Save the outcomes of all schemas."""
    HOME.mkdir(parents=True, exist_ok=True)
    lines = [f"{json.dumps(asdict(outcome))}\n" for outcome in outcomes]
    _saved(models).write_text("".join(lines), encoding="utf-8")


def saved(models: Models) -> list[Outcome]:
    """Return the outcomes of the last run on all schemas.

    Raises:
        FileNotFoundError: If the tests of all schemas (``CORPUS=all``) have not run.
    """
    return [Outcome(**json.loads(line)) for line in _saved(models).read_text(encoding="utf-8").splitlines()]


def _saved(models: Models) -> Path:
    return HOME / f"{models}.jsonl"


def _project(schema: PublishedSchema, folder: Path, models: Models) -> Path:
    project = folder / "projects" / schema.id
    output = {target: f"../../{target}/{schema.id}" for target in ("python", "client")}
    schema.write(project, models=models, **output)
    return project


def main(projects: Sequence[str]) -> None:
    """Run codegen for folders of projects; write one outcome per line."""
    with tempfile.TemporaryDirectory() as folder:
        _import_everything(Path(folder))
    for project in projects:
        print(json.dumps(asdict(_limited(Path(project)))), flush=True)


def _import_everything(folder: Path) -> None:
    """Load all modules and templates once, as each process starts with them."""
    for models in ("msgspec", "pydantic"):
        (folder / "schemas").mkdir(exist_ok=True)
        (folder / "schemas/test.json").write_text('{"kind": "ephemeral", "clientMessages": {"a": {}}}')
        (folder / "pyproject.toml").write_text(f'[tool.tornado-ws]\nmodels = "{models}"')
        plan(read_settings(folder))


def _limited(project: Path) -> Outcome:
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        try:
            outcome = _generate(project)
        except BaseException:
            outcome = Outcome(id=project.name, kind="exception", text=traceback.format_exc()[-2000:])
        os.write(writer, json.dumps(asdict(outcome)).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as pipe:
        text = pipe.read()
    _, _, usage = os.wait4(child, 0)
    found = json.loads(text) if text else {"id": project.name, "kind": "killed"}
    seconds = round(usage.ru_utime + usage.ru_stime, 2)
    return Outcome(**{**found, "seconds": seconds, "megabytes": usage.ru_maxrss // 1024})


def _generate(project: Path) -> Outcome:
    settings = read_settings(project)
    for folder in (settings.python, settings.client):
        shutil.rmtree(folder, ignore_errors=True)
    try:
        changes = plan(settings)
    except SchemaProblems as error:
        first = {problem.code: str(problem) for problem in reversed(error.problems)}
        codes = dict(Counter(problem.code for problem in error.problems if problem.is_error))
        return Outcome(id=project.name, kind="problems", problems=codes, text="\n".join(first.values())[:2000])
    for path, text in changes.missing.items():
        if path.suffix == ".py" or path.name in KEPT:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return Outcome(id=project.name, kind="written")


if __name__ == "__main__":
    main(sys.argv[1:])
