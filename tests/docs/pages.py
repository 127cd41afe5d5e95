"""The pages of the documentation, and what stands in them."""

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
    """A listing."""

    page: str
    line: int
    """Of its first line, counted from 1."""
    language: str
    """``python`` can be run as it stands; ``py`` is a part of something."""
    text: str

    @property
    def name(self) -> str:
        """What to call it in tests."""
        return f"{self.page}:{self.line}"


def pages() -> tuple[Path, ...]:
    """Return all pages, README first."""
    return tuple(ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "CHANGELOG", "SECURITY")) + tuple(
        sorted((ROOT / "docs").rglob("*.md"))
    )


def blocks(page: Path, *languages: str) -> tuple[Block, ...]:
    """Return the listings of a page, of some languages or all."""
    return tuple(block for block in _blocks(page) if not languages or block.language in languages)


def links(page: Path) -> tuple[str, ...]:
    """Return where the links of a page lead."""
    return tuple(found["target"] for found in LINK.finditer(_prose(page)))


def anchors(page: Path) -> frozenset[str]:
    """Return the anchors that GitHub gives to the headings of a page."""
    texts = (found["text"].lower() for found in HEADING.finditer(_prose(page)))
    return frozenset(re.sub(r"[^\w\- ]", "", text).replace(" ", "-") for text in texts)


def _blocks(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    for found in FENCE.finditer(text):
        line = text.count("\n", 0, found.start("text")) + 1
        name = page.relative_to(ROOT).as_posix()
        yield Block(page=name, line=line, language=found["language"], text=found["text"])


def _prose(page: Path) -> str:
    """Return a page without its listings."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))
