"""Uses of a client in components: each connects, and the connection is closed after the last one."""

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
    # Chromium warns when a component is destroyed while its client connects.
    assert [] == [warning for warning in tab.warnings if "before the connection is established" not in warning]


def remount(tab: Tab, name: str, props: str = "{}") -> None:
    """Mount and destroy a component 50 times."""
    tab.get(
        f"""(async () => {{ for (let i = 0; i < 50; i++) {{
            show('{name}', {props}); await new Promise((go) => setTimeout(go, 5));
            show(undefined); await new Promise((go) => setTimeout(go)); }} }})()"""
    )


@pytest.mark.parametrize(
    ("use", "result"),
    [
        ("c.request('echo', 'x')", "x"),
        ("c.stream('count', 3).next().then((item) => item.value)", 0),
        (
            "(c.send('say', {text: 'sent'}), new Promise((heard) => c.listen('said', (said) => heard(said.text))))",
            "sent",
        ),
        ("new Promise((open) => c.on('$state', ({status}) => status === 'open' && open(status)))", "open"),
    ],
)
def test_client_without_readers_connects_when_it_is_used(
    uses: Tab, server: Server, eventually: Eventually, use: str, result: object
) -> None:
    uses.do("window.c = makeLab()")

    assert result == uses.get(f"Promise.race([{use}, new Promise((late) => setTimeout(late, 5000, 'late'))])")


def test_connection_is_closed_after_the_last_use(uses: Tab, server: Server, eventually: Eventually) -> None:
    uses.do("window.c = makeLab(); window.off = c.on('said', () => 0)")
    assert "x" == uses.get("c.request('echo', 'x')")
    uses.page.wait_for_timeout(500)
    assert 1 == server.do()["online"]

    uses.do("off(); off()")

    eventually(lambda: server.do()["online"] == 0)
    assert ["idle", "closed"] == uses.get("[c.status, c.error.kind]")
    assert "again" == uses.get("c.request('echo', 'again')")


def test_message_is_sent_before_the_connection_is_closed(uses: Tab, server: Server, eventually: Eventually) -> None:
    server.do(silent=True)
    uses.do("window.c = makeLab({linger: 0, connectTimeout: 600}); c.send('say', {text: 'kept'})")
    uses.page.wait_for_timeout(300)
    server.do(silent=False)

    eventually(lambda: [frame["type"] for frame in server.do()["received"]] == ["say"])
    eventually(lambda: server.do()["online"] == 0)
    assert "idle" == uses.get("c.status")


def test_client_with_auto_false_waits_until_it_is_opened(uses: Tab, server: Server) -> None:
    uses.do("window.c = makeLab({auto: false}); window.reply = c.request('echo', 'x'); c.on('said', () => 0)")
    uses.page.wait_for_timeout(200)
    assert 0 == server.do()["opened"]

    uses.do("c.open()")

    assert "x" == uses.get("reply")


def test_explicitly_opened_client_stays_open(uses: Tab, server: Server) -> None:
    uses.do("window.c = makeLab({linger: 0}); c.open()")
    assert "x" == uses.get("c.request('echo', 'x')")
    uses.page.wait_for_timeout(300)

    assert 1 == server.do()["online"]


def test_closed_client_is_not_opened_by_a_use(uses: Tab, server: Server) -> None:
    uses.do("window.c = makeLab(); c.open()")
    uses.wait("c.connected")
    uses.do("c.close()")

    assert ["SocketError", 1000, "closed"] == uses.caught("c.send('nudge')")
    assert ["SocketError", 1000, "closed"] == uses.caught("c.request('now')")
    assert ["SocketError", 1000, "closed"] == uses.caught("c.stream('count', 1).next()")
    uses.do("c.on('said', () => 0)")
    assert "idle" == uses.get("c.status")
    uses.do("c.open()")
    uses.wait("c.connected")


@pytest.mark.parametrize("reads", ["false", "true"])
def test_request_in_the_markup_resolves(uses: Tab, server: Server, eventually: Eventually, reads: str) -> None:
    uses.do(f"show('RequestUse', {{reads: {reads}}})")

    uses.wait("document.querySelector('#reply')?.textContent === 'from the markup'", 5)
    uses.do("show(undefined)")
    eventually(lambda: server.do()["online"] == 0)
    assert 1 == server.do()["opened"]


