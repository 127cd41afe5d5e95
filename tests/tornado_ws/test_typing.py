"""Errors of mypy --strict in tests/typing, compared with the ``# E:`` comments."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from mypy import api

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
    stdout, stderr, _ = api.run(
        ["--strict", "--no-error-summary", "--hide-error-context", *map(str, CASES.glob("*.py"))]
    )
    pattern = re.compile(r"(?P<file>[^:]+):(?P<line>\d+): error: (?P<text>.+)  \[(?P<code>[\w-]+)\]$")
    matches = [match for line in stdout.splitlines() if (match := pattern.match(line))]
    reported = {(Path(m["file"]).name, int(m["line"]), m["code"], m["text"]) for m in matches}

    assert stderr == ""
    assert expected_errors() == reported
    assert len(reported) > 20
