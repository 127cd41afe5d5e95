"""Counts of the comparison on published schemas, from ``corpus.json``, which `make soak` writes."""

from __future__ import annotations

import json
from pathlib import Path

__all__ = ["COUNTS", "corpus_table"]

COUNTS = Path(__file__).with_name("corpus.json")

ROWS = {
    "packages": "packages of npm and PyPI",
    "files": "files",
    "compared": "files that codegen accepts",
    "definitions": "definitions in them",
    "instances": "instances",
    "valid": "valid instances",
    "differences": "instances with a different verdict, pointer, keyword or text",
}


def corpus_table() -> str:
    """Return the table of the counts, or a sentence before the first run."""
    if not COUNTS.exists():
        return "`make soak` writes the counts."
    counts = json.loads(COUNTS.read_text(encoding="utf-8"))
    rows = [f"| {words} | {counts[name]:,} |" for name, words in ROWS.items()]
    return "\n".join(["| | number |", "| --- | ---: |", *rows])
