"""Types of generated clients, checked by svelte-check and by both versions of TypeScript."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from .project import ROOT, Project

pytestmark = pytest.mark.slow

PAGES = ROOT / "tests/typing/svelte"
Found = set[tuple[str, int, int, str]]


def run(*command: str, cwd: Path = ROOT) -> str:
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120).stdout


def reported(tsconfig: Path) -> Found:
    """Return the file, line, code and first line of the message of each error of svelte-check."""
    output = run("node_modules/.bin/svelte-check", "--tsconfig", str(tsconfig), "--output", "machine-verbose")
    assert " COMPLETED " in output, output
    entries = [json.loads(line) for line in re.findall(r"^\d+ (\{.*)$", output, re.MULTILINE)]
    return {
        (Path(entry["filename"]).name, entry["start"]["line"] + 1, entry["code"], entry["message"].split("\n")[0])
        for entry in entries
    }


def expected() -> Found:
    return {
        (page.name, number, int(code), message)
        for page in PAGES.glob("*.svelte")
        for number, line in enumerate(page.read_text().splitlines(), 1)
        for code, message in re.findall(r"(?://|<!--) E: (\d+) (.*?)(?: -->)?$", line)
    }


def test_svelte_check_reports_every_misuse_and_nothing_else() -> None:
    assert expected() == reported(PAGES / "tsconfig.json")
    assert len(expected()) > 20


@pytest.mark.parametrize("compiler", ["typescript", "typescript7"])
def test_client_with_every_kind_of_message_compiles(project: Project, compiler: str) -> None:
    write_settings(project)
    output = run("node", f"{ROOT}/node_modules/{compiler}/bin/tsc", "--project", "tsconfig.json", cwd=project.folder)

    assert "" == output


def test_svelte_check_reports_nothing_for_a_client_with_every_kind_of_message(project: Project) -> None:
    write_settings(project)

    assert set() == reported(project.folder / "tsconfig.json")


def write_settings(project: Project) -> None:
    settings = json.loads((ROOT / "tsconfig.json").read_text())
    settings["include"] = ["web/src"]
    (project.folder / "tsconfig.json").write_text(json.dumps(settings))
