"""Pages of the documentation, with their code blocks, links and anchors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["ROOT", "Block", "anchors", "blocks", "links", "pages"]

ROOT = Path(__file__).parents[2]

FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!!)\[[^\]\[]*\]\((?P<target>[^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} (?P<text>.+)$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Block:
    """Code block of a page."""

    page: str
    line: int
    """Number of its first line, from 1."""
    language: str
    """Language of the fence; ``python`` blocks are complete, ``py`` blocks are fragments."""
    text: str

    @property
    def name(self) -> str:
        """Identifier in test names."""
        return f"{self.page}:{self.line}"


def pages() -> tuple[Path, ...]:
    """Return all pages, README first."""
    return tuple(ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "CHANGELOG", "SECURITY")) + tuple(
        sorted((ROOT / "docs").rglob("*.md"))
    )


def blocks(page: Path, *languages: str) -> tuple[Block, ...]:
    """Return the code blocks of a page, in some languages or all."""
    return tuple(block for block in _blocks(page) if not languages or block.language in languages)


def links(page: Path) -> tuple[str, ...]:
    """Return the targets of the links of a page."""
    return tuple(found["target"] for found in LINK.finditer(_prose(page)))


def anchors(page: Path) -> frozenset[str]:
    """Return the anchors that GitHub creates for the headings of a page."""
    texts = (found["text"].lower() for found in HEADING.finditer(_prose(page)))
    return frozenset(re.sub(r"[^\w\- ]", "", text).replace(" ", "-") for text in texts)


def _blocks(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for found in FENCE.finditer(text):
        line = text.count("\n", 0, found.start("text")) + 1
        name = page.relative_to(ROOT).as_posix()
        yield Block(page=name, line=line, language=found["language"], text=found["text"])


def _prose(page: Path) -> str:
    """Return a page without its code blocks."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))
