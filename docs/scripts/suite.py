"""Results of the official test suite, from ``suite.json``, which the tests write."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

__all__ = ["TALLIES", "refused_list", "suite_table", "totals_table"]

TALLIES = Path(__file__).with_name("suite.json")
EDGES = ("python", "python, models of Pydantic", "typescript")
DRAFTS = {"draft4": "draft-04", "draft6": "draft-06", "draft7": "draft-07", "draft2019-09": "2019-09"}
WORDS = {
    "unresolved_reference": "References to documents that are not in the folder",
    "remote_reference": "References to documents by URL, because codegen fetches nothing",
    "unsupported_dialect": "Schemas in a custom dialect, with unknown vocabularies",
}


def totals_table() -> str:
    """Return the table of passed tests by draft and language."""
    tallies = _tallies()
    lines = ["| draft | Python | Python, models of Pydantic | TypeScript |", "| --- | ---: | ---: | ---: |"]
    lines.append(_row("2020-12", (_sum(tallies[edge]) for edge in EDGES)))
    for draft, title in DRAFTS.items():
        sums = (_sum(tallies.get(f"{edge}, {draft}")) for edge in EDGES)
        lines.append(_row(title, sums))
    return "\n".join(lines)


def suite_table() -> str:
    """Return the table of passed tests by file of the suite and language."""
    tallies = _tallies()
    lines = ["| file of the suite | Python | Python, models of Pydantic | TypeScript |", "| --- | ---: | ---: | ---: |"]
    for file in tallies["python"]["tests"]:
        lines.append(_row(f"`{file}`", (_of(tallies[edge]["tests"][file]) for edge in EDGES)))
    return "\n".join(lines)


def refused_list() -> str:
    """Return the list of schemas that codegen rejects, by reason and name."""
    return "\n".join(_refused())


def _refused() -> Iterator[str]:
    tallies = _tallies()
    everything = [tallies[edge]["refused"] for edge in EDGES]
    assert everything[0] == everything[1] == everything[2]  # the same in both languages
    for code, words in WORDS.items():
        yield f"{words} ([`{code}`](errors.md#{code})):"
        yield ""
        yield from (f"- {name.replace('$', chr(92) + '$')}" for name, found in everything[0].items() if found == code)
        yield ""


def _sum(tally: Mapping[str, Any] | None) -> str:
    if tally is None:
        return ""
    return _of([sum(passed for passed, _ in tally["tests"].values()), sum(all_ for _, all_ in tally["tests"].values())])


def _of(pair: list[int]) -> str:
    passed, every = pair
    return f"{passed:,}" if passed == every else f"{passed:,} of {every:,}"


def _row(title: str, cells: Iterator[str]) -> str:
    return f"| {title} | {' | '.join(cells)} |"


def _tallies() -> Mapping[str, Any]:
    tallies: Mapping[str, Any] = json.loads(TALLIES.read_text(encoding="utf-8"))
    return tallies