@pytest.mark.parametrize("place", ["script", "effect"])
def test_iteration_ends_with_its_component(uses: Tab, server: Server, eventually: Eventually, place: str) -> None:
    uses.do(f"show('IterationUse', {{place: '{place}'}})")
    eventually(lambda: server.do()["online"] == 1)
    server.do(say="x")
    uses.wait("ends.length === 1")

    uses.do("show(undefined)")

    uses.wait("ends.length === 2")
    assert ["said", "end"] == uses.get("ends")
    eventually(lambda: server.do()["online"] == 0)


@pytest.mark.parametrize(
    ("name", "props"),
    [
        ("IterationUse", "{place: 'script'}"),
        ("IterationUse", "{place: 'effect'}"),
        ("ListenerUse", "{}"),
        ("StreamUse", "{}"),
        ("StreamState", "{}"),
        ("RequestUse", "{reads: true}"),
        ("Wrapper", "{}"),
    ],
)
def test_no_connection_is_left_by_fifty_components(
    uses: Tab, server: Server, eventually: Eventually, name: str, props: str
) -> None:
    remount(uses, name, props)
    assert "x" == uses.get("shared.request('echo', 'x')")  # the handshakes of all components began before

    eventually(lambda: server.do()["online"] == 0)


def test_listener_of_a_component_is_removed_with_it(uses: Tab, server: Server, eventually: Eventually) -> None:
    uses.do("show('ListenerUse')")
    eventually(lambda: server.do()["online"] == 1)
    server.do(say="one")
    uses.wait("heard.length === 1")
    uses.do("lab.open(); show(undefined)")
    uses.wait("lab.connected")

    server.do(say="two")
    uses.wait("lab.last.said.text === 'two'")

    assert ["one"] == uses.get("heard")


def test_connection_is_kept_between_two_readers(uses: Tab, server: Server, eventually: Eventually) -> None:
    for _ in range(3):
        uses.do("show('Properties')")
        uses.wait("shared.connected")
        uses.do("show(undefined)")

    assert 1 == server.do()["opened"]
    eventually(lambda: server.do()["online"] == 0)


def test_each_property_wakes_only_its_readers(uses: Tab, server: Server) -> None:
    uses.do("show('Properties')")
    uses.wait("shared.connected")
    uses.page.wait_for_timeout(100)
    uses.do("window.before = {...runs}; window.changed = () => Object.keys(runs).filter((n) => runs[n] > before[n])")

    uses.do("shared.send('say', {text: 'refuse me'})")
    uses.wait("changed().length")
    uses.page.wait_for_timeout(50)
    assert ["lastRefusal"] == uses.get("changed()")

    uses.do("before = {...runs}")
    server.do(raw='{"type": "note", "data": "n"}')
    uses.wait("changed().length")
    uses.page.wait_for_timeout(50)
    assert ["messages", "note"] == uses.get("changed()")


def test_effect_that_reads_the_connection_sends_once(uses: Tab, server: Server) -> None:
    uses.do("show('Reload')")
    uses.wait("shared.lastRefusal")
    uses.page.wait_for_timeout(500)

    assert 1 == len(server.do()["received"])


def test_floating_request_of_a_closed_client_is_not_an_unhandled_rejection(uses: Tab, server: Server) -> None:
    server.do(mute=True)
    uses.do(
        "window.unhandled = []; addEventListener('unhandledrejection', ({reason}) => unhandled.push(reason.name));"
        "window.c = makeLab(); c.open(); c.request('now'); window.awaited = c.request('now'); c.reconnect()"
    )
    uses.do("c.request('now'); c.close(); c.request('now')")

    assert ["SocketError", 1000, "closed"] == uses.caught("awaited")
    uses.do("Promise.reject(new TypeError())")
    uses.wait("unhandled.length")
    assert ["TypeError"] == uses.get("unhandled")
    uses.errors.clear()


