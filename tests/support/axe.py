"""Accessibility rules of axe-core."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["violations"]

AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"

RUN = """async () => {
    const { violations, incomplete } = await axe.run({ resultTypes: ['violations', 'incomplete'] });
    const contrast = incomplete.filter(({ id }) => id === 'color-contrast');
    const found = [...violations, ...contrast].flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${id}: ${html}: ${failureSummary}`));
    // The rule does not know that popovers are above all other elements, and does not measure single letters.
    return found.filter((text) => !/overlapped by another element|too short to determine/.test(text));
}"""


@cache
def _source() -> str:
    return AXE.read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """Return the rules that a page violates, with their elements; contrast that cannot be computed is one of them."""
    page.evaluate(f"() => {{ {_source()} }}")
    found: list[str] = page.evaluate(RUN)
    return found
