"""Reactive clients and components in Svelte pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from .conftest import Tab
from .project import Server

pytestmark = pytest.mark.browser

Eventually = Callable[[Callable[[], bool]], None]


@pytest.fixture
def reader(tab: Tab) -> Iterator[Tab]:
    tab.goto("?page=reader")
    tab.wait("document.querySelector('#status').textContent === 'open'")
    yield tab
    assert [] == tab.warnings


@pytest.fixture
def component(tab: Tab) -> Tab:
    tab.goto("?page=component")
    tab.wait("document.querySelector('#state').textContent === 'open true'")
    return tab


def text(tab: Tab, selector: str) -> str:
    found = tab.page.text_content(selector)
    assert found is not None
    return found


def test_first_reader_connects_and_last_reader_closes(reader: Tab, server: Server, eventually: Eventually) -> None:
    assert 1 == server.do()["online"]

    reader.page.click("#toggle")
    eventually(lambda: server.do()["online"] == 0)

    reader.page.click("#toggle")
    reader.wait("document.querySelector('#status').textContent === 'open'")
    assert 2 == server.do()["opened"]


def test_unmounting_the_page_closes_the_client(reader: Tab, server: Server, eventually: Eventually) -> None:
    reader.do("leave()")

    eventually(lambda: server.do()["online"] == 0)


def test_messages_are_reactive(reader: Tab, server: Server) -> None:
    for word in "abcd":
        server.do(say=word)

    reader.wait("document.querySelector('#texts').textContent === 'b c d'")
    assert "d" == text(reader, "#last")
    assert ["a", "b", "c", "d"] == reader.get("said")


def test_listener_of_an_effect_is_removed_with_it(reader: Tab, server: Server) -> None:
    server.do(say="a")
    reader.wait("said.length === 1")
    reader.page.click("#toggle")
    reader.page.click("#toggle")
    reader.wait("document.querySelector('#status').textContent === 'open'")

    server.do(say="b")
    reader.wait("said.length === 2")

    assert ["a", "b"] == reader.get("said")


def test_message_does_not_run_effects_that_read_only_the_status(reader: Tab, server: Server) -> None:
    before = reader.get("connections.length")
    for word in "abc":
        server.do(say=word)
    reader.wait("document.querySelector('#texts').textContent === 'a b c'")

    assert before == reader.get("connections.length")
    assert reader.get("connections.at(-1)") is True


def test_last_refusal_and_outdated_are_reactive(reader: Tab, server: Server) -> None:
    reader.do("lab.send('say', {text: 'refuse me'})")
    reader.wait("document.querySelector('#refusal').textContent === 'slower'")

    server.do(contract="other", drop=True)
    reader.wait("document.querySelector('#outdated').textContent === 'true'")
    reader.warnings.clear()


def test_component_renders_each_message_with_its_snippet(component: Tab, server: Server) -> None:
    server.do(say="one")
    server.do(raw='{"type": "note", "data": "n"}')
    server.do(raw='{"type": "bye-bye"}')
    component.page.click("#say")
    component.wait("document.querySelectorAll('.said').length === 2")

    assert ["one", "from the page"] == component.page.locator(".said").all_text_contents()
    assert ["1 note"] == component.page.locator(".other").all_text_contents()
    assert 1 == component.page.locator(".bye").count()
    assert ["4", "4"] == [text(component, "#all"), text(component, "#bound")]


def test_volatile_messages_reuse_one_element(component: Tab, server: Server) -> None:
    server.do(raw='{"type": "progress", "data": 1}')
    component.wait("document.querySelector('progress')")
    component.do("window.bar = document.querySelector('progress')")

    for done in (20, 60):
        server.do(raw=f'{{"type": "progress", "data": {done}}}')
    component.wait("document.querySelector('progress').value === 60")

    assert component.get(
        "document.querySelectorAll('progress').length === 1 && document.querySelector('progress') === bar"
    )


def test_component_calls_its_event_handlers(component: Tab, server: Server) -> None:
    server.do(say="x")
    server.do(close=[1012])
    component.wait("events.filter((event) => event === 'open').length >= 4")
    component.page.click("#close")
    component.wait("document.querySelector('#state').textContent === 'idle false'")

    opened = ["connecting", "open", "open"]
    lost = ["waiting", "error 1012", "close 1012"]
    assert [*opened, "message said", *lost, *opened, "idle", "close 1000"] == component.get("events")


def test_controller_opens_the_connection(tab: Tab, server: Server) -> None:
    tab.goto("?page=component&manual")
    tab.wait("document.querySelector('#state').textContent === 'idle false'")
    tab.page.wait_for_timeout(200)
    assert not any(path.startswith("/lab") for path in server.do()["paths"])

    tab.page.click("#open")
    tab.wait("document.querySelector('#state').textContent === 'open true'")


def test_component_with_an_action_requests_a_ticket(component: Tab, server: Server) -> None:
    component.wait("true")
    assert 1 == server.do()["tickets"]

    server.do(raw='{"type": "done", "data": 42}')

    component.wait("document.querySelector('#done')?.textContent === '42'")


def test_unmounting_a_component_closes_its_client(component: Tab, server: Server, eventually: Eventually) -> None:
    assert 2 == server.do()["online"]

    component.do("leave()")

    eventually(lambda: server.do()["online"] == 0)
