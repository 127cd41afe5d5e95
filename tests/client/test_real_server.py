"""Generated client with handlers of the generated Python package, served by tornado_ws."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from .conftest import Tab
from .project import Project, RealServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


@pytest.fixture
def real(project: Project) -> Iterator[RealServer]:
    server = RealServer(project)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def tab(browser: Browser, real: RealServer) -> Iterator[Tab]:
    context = browser.new_context()
    tab = Tab(context.new_page(), real)
    tab.goto()
    yield tab
    context.close()
    assert [] == tab.errors
    assert [] == tab.warnings


def test_client_and_server_use_the_same_protocol(tab: Tab) -> None:
    tab.open()
    tab.do("c.answer('confirm', (question) => question === 'sure?')")

    assert tab.get("c.outdated") is False
    assert ["a", 1.5] == tab.get("Promise.all([c.request('echo', 'a'), c.request('now')])")
    items = tab.get(
        "(async () => { const all = []; for await (const n of c.stream('count', 3)) all.push(n); return all })()"
    )
    assert [0, 1, 2] == items
    tab.do("c.send('say', {text: 'hi'}); c.send('nudge')")
    tab.wait("c.last.note === 'answered True'")
    assert {"text": "hi"} == tab.get("c.last.said")


def test_requests_run_side_by_side_and_end_in_time_or_when_aborted(tab: Tab) -> None:
    tab.open()
    tab.do(
        "window.order = []; window.stop = new AbortController();"
        "window.late = c.request('brief', 'slow').catch((error) => [error.code, error.retryable]);"
        "window.aborted = c.request('brief', 'slow', {signal: stop.signal}).catch((error) => error.name);"
        "for (const name of ['brief', 'echo']) void c.request(name, name).then((reply) => order.push(reply))"
    )

    tab.wait("order.length === 2")
    tab.do("stop.abort()")
    assert "AbortError" == tab.get("aborted")
    tab.wait("c.messages.filter(({data}) => data === 'cancelled').length === 1")
    assert ["timeout", True] == tab.get("late")
    tab.wait("c.messages.filter(({data}) => data === 'cancelled').length === 2")


def test_answer_is_aborted_when_the_server_no_longer_waits(tab: Tab) -> None:
    tab.open()
    tab.do(
        "c.answer('confirm', (question, { signal }) => new Promise((_, reject) =>"
        " signal.addEventListener('abort', () => { window.gone = question; reject(signal.reason); })))"
    )
    tab.do("c.request('brief', 'confirm').catch(() => 0)")

    tab.wait("window.gone === 'hurry'")


def test_acknowledged_messages_beyond_their_rate_are_handled_in_order_over_reconnects(tab: Tab) -> None:
    tab.open()
    tab.do("window.left = 300; for (let n = 0; n < 300; n++) c.deliver('order', n).then(() => left--)")
    for bound in (200, 100):
        tab.wait(f"left < {bound}")
        tab.do("c.send('typing')")  # the server drops the connection
        tab.wait("!c.connected")
        tab.wait("c.connected")

    tab.wait("!left")

    assert json.dumps([*range(300)]) == tab.get("c.request('echo', 'orders')")


def test_missed_messages_are_sent_after_a_reconnect(tab: Tab) -> None:
    tab.open({"backoff": {"base": 60_000, "cap": 60_000}})
    tab.open(name="other")
    tab.do("c.send('say', {text: 'one'})")
    tab.wait("c.last.said?.text === 'one' && other.last.said")

    tab.do("c.send('typing')")  # the server drops the connection
    tab.wait("c.status === 'waiting'")
    tab.do("other.send('say', {text: 'two'})")
    tab.wait("other.last.said.text === 'two'")
    tab.do("c.reconnect()")
    tab.wait("c.recovered === true")

    tab.wait("c.last.said.text === 'two'")
    assert ["one", "two"] == tab.get("c.messages.map((message) => message.data.text)")


def test_streams_go_on_after_lost_connections_and_a_restart_of_the_server(tab: Tab, real: RealServer) -> None:
    tab.open()
    tab.do(
        "window.lines = []; window.statuses = new Set();"
        "window.state = c.streamState('tail', 200, {history: 3});"
        "window.read = (async () => { for await (const {line} of c.stream('tail', 200)) lines.push(line) })();"
        "c.listen('$state', () => statuses.add(state.status))"
    )
    tab.wait("lines.length >= 20")
    tab.do("c.send('typing')")  # the server drops the connection
    tab.wait("!c.connected")
    tab.wait("lines.length >= 80")

    real.kill()
    tab.wait("!c.connected && state.status === 'waiting'")
    real.start()

    tab.get("read")
    tab.wait("state.status === 'done'")
    assert [*range(1, 201)] == tab.get("lines")
    assert [198, 199, 200] == tab.get("state.items.map(({line}) => line)")
    assert {"streaming", "waiting"} == set(tab.get("[...statuses]"))


def test_pages_see_each_other_over_reconnects(tab: Tab) -> None:
    tab.goto("?page=present")
    tab.wait("document.querySelector('#users').textContent === 'Reader'")
    tab.do("window.changes = []; board.on('$presence', (change) => changes.push(change))")
    tab.do("window.ann = new Board({room: 'p', name: 'Ann', user: 'ann'}); ann.open()")
    tab.do("window.phone = new Board({room: 'p', name: 'phone', user: 'ann'}); phone.open()")
    tab.wait("document.querySelector('#users').textContent === 'Ann+phone Reader'")
    assert "2" == tab.page.text_content("#ann")
    assert [["ann", [{"name": "Ann"}, {"name": "phone"}]]] == tab.get(
        "[...ann.presence].filter(([key]) => key === 'ann')"
    )

    before = tab.get("changes.length")
    tab.do("ann.send('drop'); board.send('drop')")  # the server drops the connections
    tab.wait("!ann.connected && !board.connected")
    tab.wait("ann.connected && board.connected")
    tab.do("window.bob = new Board({room: 'p', name: 'Bob', user: 'bob'}); bob.open()")
    tab.wait("document.querySelector('#users').textContent === 'Ann+phone Bob Reader'")

    assert before + 1 == tab.get("changes.length")
    key = tab.get("[...board.presence.keys()].find((key) => !['ann', 'bob'].includes(key))")
    tab.goto("?page=present")  # the same tab
    tab.wait("document.querySelector('#users').textContent?.includes('Reader')")
    assert tab.get(f"board.presence.has({json.dumps(key)})")


def test_handler_of_a_one_time_url_has_its_ticket(tab: Tab) -> None:
    tab.do("window.c = new Job({action: '/action'}); c.open()")
    tab.wait("c.last.done === 42")

    tab.do("c.send('stop')")
    tab.wait("c.status === 'closed'")

    assert [4000, "stopped"] == tab.get("[c.error.code, c.error.message]")


def test_parameters_are_validated_by_the_server(tab: Tab) -> None:
    tab.open(params={"room": "ä/b", "level": 2, "tags": ["x y", "z&"]})
    tab.make({"url": "/lab/x?level=0"}, name="wrong")
    tab.do("wrong.open()")

    tab.wait("wrong.status === 'closed'")

    assert 4400 == tab.get("wrong.error.code")
