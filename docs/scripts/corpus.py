"""Counts of the comparison on published schemas, from ``corpus.json``, which `make soak` writes."""

from __future__ import annotations

import json
from pathlib import Path

__all__ = ["COUNTS", "corpus_table"]

COUNTS = Path(__file__).with_name("corpus.json")

ROWS = {
    "packages": "packages of npm and PyPI",
    "files": "files",
    "instances": "instances",
    "differences": "instances with a different verdict, pointer, keyword or text, or sent again with other JSON",
}
MAXIMA = {"seconds": "processor time of one file, in seconds", "megabytes": "memory for one file, in MB"}


def corpus_table() -> str:
    """Return the table of the counts, or a sentence before the first run."""
    if not COUNTS.exists():
        return "`make soak` writes the counts."
    counts = json.loads(COUNTS.read_text(encoding="utf-8"))
    rows = [f"| {words} | {counts[name]:,} |" for name, words in ROWS.items()]
    for name, words in MAXIMA.items():
        rows += [f"| maximum {words}, for {models} | {value:,} |" for models, value in counts[name].items()]
    problems = [f"| [`{code}`](errors.md#{code}) | {files} |" for code, files in sorted(counts["problems"].items())]
    tables = [["| | number |", "| --- | ---: |", *rows]]
    if problems:
        tables.append(["", "| problem | files |", "| --- | ---: |", *problems])
    return "\n".join(line for table in tables for line in table)
