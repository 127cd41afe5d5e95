"""Results of the official test suite, from ``suite.json``, which the tests write."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

__all__ = ["TALLIES", "rejected_list", "suite_table", "totals_table"]

TALLIES = Path(__file__).with_name("suite.json")
TARGETS = ("python", "python, Pydantic models", "typescript")
DRAFTS = {"draft4": "draft-04", "draft6": "draft-06", "draft7": "draft-07", "draft2019-09": "2019-09"}
REASONS = {
    "unresolved_reference": "References to documents that are not in the folder",
    "remote_reference": "References to documents by URL, because codegen fetches nothing",
    "unsupported_dialect": "Schemas in a custom dialect, with unknown vocabularies",
}


def totals_table() -> str:
    """Return the table of passed tests by draft and language."""
    tallies = _tallies()
    lines = ["| draft | Python | Python, Pydantic models | TypeScript |", "| --- | ---: | ---: | ---: |"]
    lines.append(_row("2020-12", (_sum(tallies[target]) for target in TARGETS)))
    for draft, title in DRAFTS.items():
        sums = (_sum(tallies.get(f"{target}, {draft}")) for target in TARGETS)
        lines.append(_row(title, sums))
    return "\n".join(lines)


def suite_table() -> str:
    """Return the table of passed tests by file of the suite and language."""
    tallies = _tallies()
    lines = ["| file of the suite | Python | Python, Pydantic models | TypeScript |", "| --- | ---: | ---: | ---: |"]
    for file in tallies["python"]["tests"]:
        lines.append(_row(f"`{file}`", (_fraction(tallies[target]["tests"][file]) for target in TARGETS)))
    return "\n".join(lines)


def rejected_list() -> str:
    """Return the list of schemas that codegen rejects, by reason and name."""
    return "\n".join(_rejected())


def _rejected() -> Iterator[str]:
    tallies = _tallies()
    rejected = [tallies[target]["rejected"] for target in TARGETS]
    assert rejected[0] == rejected[1] == rejected[2]  # the same in both languages
    for code, reason in REASONS.items():
        yield f"{reason} ([`{code}`](errors.md#{code})):"
        yield ""
        yield from (f"- {name.replace('$', chr(92) + '$')}" for name, found in rejected[0].items() if found == code)
        yield ""


def _sum(tally: Mapping[str, Any] | None) -> str:
    if tally is None:
        return ""
    return _fraction(
        [sum(passed for passed, _ in tally["tests"].values()), sum(total for _, total in tally["tests"].values())]
    )


def _fraction(pair: list[int]) -> str:
    passed, total = pair
    return f"{passed:,}" if passed == total else f"{passed:,} of {total:,}"


def _row(title: str, cells: Iterator[str]) -> str:
    return f"| {title} | {' | '.join(cells)} |"


def _tallies() -> Mapping[str, Any]:
    tallies: Mapping[str, Any] = json.loads(TALLIES.read_text(encoding="utf-8"))
    return tallies
