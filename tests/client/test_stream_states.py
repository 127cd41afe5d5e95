"""Streams as reactive state of Svelte components."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from .conftest import Tab
from .project import Server

pytestmark = pytest.mark.browser

Eventually = Callable[[Callable[[], bool]], None]


@pytest.fixture
def uses(tab: Tab) -> Iterator[Tab]:
    tab.goto("?page=uses")
    tab.wait("window.show")
    yield tab
    assert [] == tab.warnings


def wait_for_text(tab: Tab, text: str) -> None:
    tab.wait(f"document.querySelector('#state')?.textContent.trim() === {text!r}", 10)


def test_items_are_shown_until_the_stream_is_done(uses: Tab, server: Server, eventually: Eventually) -> None:
    uses.do("show('StreamState', {count: 4})")

    wait_for_text(uses, "done 0 1 2 3 (3)")
    eventually(lambda: server.do()["online"] == 0)


def test_stream_without_items_is_done(uses: Tab) -> None:
    uses.do("show('StreamState', {count: 0})")

    wait_for_text(uses, "done  (none)")


@pytest.mark.parametrize(("history", "shown"), [(3, "197 198 199"), (0, ""), ("Infinity", None)])
def test_only_the_newest_items_are_kept(uses: Tab, history: object, shown: str | None) -> None:
    uses.do(f"show('StreamState', {{count: 200, history: {history}}})")

    wait_for_text(uses, f"done {' '.join(map(str, range(200))) if shown is None else shown} (199)")


def test_error_of_the_server_ends_the_stream_after_its_items(uses: Tab) -> None:
    uses.do("show('StreamState', {count: 13})")

    wait_for_text(uses, "error 0 1 2 (2) internal")
    assert "Refused" == uses.get("numbers.error.name")


def test_lost_connection_ends_the_stream(uses: Tab, server: Server, eventually: Eventually) -> None:
    uses.do("show('StreamState')")
    uses.wait("window.numbers?.status === 'streaming'")

    server.do(drop=True)

    uses.wait("numbers.status === 'error'")
    assert ["SocketError", "network"] == uses.get("[numbers.error.name, numbers.error.kind]")


def test_stop_cancels_the_stream_and_keeps_its_items(uses: Tab, server: Server, eventually: Eventually) -> None:
    uses.do("show('StreamState')")
    uses.wait("window.numbers?.items.length > 2")

    uses.page.click("#stop")

    count = uses.get("numbers.items.length")
    eventually(lambda: {"type": "$cancel", "id": 1} in server.do()["received"])
    assert [count, "stopped", None] == uses.get("[numbers.items.length, numbers.status, numbers.error ?? null]")
    uses.do("numbers.stop()")


def test_stream_stops_with_its_component(uses: Tab, server: Server, eventually: Eventually) -> None:
    uses.do("show('StreamState')")
    uses.wait("window.numbers?.status === 'streaming'")

    uses.do("show(undefined)")

    eventually(lambda: {"type": "$cancel", "id": 1} in server.do()["received"])
    eventually(lambda: server.do()["online"] == 0)
    assert "stopped" == uses.get("numbers.status")


def test_derived_stream_begins_again_with_other_data(uses: Tab, server: Server, eventually: Eventually) -> None:
    uses.do("show('StreamState')")
    uses.wait("window.numbers?.status === 'streaming'")

    uses.do("window.first = numbers; show('StreamState', {count: 3})")

    wait_for_text(uses, "done 0 1 2 (2)")
    eventually(lambda: {"type": "$cancel", "id": 1} in server.do()["received"])
    assert "stopped" == uses.get("first.status")


def test_stream_reads_as_fast_as_its_items_arrive(uses: Tab, server: Server) -> None:
    uses.do("show('StreamState', {count: 1000, history: 1})")

    wait_for_text(uses, "done 999 (999)")
    assert 31 == len([frame for frame in server.do()["received"] if frame["type"] == "$more"])


def test_misuse_is_reported(uses: Tab) -> None:
    uses.do("window.c = makeLab()")

    assert ["InvalidMessage", "unknown_message", "lab.stream: echo needs request"] == uses.caught(
        "c.streamState('echo', 'x')"
    )
    uses.do("window.numbers = c.streamState('count', 'x')")
    uses.wait("numbers.status === 'error'")
    assert "invalid_message" == uses.get("numbers.error.code")
    assert 1 == len(uses.errors)
    uses.errors.clear()
