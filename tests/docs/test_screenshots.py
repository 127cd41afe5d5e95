"""Screenshots in the README."""

from __future__ import annotations

from docs.scripts.screenshots import IMAGES, MAX_BYTES
from tests.docs.pages import ROOT


def test_every_screenshot_is_small_and_shown_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    names = {f"docs/images/{image.name}": image.stat().st_size for image in IMAGES.iterdir()}

    assert 4 == len(names)
    assert [] == [name for name, size in names.items() if f'src="{name}"' not in readme or size > MAX_BYTES]
