"""Connection of the client: opening, loss, reconnects and final errors."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable

import pytest

from .conftest import Tab
from .project import Server, free_port

pytestmark = pytest.mark.browser

Eventually = Callable[[Callable[[], bool]], None]


def test_client_does_not_connect_before_it_is_opened(tab: Tab, server: Server) -> None:
    tab.make()
    tab.page.wait_for_timeout(200)

    assert "idle" == tab.get("c.status")
    assert 0 == server.do()["opened"]


def test_client_is_open_after_hello(tab: Tab, server: Server) -> None:
    server.do(silent=True)
    tab.make()
    tab.do("c.open(); c.send('nudge')")
    tab.page.wait_for_timeout(200)
    assert "connecting" == tab.get("c.status")
    assert [] == server.do()["received"]

    hello = {"connection": "1", "contracts": [server.project.contract], "heartbeat": 25}
    server.do(raw=json.dumps({"type": "$hello", "data": hello}))
    tab.wait("c.connected")

    assert [{"type": "nudge"}] == server.do()["received"]
    assert ["connecting", "open"] == tab.log


def test_opening_twice_creates_one_connection(tab: Tab, server: Server) -> None:
    tab.make()
    tab.do("c.open(); c.open(); setTimeout(() => c.open())")
    tab.wait("c.connected")
    tab.do("c.open()")
    tab.page.wait_for_timeout(200)

    assert 1 == server.do()["opened"]


def test_closed_client_does_not_reconnect(tab: Tab, server: Server, eventually: Eventually) -> None:
    tab.open()
    tab.do("window.lost = c.request('echo', 'a').catch((error) => error.code); c.close()")

    eventually(lambda: server.do()["online"] == 0)
    tab.page.wait_for_timeout(300)
    assert "idle" == tab.get("c.status")
    assert 1000 == tab.get("lost")
    assert 1 == server.do()["opened"]

    tab.do("c.open()")
    tab.wait("c.connected")


FINAL = [1000, 1003, 1007, 1008, 1009, 1010, 3000, 3003, 4000, 4401, 4499]
RETRIED = [1001, 1011, 1012, 1013, 1014, 3008, 4500, 4999]


@pytest.mark.parametrize("code", FINAL)
def test_client_does_not_reconnect_after_a_final_code(tab: Tab, server: Server, code: int) -> None:
    tab.open()

    server.do(close=[code, "because"])
    tab.wait("c.status === 'closed'")
    tab.page.wait_for_timeout(300)

    assert [code, "because"] == tab.get("[c.error.code, c.error.message]")
    assert 1 == server.do()["opened"]
    assert ["SocketError", code, "because"] == tab.caught("c.send('nudge')")
    assert ["SocketError", code, "because"] == tab.caught("c.request('now')")
    tab.do("c.open()")
    tab.wait("c.connected")
    assert tab.get("c.error === undefined")


@pytest.mark.parametrize("code", RETRIED)
def test_client_reconnects_after_other_codes(tab: Tab, server: Server, code: int) -> None:
    tab.open()

    server.do(close=[code, "because"])
    tab.wait("log_c.filter((entry) => entry === 'open').length === 2")

    assert ["connecting", "open", f"waiting:{code}", "connecting", "open"] == tab.log


def test_client_reconnects_to_a_restarted_server_and_sends_kept_messages(tab: Tab, killable_server: Server) -> None:
    tab.server = killable_server
    tab.goto()
    tab.open()

    killable_server.kill()
    tab.wait("c.status === 'waiting'")
    assert [False, False] == tab.get("[c.send('say', {text: 'kept'}), c.send('typing')]")
    tab.wait("c.retryAt - Date.now() <= 200 && c.attempt >= 1")
    time.sleep(1)
    assert tab.get("c.status") in ("waiting", "connecting")
    killable_server.start()
    tab.wait("c.last.said?.text === 'kept'")

    assert ["say"] == [frame["type"] for frame in killable_server.do()["received"]]
    assert "undefined" == tab.get("typeof c.retryAt")


def test_outbox_has_a_limit(tab: Tab, server: Server) -> None:
    tab.make({"outbox": 2})

    # In one turn of the page: the first use connects, and the outbox is sent once the connection is open.
    sends = "c.send('say', {text: '1'}), c.send('typing'), c.send('say', {text: '2'}), c.send('say', {text: '3'})"
    assert ["SocketError", 1013, "outbox full"] == tab.caught(f"({sends})")
    tab.wait("c.messages.length === 2")

    assert ["1", "2"] == [frame["data"]["text"] for frame in server.do()["received"]]


def test_reconnect_keeps_the_outbox(tab: Tab, server: Server) -> None:
    tab.open({"backoff": {"base": 60_000, "cap": 60_000}})
    server.do(drop=True)
    tab.wait("c.status === 'waiting'")
    tab.do("c.send('say', {text: 'kept'}); c.reconnect()")

    tab.wait("c.last.said?.text === 'kept'")
    tab.do("c.reconnect()")
    tab.wait("c.connected")

    assert 3 == server.do()["opened"]


def test_backoff_delays_are_random_and_grow(tab: Tab) -> None:
    tab.do("Math.random = random")
    delays = tab.get("[1, 2, 3, 4, 20].map((failures) => Array.from({length: 400}, () => backoffDelay(failures)))")

    for bound, values in zip([500, 1000, 2000, 4000, 10_000], delays, strict=True):
        assert all(0 <= value <= bound for value in values)
        assert bound * 0.4 < sum(values) / len(values) < bound * 0.6


def test_backoff_applies_to_connections_that_are_closed_at_once(tab: Tab, server: Server) -> None:
    server.do(refuse=1011)
    tab.make({"backoff": {"base": 100, "cap": 100_000}})
    tab.do("c.open()")
    tab.page.wait_for_timeout(2500)

    assert server.do()["opened"] <= 20
    tab.wait("c.attempt >= 2")


def test_delay_in_the_close_reason_is_respected(tab: Tab, server: Server) -> None:
    tab.open()
    server.do(close=[1001, "retry after 5"])
    tab.wait("c.status === 'waiting'")

    assert 1000 < tab.get("c.retryAt - Date.now()") < 5300
    tab.do("dispatchEvent(new Event('online'))")
    tab.page.wait_for_timeout(300)
    assert "waiting" == tab.get("c.status")
    tab.wait("c.connected")


@pytest.mark.parametrize("event", ["online", "pageshow", "visibilitychange"])
def test_client_reconnects_at_once_when_the_network_or_the_page_is_back(tab: Tab, server: Server, event: str) -> None:
    tab.open({"backoff": {"base": 60_000, "cap": 60_000}})
    server.do(drop=True)
    tab.wait("c.status === 'waiting'")

    tab.do(f"dispatchEvent(new Event('{event}'))")

    tab.wait("c.connected")


def test_closed_client_ignores_page_events(tab: Tab, server: Server) -> None:
    tab.open()
    tab.do("c.close(); dispatchEvent(new Event('online')); document.dispatchEvent(new Event('visibilitychange'))")
    tab.page.wait_for_timeout(200)

    assert "idle" == tab.get("c.status")


def test_back_forward_cache_closes_and_restores_the_connection(
    tab: Tab, server: Server, eventually: Eventually
) -> None:
    tab.open({"backoff": {"base": 60_000, "cap": 60_000}})

    tab.do("dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))")
    assert "waiting" == tab.get("c.status")
    eventually(lambda: server.do()["online"] == 0)
    tab.do("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")

    tab.wait("c.connected")


def test_silent_server_is_pinged(tab: Tab, server: Server, eventually: Eventually) -> None:
    server.do(heartbeat=0.3)
    tab.open()

    eventually(lambda: server.do()["pings"] >= 3)
    assert ["connecting", "open"] == tab.log


def test_server_that_sends_is_not_pinged(tab: Tab, server: Server) -> None:
    server.do(heartbeat=1)
    tab.open()

    for _ in range(15):
        server.do(raw=json.dumps({"type": "note", "data": "still here"}))
        tab.page.wait_for_timeout(100)

    assert 0 == server.do()["pings"]


def test_connection_without_an_answer_to_a_ping_is_dropped(tab: Tab, server: Server) -> None:
    server.do(heartbeat=0.5)
    tab.open({"connectTimeout": 2000})  # attempts while the server is mute end soon
    tab.page.wait_for_timeout(1500)
    assert "waiting:1006" not in tab.log

    server.do(mute=True)
    tab.wait("log_c.includes('waiting:1006')")
    server.do(mute=False)

    tab.wait("c.connected")


def test_connection_is_checked_when_the_network_is_back(tab: Tab, server: Server, eventually: Eventually) -> None:
    tab.open()

    tab.do("dispatchEvent(new Event('online'))")

    eventually(lambda: server.do()["pings"] == 1)
    assert tab.get("c.connected")


def test_handshake_without_response_times_out(tab: Tab) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"ws://127.0.0.1:{silent.getsockname()[1]}/"
        tab.make({"url": url, "connectTimeout": 200, "backoff": {"base": 60_000}})
        tab.do("c.open()")

        tab.wait("c.status === 'waiting'")

    assert [1006, "timeout"] == tab.get("[c.error.code, c.error.kind]")


def test_connection_without_hello_times_out(tab: Tab, server: Server) -> None:
    server.do(silent=True)
    tab.make({"connectTimeout": 2000, "backoff": {"base": 60_000}})
    tab.do("c.open()")
    tab.page.wait_for_timeout(500)
    server.do(raw=json.dumps({"type": "$ping"}))

    tab.wait("c.status === 'waiting'")

    assert [1006, "timeout"] == tab.get("[c.error.code, c.error.kind]")


def test_server_without_the_subprotocol_is_supported(tab: Tab, server: Server) -> None:
    tab.open({"protocols": ["other"]})

    assert "x" == tab.get("c.request('echo', 'x')")
    tab.page.wait_for_timeout(300)
    assert 0 == server.do()["pings"]
    assert 0 == tab.get("c.unconfirmed")


def test_other_version_of_the_protocol_is_reported(tab: Tab, server: Server) -> None:
    server.do(contract="other")
    tab.open()

    assert tab.get("c.outdated") is True
    assert ["lab is outdated: reload"] == tab.warnings
    server.do(contract=server.project.contract, drop=True)
    tab.wait("c.outdated === false")


def test_parameters_form_the_path_and_the_query(tab: Tab, server: Server) -> None:
    tab.open(params={"room": "ä/b ?#%", "level": 3, "tags": ["x&y", "z"]})

    assert ["/lab/%C3%A4%2Fb%20%3F%23%25?level=3&tags=x%26y&tags=z"] == server.do()["paths"]


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"room": "x" * 21}, "params/room: expected at most 20 characters"),
        ({"room": "a", "level": 0}, "params/level: expected at least 1"),
        ({"room": ".."}, "params/room: expected a part of a path"),
        ({"room": ""}, "params/room: expected a part of a path"),
    ],
)
def test_invalid_parameters_are_rejected(tab: Tab, server: Server, params: dict[str, object], words: str) -> None:
    tab.make(params=params)
    tab.do("c.open()")
    tab.wait("c.status === 'closed'")

    assert words == tab.get("c.error.message")
    assert 0 == server.do()["opened"]


def test_url_and_base_select_the_server(tab: Tab, server: Server, killable_server: Server) -> None:
    tab.open({"url": "/lab/elsewhere?x=1"})
    tab.open({"base": killable_server.origin}, name="d")

    assert ["/lab/elsewhere?x=1"] == server.do()["paths"]
    assert ["/lab/a"] == killable_server.do()["paths"]


def test_invalid_url_is_final(tab: Tab) -> None:
    tab.make({"url": "ftp://example.invalid/"})
    tab.do("c.open()")

    tab.wait("c.status === 'closed'")


def test_client_keeps_trying_while_the_server_is_unreachable(tab: Tab) -> None:
    tab.make({"base": f"http://127.0.0.1:{free_port()}"})
    tab.do("c.open()")

    tab.wait("c.attempt >= 5")
    assert tab.get("c.status") in ("waiting", "connecting")


def test_missed_messages_are_requested(tab: Tab, server: Server) -> None:
    tab.open({"backoff": {"base": 60_000, "cap": 60_000}})
    server.do(say="one")
    tab.wait("c.last.said")
    assert "undefined" == tab.get("typeof c.recovered")

    server.do(drop=True)
    tab.wait("c.status === 'waiting'")
    server.do(say="two")
    tab.do("window.resumed = []; c.on('$resumed', (data) => resumed.push(data)); c.send('nudge'); c.reconnect()")
    tab.wait("c.recovered === true")

    nudge, resume = server.do()["received"]
    assert {"type": "nudge"} == nudge
    assert {"type": "$resume", "data": {"ch": 3, "epoch": "e1", "seq": 1, "mark": "1"}} == resume
    assert ["one", "two"] == tab.get("c.messages.map((message) => message.data.text)")
    assert [{"channel": "room", "recovered": True}] == tab.get("resumed")


def test_recovered_is_undefined_until_it_is_known(tab: Tab, server: Server) -> None:
    tab.open()
    tab.do("window.seen = []; c.on('$state', ({status, recovered}) => seen.push([status, recovered ?? null]))")
    server.do(epoch="e2", drop=True)
    tab.wait("c.recovered === false")
    server.do(drop=True)
    tab.wait("c.recovered === true")

    seen = tab.get("seen")
    assert 2 == sum(status == "waiting" for status, _ in seen)
    assert {None} == {recovered for status, recovered in seen if status != "open"}


def test_loss_of_messages_of_another_epoch_is_reported(tab: Tab, server: Server) -> None:
    tab.open()
    server.do(say="one")
    tab.wait("c.last.said")

    server.do(epoch="e2", drop=True)
    tab.wait("c.recovered === false")
    server.do(drop=True)
    tab.wait("c.recovered === true")

    assert ["e1"] == [frame["data"]["epoch"] for frame in server.do()["received"]]


def test_page_without_messages_resumes_from_the_position_at_which_it_joined(tab: Tab, server: Server) -> None:
    server.do(say="before")
    tab.open({"backoff": {"base": 60_000, "cap": 60_000}})
    server.do(drop=True)
    tab.wait("c.status === 'waiting'")
    server.do(say="missed")
    tab.do("c.reconnect()")

    tab.wait("c.recovered === true && c.last.said")

    assert [1] == [frame["data"]["seq"] for frame in server.do()["received"]]
    assert ["missed"] == tab.get("c.messages.map((message) => message.data.text)")


def test_lost_messages_are_requested_once(tab: Tab, server: Server) -> None:
    tab.open()
    server.do(say="one")
    tab.wait("c.last.said")

    server.do(discarded=3, drop=True)
    tab.wait("c.recovered === false")
    server.do(drop=True)
    tab.wait("c.recovered === true")

    assert [1] == [frame["data"]["seq"] for frame in server.do()["received"]]


def test_many_reconnects_create_one_connection(tab: Tab, server: Server) -> None:
    tab.open()

    tab.do("for (let i = 0; i < 100; i++) c.reconnect()")
    tab.wait("c.connected")
    tab.page.wait_for_timeout(200)

    assert [2, 1] == [server.do()[name] for name in ("opened", "online")]
    assert ["connecting", "open", "waiting:1001", "connecting", "open"] == tab.log
    assert 0 == tab.get("c.attempt")


def test_attempts_are_counted_until_the_connection_is_open(tab: Tab, server: Server) -> None:
    server.do(refuse=1011)
    tab.make()
    tab.do("c.open()")
    tab.wait("c.attempt >= 2")

    server.do(refuse=0)

    tab.wait("c.connected")
    assert 0 == tab.get("c.attempt")
    server.do(refuse=1011, close=[1011])
    tab.wait("c.attempt >= 4")  # a connection that fails within 5 s does not reset the backoff


@pytest.mark.parametrize("timeout", ["0", "Infinity"])
def test_attempt_without_a_timeout_does_not_end(tab: Tab, server: Server, timeout: str) -> None:
    server.do(silent=True)
    tab.do(f"window.c = new Lab({{room: 'a'}}, {{connectTimeout: {timeout}}}); c.open()")
    tab.page.wait_for_timeout(300)

    assert "connecting" == tab.get("c.status")


def test_blocked_connection_fails_at_once(tab: Tab, server: Server) -> None:
    server.do(policy="connect-src 'none'")
    tab.goto("?not-in-the-cache")
    tab.make({"connectTimeout": 0})

    tab.do("c.open()")

    tab.wait("c.status === 'closed'")
    assert ["blocked", 1] == tab.get("[c.error.kind, log_c.filter((entry) => entry === 'connecting').length]")


@pytest.mark.parametrize(
    ("code", "kind"),
    [(1000, "closed"), (1001, "unavailable"), (1013, "unavailable"), (1008, "refused"), (4403, "refused")],
)
def test_close_code_has_a_kind(tab: Tab, server: Server, code: int, kind: str) -> None:
    tab.open()
    tab.do("window.kinds = []; c.listen('$state', ({error}) => error && kinds.push(error.kind))")

    server.do(close=[code])
    tab.wait("kinds.length")

    assert kind == tab.get("kinds[0]")


def test_errors_of_the_page_have_a_kind(tab: Tab, server: Server) -> None:
    tab.make({"outbox": 0, "auto": False})
    tab.do("window.kind = (call) => { try { call() } catch (error) { return error.kind } }")
    assert "full" == tab.get("kind(() => c.send('nudge'))")
    tab.make({"auto": False}, {"room": ""}, name="invalid")
    tab.do("invalid.open()")
    tab.wait("invalid.error?.kind === 'invalid'")
    tab.make({"base": f"http://127.0.0.1:{free_port()}"}, name="absent")
    tab.do("absent.open()")
    tab.wait("absent.error?.kind === 'network'")
    server.do(silent=True)
    tab.make({"connectTimeout": 100}, name="silent")
    tab.do("silent.open()")
    tab.wait("silent.error?.kind === 'timeout'")


def test_class_of_the_connections_can_be_replaced(tab: Tab, server: Server) -> None:
    tab.do(
        """window.sent = [];
        class Fake {
            readyState = 0;
            constructor(url, protocols) {
                Object.assign(this, {url, protocol: protocols});
                setTimeout(() => {
                    this.readyState = 1;
                    this.onopen({});
                    const hello = {contracts: [c.endpoint.contract], heartbeat: 25};
                    this.onmessage({data: JSON.stringify({type: '$hello', data: hello})});
                });
            }
            send(text) {
                const {type, id, data} = JSON.parse(text);
                sent.push(type);
                if (id) this.onmessage({data: JSON.stringify({type, re: id, data})});
            }
            close(code) { sent.push(code) }
        }
        window.c = new Lab({room: 'a'}, {WebSocket: Fake})"""
    )

    assert "x" == tab.get("c.request('echo', 'x')")
    tab.do("c.close()")
    assert ["echo", 1000] == tab.get("sent")
    assert 0 == server.do()["opened"]
