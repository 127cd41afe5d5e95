"""Reference of the problems of codegen, with the real output for invalid files."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from codegen.pipeline import generate
from codegen.scaffold import init
from codegen.settings.project_settings import read_settings
from codegen.source.diagnostics import Problem, SchemaProblems

__all__ = ["Case", "cases", "problem_list", "reported_problem"]

CASES = Path(__file__).with_name("problems.yaml")


@dataclass(frozen=True, kw_only=True)
class Case:
    """Files with one problem."""

    code: str
    """Code of the problem."""
    group: str
    """Heading on the page."""
    description: str
    """Meaning of the code, in Markdown."""
    command: str
    """Subcommand to run; empty to generate code."""
    without: str
    """Package to hide from imports; empty for none."""
    files: Mapping[str, str]
    """Text by path; ``/`` stands for a folder, ``-> `` starts a symbolic link, ``0x`` starts bytes."""


def cases() -> Iterator[Case]:
    """Yield the cases, in the order of the page."""
    for group, codes in yaml.safe_load(CASES.read_text(encoding="utf-8")).items():
        for code, case in codes.items():
            command, without = case.get("command", ""), case.get("without", "")
            yield Case(
                code=code,
                group=group,
                description=case["description"],
                command=command,
                without=without,
                files=case["files"],
            )


def problem_list() -> str:
    """Return all codes with description and example, under their headings, in Markdown."""
    lines: list[str] = []
    group = ""
    for case in cases():
        if case.group != group:
            group = case.group
            lines += [f"### {group}", ""]
        lines += [f"#### `{case.code}`", "", case.description, "", "```text", str(reported_problem(case)), "```", ""]
    return "\n".join(lines)


def reported_problem(case: Case) -> Problem:
    """Return the problem that codegen reports for the files of a case.

    Raises:
        LookupError: If the problem is not reported.
    """
    with TemporaryDirectory() as folder, chdir(folder), _hidden(case.without):
        for path, text in case.files.items():
            _write(Path(path), text)
        problems: tuple[Problem, ...] = ()
        try:
            if case.command == "init":
                init(Path())
            else:
                problems = generate(read_settings(Path())).warnings
        except SchemaProblems as error:
            problems = error.problems
    for problem in problems:
        if problem.code == case.code:
            return problem
    raise LookupError(f"expected {case.code}, got {SchemaProblems(problems)}")


@contextmanager
def _hidden(package: str) -> Iterator[None]:
    """Hide an installed package from imports."""
    modules: dict[str, Any] = sys.modules
    found = modules.pop(package, None)
    if package:
        modules[package] = None  # makes the import fail
    try:
        yield
    finally:
        modules.pop(package, None)
        if found is not None:
            modules[package] = found


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if text.startswith("-> "):
        os.symlink(text.removeprefix("-> "), path)
    elif text.startswith("0x"):
        path.write_bytes(bytes.fromhex(text.removeprefix("0x")))
    elif text == "/":
        path.mkdir()
    else:
        path.write_text(text, encoding="utf-8")
