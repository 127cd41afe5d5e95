"""Files of the repository as code blocks of a page."""

from __future__ import annotations

from pathlib import Path

__all__ = ["listing"]

ROOT = Path(__file__).parents[2]
LANGUAGES = {".conf": "nginx", ".service": "ini", ".sh": "sh"}
"""Languages of code blocks by suffix."""


def listing(path: str) -> str:
    """Return a file as a Markdown block.

    Args:
        path: Path from the top level of the repository.
    """
    file = ROOT / path
    return f"```{LANGUAGES[file.suffix]}\n{file.read_text(encoding='utf-8').rstrip()}\n```"
