"""Errors of mypy --strict in tests/typing, compared with the ``# E:`` comments."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tornado_ws.testing import Client

CASES = Path(__file__).parents[1] / "typing"


def expected_errors() -> set[tuple[str, int, str, str]]:
    return {
        (path.name, number, match["code"], match["text"])
        for path in CASES.glob("*.py")
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if (match := re.search(r"# E: \[(?P<code>[\w-]+)\] (?P<text>.+)", line))
    }


@pytest.mark.slow
def test_mypy_reports_exactly_the_expected_errors():
    options = ("--strict", "--no-error-summary", "--hide-error-context")
    command = (sys.executable, "-m", "mypy", *options, *map(str, CASES.glob("*.py")))
    checked = subprocess.run(command, capture_output=True, text=True)  # mypy raises the recursion limit of its process
    pattern = re.compile(r"(?P<file>[^:]+):(?P<line>\d+): error: (?P<text>.+)  \[(?P<code>[\w-]+)\]$")
    matches = [match for line in checked.stdout.splitlines() if (match := pattern.match(line))]
    reported = {(Path(m["file"]).name, int(m["line"]), m["code"], m["text"]) for m in matches}

    assert checked.stderr == ""
    assert expected_errors() == reported
    assert len(reported) > 20


def test_each_public_method_of_the_client_for_tests_is_type_checked() -> None:
    text = (CASES / "testing.py").read_text()
    names = [name for name in vars(Client) if not name.startswith("_")]

    assert "stream" in names
    assert [] == [name for name in names if not re.search(rf"\bann\.{name}\b", text)]
