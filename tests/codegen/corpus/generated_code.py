"""Generated code of published schemas, and the checks that every one of them must pass."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ..support.generated import Client, typecheck
from ..support.package import PyrightError, pyright
from .limited_codegen import MEGABYTES, Models, Outcome, run, save
from .packages import ROOT
from .published import PublishedSchema, is_complete

__all__ = ["GeneratedCode"]

CLASS = re.compile(r"^class (\w+)", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class GeneratedCode:
    """Output of codegen for schemas of packages."""

    folder: Path
    schemas: Sequence[PublishedSchema]
    models: Models

    @cached_property
    def outcomes(self) -> list[tuple[PublishedSchema, Outcome]]:
        """Each schema with the outcome of codegen; those of all schemas are also saved for the documentation."""
        found = list(run(self.schemas, self.folder, self.models))
        if is_complete():
            save(found, self.models)
        return list(zip(self.schemas, found, strict=True))

    def failures(self) -> list[Outcome]:
        """Return the outcomes that are neither code nor problems, or that took too much memory."""
        failed = ("exception", "killed")
        return [one for _, one in self.outcomes if one.kind in failed or one.megabytes > MEGABYTES]

    def unexpected_problems(self) -> list[tuple[str, set[str], str]]:
        """Return the problems with codes that the list of packages does not contain."""
        return [
            (outcome.id, outcome.problems.keys() - {*schema.package.problems}, outcome.text)
            for schema, outcome in self.outcomes
            if outcome.problems.keys() - {*schema.package.problems}
        ]

    def python_errors(self) -> str:
        """Return the errors of strict mypy in all modules."""
        _ = self.outcomes
        command = (sys.executable, "-m", "mypy", "--strict", "--config-file", "pyproject.toml", "--no-error-summary")
        return _output(*command, "--cache-dir", self.folder / "mypy", self.folder / "python")

    def pyright_errors(self) -> list[PyrightError]:
        """Return the errors of strict pyright in all modules, or in a sample, since it is slow."""
        _ = self.outcomes
        modules = sorted((self.folder / "python").glob("*/[!_]*.py"))
        return pyright(self.folder, modules[:: 1 if is_complete() else 4])

    def check_client(self) -> None:
        """Assert that strict TypeScript accepts all modules."""
        _ = self.outcomes
        client = Client(self.folder / "checked")
        for schema, outcome in self.outcomes:
            if outcome.kind == "written":
                client.add_files(self.folder / "client" / schema.id, prefix=f"{schema.id}-")
        typecheck(client.folder)

    def numbered_classes(self) -> dict[str, tuple[list[str], int]]:
        """Return the Python classes whose name codegen has numbered, and the number of all classes, by package."""
        found: dict[str, tuple[list[str], int]] = {}
        for schema, outcome in self.outcomes:
            if outcome.kind == "written":
                modules = (self.folder / "python" / schema.id).glob("*.py")
                classes = [name for path in modules for name in CLASS.findall(path.read_text(encoding="utf-8"))]
                texts = _texts_with_digits(schema)
                numbered, count = found.get(schema.package.id, ([], 0))
                numbered += [f"{schema.id}.{name}" for name in classes if _is_numbered(name, texts)]
                found[schema.package.id] = numbered, count + len(classes)
        return found


def _is_numbered(name: str, texts: set[str]) -> bool:
    """Return True for a class name such as ``Item2``, unless the schema has such a word, such as ``v1``."""
    found = re.search(r"([A-Z][a-z]*|[a-z]+)\d+$", name)
    return found is not None and not any(re.search(rf"{found[0].lower()}(?!\d)", text) for text in texts)


def _texts_with_digits(schema: PublishedSchema) -> set[str]:
    """Return the names and strings of a schema that contain a digit, without punctuation."""
    text = b" ".join(schema.files().values()).decode().lower()
    return {re.sub(r"[^a-z0-9]", "", one) for one in re.findall(r'[^"\s:]*\d[^"\s:]*', text) if len(one) < 200}


def _output(*command: str | Path) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr if done.returncode else ""  # a crash is in stderr only