def test_component_reports_every_status_from_the_first_on(uses: Tab, server: Server) -> None:
    uses.do("show('Wrapper')")
    uses.wait("events.includes('open')")

    assert ["connecting", "open", "open"] == uses.get("events")


def test_component_reports_a_connection_that_cannot_be_opened(uses: Tab, server: Server) -> None:
    uses.do("show('Wrapper', {params: {room: ''}})")
    uses.wait("document.querySelector('#state').textContent === 'closed'")

    uses.wait("events.length === 4")
    assert ["connecting", "closed", "error invalid", "close invalid"] == uses.get("events")


def test_component_reports_the_status_of_its_client_when_it_is_mounted(uses: Tab, server: Server) -> None:
    uses.do("window.c = makeLab(); c.open()")
    uses.wait("c.connected")

    uses.do("show('Wrapper', {client: c, params: undefined})")

    uses.wait("events.length === 2")
    assert ["open", "open"] == uses.get("events")


def test_change_of_a_prop_is_not_reported_by_a_build(uses: Tab, server: Server) -> None:
    uses.do("show('Wrapper', {params: {room: 'a'}})")
    uses.wait("events.includes('open')")

    uses.do("show('Wrapper', {params: {room: 'b'}})")
    uses.page.wait_for_timeout(100)

    assert ["/lab/a"] == server.do()["paths"]


def test_auto_open_false_applies_to_a_given_client(uses: Tab, server: Server) -> None:
    uses.do("window.c = makeLab(); show('Wrapper', {client: c, params: undefined, auto_open: false})")
    uses.wait("document.querySelector('#state').textContent === 'idle'")
    uses.page.wait_for_timeout(200)
    assert 0 == server.do()["opened"]

    uses.page.click("#open")

    uses.wait("document.querySelector('#state').textContent === 'open'")
    assert ["connecting", "open", "open"] == uses.get("events")


def test_message_with_the_name_of_a_property_of_every_object(uses: Tab, server: Server) -> None:
    uses.do("window.c = makeLab(); window.heard = []; c.on('constructor', (data) => heard.push(data))")
    uses.do("show('Wrapper', {client: c, params: undefined})")
    assert "undefined" == uses.get("typeof c.last.constructor")
    uses.wait("c.connected")

    server.do(raw='{"type": "constructor", "data": 7}')
    server.do(raw='{"type": "note", "data": "n"}')

    uses.wait("c.last.note")
    assert [[7], 7, 7] == uses.get("[heard, c.last.constructor, c.messages[0].data]")
    uses.wait("document.querySelector('.constructor').textContent === '7'")
    uses.wait("document.querySelector('.other').textContent === 'note'")


def test_messages_are_rendered_once_for_each_frame(uses: Tab, server: Server) -> None:
    uses.do(
        "window.c = makeLab({batch: 'frame', history: Infinity}); window.heard = 0; window.frames = 0;"
        "c.on('note', () => heard++); show('Batch', {client: c})"
    )
    uses.wait("c.connected")
    uses.do("(function count() { frames++; requestAnimationFrame(count) })()")

    server.do(notes=5000)

    uses.wait("document.querySelector('#length').textContent === '5000'")
    assert ["4999", 5000, 5000] == uses.get("[c.last.note, c.messages.length, heard]")
    assert uses.get("renders <= frames + 1 && renders < 1000")
    assert ["4999"] == uses.page.locator("#last").all_text_contents()


def test_methods_can_be_passed_as_functions(uses: Tab, server: Server) -> None:
    uses.do("window.c = makeLab(); window.heard = []; const {open, on, send} = c; open(new Event('click'))")
    uses.wait("c.connected")
    uses.do("const {on, send} = c; on('said', ({text}) => heard.push(text)); send('say', {text: 'x'})")
    uses.wait("heard.length")
    uses.do("const {reconnect} = c; reconnect(new Event('click'))")
    uses.wait("c.connected")
    assert "y" == uses.get("(({request}) => request('echo', 'y'))(c)")
    assert 0 == uses.get("(({stream}) => stream('count', 1).next().then((item) => item.value))(c)")
    uses.do("const {close} = c; close()")

    assert "idle" == uses.get("c.status")
