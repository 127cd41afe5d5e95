"""Page of the first project, written by `python -m codegen init`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.support.axe import violations
from tests.support.chromium import expect
from tests.support.examples import FIRST_PROJECT, create, serve

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serve(FIRST_PROJECT, create(tmp_path_factory.mktemp("first") / "project")) as origin:
        yield origin


@pytest.fixture
def page(browser: Browser, origin: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 360, "height": 640})
    page = context.new_page()
    page.goto(origin)
    expect(page.locator("[role=status]")).to_contain_text("Connected")
    yield page
    context.close()


def test_count_is_shared_and_the_keyboard_changes_it(page: Page, origin: str) -> None:
    other = page.context.new_page()
    other.goto(origin)
    before = int(page.locator("output").inner_text())

    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(other.locator("output")).to_have_text(f"{before + 5}")
    expect(page.locator("output")).to_have_text(f"{before + 5}")
    expect(page.locator("text=+5")).to_be_focused()
    expect(page.locator("[role=status]")).to_have_text("Connected, 2 online")


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(page: Page, width: int, scheme: str) -> None:
    page.set_viewport_size({"width": width, "height": 640})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")

    assert [] == violations(page)
    assert 0 == page.evaluate("document.documentElement.scrollWidth - innerWidth")


def test_page_shows_the_loss_of_the_connection(page: Page) -> None:
    page.context.route_web_socket("**/counter", lambda socket: socket.close(code=1012))

    page.reload()

    expect(page.locator("[role=status]")).to_contain_text("trying again")
