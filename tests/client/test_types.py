"""What svelte-check and both compilers say about generated clients, and about pages that use and misuse them."""

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
    """Return file, line, code and the first line of the words of all that svelte-check finds."""
    said = run("node_modules/.bin/svelte-check", "--tsconfig", str(tsconfig), "--output", "machine-verbose")
    assert " COMPLETED " in said, said
    entries = [json.loads(line) for line in re.findall(r"^\d+ (\{.*)$", said, re.MULTILINE)]
    return {
        (Path(entry["filename"]).name, entry["start"]["line"] + 1, entry["code"], entry["message"].split("\n")[0])
        for entry in entries
    }


def expected() -> Found:
    return {
        (page.name, number, int(code), words)
        for page in PAGES.glob("*.svelte")
        for number, line in enumerate(page.read_text().splitlines(), 1)
        for code, words in re.findall(r"(?://|<!--) E: (\d+) (.*?)(?: -->)?$", line)
    }


def test_every_misuse_is_reported_and_nothing_else() -> None:
    assert expected() == reported(PAGES / "tsconfig.json")
    assert len(expected()) > 20


@pytest.mark.parametrize("compiler", ["typescript", "typescript7"])
def test_a_client_of_every_kind_of_message_compiles(project: Project, compiler: str) -> None:
    write_settings(project)
    shown = run("node", f"{ROOT}/node_modules/{compiler}/bin/tsc", "--project", "tsconfig.json", cwd=project.folder)

    assert "" == shown


def test_svelte_check_finds_nothing_in_pages_of_a_client_of_every_kind_of_message(project: Project) -> None:
    write_settings(project)

    assert set() == reported(project.folder / "tsconfig.json")


def write_settings(project: Project) -> None:
    settings = json.loads((ROOT / "tsconfig.json").read_text())
    settings["include"] = ["web/src"]
    (project.folder / "tsconfig.json").write_text(json.dumps(settings))
