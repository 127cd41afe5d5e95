"""Requests and streams to the server, and requests from the server."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from .conftest import Tab
from .project import Server

pytestmark = pytest.mark.browser

Eventually = Callable[[Callable[[], bool]], None]


def test_request_resolves_to_its_reply(tab: Tab, server: Server) -> None:
    tab.open()

    assert ["a", "b", 1.5] == tab.get("Promise.all([c.request('echo', 'a'), c.request('echo', 'b'), c.request('now')])")
    assert [1, 2, 3] == [frame["id"] for frame in server.do()["received"]]


def test_invalid_request_is_not_sent(tab: Tab, server: Server) -> None:
    tab.open()

    assert ["InvalidMessage", "invalid_message"] == tab.caught("c.request('echo', 7)")[:2]
    assert [] == server.do()["received"]


def test_request_rejects_with_the_error_of_the_server(tab: Tab) -> None:
    tab.open()

    assert ["Refused", "room_full", "no room"] == tab.caught("c.request('echo', 'fail')")


def test_error_of_the_application_has_its_data(tab: Tab) -> None:
    tab.open()

    assert {"ok": True, "value": "a"} == tab.get("c.try('echo', 'a')")
    assert ["too_long", 3] == tab.get(
        "c.try('echo', 'long').then(({ok, error}) => ok || [error.code, error.data.limit])"
    )
    assert ["too_long", 3] == tab.get("c.request('echo', 'long').catch(({code, data}) => [code, data.limit])")


def test_error_with_invalid_data_is_an_invalid_message(tab: Tab) -> None:
    tab.open()

    for data, text in (
        ("wrong limit", "error too_long/limit: expected integer"),
        ("no limit", "error too_long: expected data"),
    ):
        assert ["invalid_message", text, True] == tab.get(
            f"c.try('echo', '{data}').then(({{error}}) => [error.code, error.message, error.data === undefined])"
        )


def test_data_of_an_undeclared_error_are_dropped(tab: Tab) -> None:
    tab.open()

    assert ["closed", True] == tab.get(
        "c.try('echo', 'new error').then(({error}) => [error.code, error.data === undefined])"
    )


def test_result_is_an_error_without_a_connection_and_after_the_timeout(tab: Tab, server: Server) -> None:
    tab.open()
    server.do(mute=True)

    assert "timeout" == tab.get("c.try('echo', 'a', {timeout: 50}).then(({error}) => error.code)")
    assert "AbortError" == tab.caught("c.try('echo', 'a', {signal: AbortSignal.abort()})")[0]
    tab.do("window.lost = c.try('echo', 'lost').then(({ok, error}) => [ok, error.name])")
    tab.wait("true")
    server.do(drop=True, mute=False)
    assert [False, "SocketError"] == tab.get("lost")


def test_request_rejects_for_an_invalid_reply(tab: Tab) -> None:
    tab.open()

    assert ["InvalidMessage", "invalid_message", "reply to echo: expected string"] == tab.caught(
        "c.request('echo', 'wrong')"
    )


def test_request_rejects_and_is_cancelled_after_its_timeout(tab: Tab, server: Server, eventually: Eventually) -> None:
    tab.open()
    server.do(mute=True)

    assert ["Refused", "timeout", "timeout"] == tab.caught("c.request('echo', 'a', {timeout: 100})")
    assert "AbortError" == tab.caught("c.request('echo', 'a', {signal: AbortSignal.abort()})")[0]
    tab.do("window.stop = new AbortController(); window.pending = c.request('echo', 'b', {signal: stop.signal})")
    tab.do("pending.catch(() => 0); stop.abort()")
    assert "AbortError" == tab.caught("pending")[0]

    eventually(
        lambda: [1, 2] == [frame["id"] for frame in server.do()["received"] if frame["type"] == "$cancel"],
    )


def test_pending_requests_reject_when_the_connection_is_lost_and_later_ones_are_kept(tab: Tab, server: Server) -> None:
    tab.open()
    server.do(mute=True)
    tab.do("window.lost = c.request('echo', 'lost').catch((error) => [error.name, error.code])")
    tab.wait("true")

    server.do(drop=True, mute=False)
    tab.wait("log_c.includes('waiting:1006')")
    kept = tab.get("c.request('echo', 'kept')")

    assert ["SocketError", 1006] == tab.get("lost")
    assert "kept" == kept


def test_aborted_request_in_the_outbox_is_not_sent(tab: Tab, server: Server) -> None:
    tab.make({"auto": False})

    assert ["Refused", "timeout"] == tab.caught("c.request('echo', 'early', {timeout: 30})")[:2]
    tab.do("c.open()")
    assert "late" == tab.get("c.request('echo', 'late')")

    assert ["late"] == [frame["data"] for frame in server.do()["received"]]


def test_stream_yields_its_items_and_ends(tab: Tab) -> None:
    tab.open()

    got = tab.get(
        "(async () => { const got = []; for await (const n of c.stream('count', 4)) got.push(n); return got })()"
    )

    assert [0, 1, 2, 3] == got


def test_stream_grants_as_many_items_as_were_read(tab: Tab, server: Server, eventually: Eventually) -> None:
    tab.open()

    assert 200 == tab.get("(async () => { let n = 0; for await (const _ of c.stream('count', 200)) n++; return n })()")

    granted = {"type": "$more", "id": 1, "data": {"count": 32}}
    eventually(lambda: [granted] * 6 == [frame for frame in server.do()["received"] if frame["type"] == "$more"])


def test_slow_reader_of_a_stream_slows_the_server_down_and_loses_nothing(
    tab: Tab, server: Server, eventually: Eventually
) -> None:
    tab.open()
    tab.do("window.numbers = c.stream('count', 3000)")
    assert 0 == tab.get("numbers.next().then(({ value }) => value)")
    eventually(lambda: server.do()["items"] == 64)

    assert 40 == tab.get("(async () => { for (let n = 1; n < 40; n++) await numbers.next(); return 40 })()")
    eventually(lambda: server.do()["items"] == 96)

    rest = tab.get("(async () => { const got = []; for await (const n of numbers) got.push(n); return got })()")
    assert list(range(40, 3000)) == rest


def test_lost_stream_grants_nothing_on_the_next_connection(tab: Tab, server: Server, eventually: Eventually) -> None:
    tab.open()
    tab.do("window.numbers = c.stream('count', 3000)")
    tab.get("numbers.next().then(() => 0)")
    eventually(lambda: server.do()["items"] == 64)

    server.do(drop=True)
    tab.wait("log_c.filter((entry) => entry === 'open').length === 2")

    assert ["SocketError", 1006] == tab.caught("(async () => { for await (const _ of numbers); })()")[:2]
    assert [] == [frame for frame in server.do()["received"] if frame["type"] == "$more"]


def test_leaving_a_stream_cancels_it(tab: Tab, server: Server, eventually: Eventually) -> None:
    tab.open()

    tab.get("(async () => { for await (const n of c.stream('count', -1)) if (n === 2) break })()")

    eventually(lambda: {"type": "$cancel", "id": 1} in server.do()["received"])


def test_aborted_stream_throws_and_is_cancelled(tab: Tab, server: Server, eventually: Eventually) -> None:
    tab.open()
    tab.do("window.stop = new AbortController()")

    caught = tab.caught(
        """(async () => {
            for await (const n of c.stream('count', -1, {signal: stop.signal})) if (n === 2) stop.abort();
        })()"""
    )

    assert "AbortError" == caught[0]
    eventually(lambda: {"type": "$cancel", "id": 1} in server.do()["received"])


def test_stream_throws_the_error_of_the_server_after_its_items(tab: Tab) -> None:
    tab.open()
    tab.do("window.got = []")

    caught = tab.caught("(async () => { for await (const n of c.stream('count', 13)) got.push(n) })()")

    assert ["Refused", "internal", "unexpected error"] == caught
    assert [0, 1, 2] == tab.get("got")


def test_stream_throws_for_an_invalid_item(tab: Tab, server: Server) -> None:
    tab.open()
    tab.do(
        "window.ended = (async () => { for await (const n of c.stream('count', -1)); })().catch((error) => error.name)"
    )
    tab.wait("true")

    server.do(raw='{"type": "count", "re": 1, "data": "two"}')

    assert "InvalidMessage" == tab.get("ended")


def test_stream_throws_when_the_connection_is_lost(tab: Tab, server: Server) -> None:
    tab.open()
    tab.do(
        "window.ended = (async () => { for await (const n of c.stream('count', -1)); })().catch((error) => error.code)"
    )
    tab.wait("true")

    server.do(drop=True)

    assert 1006 == tab.get("ended")


def test_page_answers_requests_of_the_server(tab: Tab, server: Server, eventually: Eventually) -> None:
    tab.open()
    tab.do("window.stop = c.answer('confirm', async (question) => question === 'sure?')")

    server.do(raw='{"type": "confirm", "id": 5, "data": "sure?"}')
    eventually(lambda: {"type": "confirm", "re": 5, "data": True} in server.do()["received"])

    tab.do("stop()")
    server.do(raw='{"type": "confirm", "id": 6, "data": "sure?"}')
    eventually(lambda: len(server.do()["received"]) == 2)
    refused = server.do()["received"][1]
    assert ["$error", 6, "unknown_message"] == [refused["type"], refused["re"], refused["data"]["code"]]
    assert [] == tab.get("c.messages")


@pytest.mark.parametrize(
    ("handler", "code", "reported"),
    [
        ("() => { throw new Error('secret') }", "internal", ["secret"]),
        ("() => { throw new Refused({code: 'room_full', message: 'no room'}) }", "room_full", []),
        ("() => 'yes'", "internal", ["reply to confirm: expected boolean"]),
        ("() => undefined", "internal", ["reply to confirm: expected boolean"]),
    ],
)
def test_failed_reply_is_an_error_for_the_server(
    tab: Tab, server: Server, eventually: Eventually, handler: str, code: str, reported: list[str]
) -> None:
    tab.open()
    tab.do(f"c.answer('confirm', {handler})")

    server.do(raw='{"type": "confirm", "id": 5, "data": "sure?"}')
    eventually(lambda: len(server.do()["received"]) == 1)

    (error,) = server.do()["received"]
    assert ["$error", 5, code] == [error["type"], error["re"], error["data"]["code"]]
    assert "secret" not in error["data"]["message"]
    tab.wait("true")  # page errors are reported between calls
    assert reported == tab.errors
    tab.errors.clear()


def test_reply_is_not_sent_on_another_connection(tab: Tab, server: Server, eventually: Eventually) -> None:
    tab.open()
    tab.do("c.answer('confirm', () => new Promise((resolve) => (window.resolve = resolve)))")
    server.do(raw='{"type": "confirm", "id": 5, "data": "sure?"}')
    tab.wait("window.resolve")

    server.do(drop=True)
    tab.wait("log_c.filter((entry) => entry === 'open').length === 2")
    tab.do("resolve(true)")
    tab.get("c.request('echo', 'x')")

    assert ["echo"] == [frame["type"] for frame in server.do()["received"]]


@pytest.mark.parametrize(
    ("own", "type_", "value"),
    [("c.request('echo', 'slow')", "echo", "slow"), ("c.stream('count', -1).next()", "count", 0)],
)
def test_cancel_of_the_server_does_not_end_a_request_of_the_page(
    tab: Tab, server: Server, own: str, type_: str, value: object
) -> None:
    tab.open()
    server.do(mute=True)
    tab.do(f"window.own = {own}")
    tab.wait("true")

    server.do(mute=False)
    server.do(raw='{"type": "$cancel", "id": 1}')
    server.do(raw=json.dumps({"type": type_, "re": 1, "data": value}))

    assert value == tab.get("own.then((got) => got.value ?? got)")
    assert [] == [frame for frame in server.do()["received"] if frame["type"] == "$error"]


def test_cancelled_request_of_the_server_is_aborted_and_not_answered(
    tab: Tab, server: Server, eventually: Eventually
) -> None:
    tab.open()
    tab.do(
        "c.answer('confirm', (question, { signal }) =>"
        " new Promise((_, reject) => (signal.onabort = () => reject((window.reason = signal.reason)))))"
    )

    server.do(raw='{"type": "confirm", "id": 5, "data": "sure?"}')
    server.do(raw='{"type": "$cancel", "id": 5}')
    server.do(raw='{"type": "$cancel", "id": 6}')
    tab.wait("window.reason")
    tab.do("c.answer('confirm', () => true)")
    server.do(raw='{"type": "confirm", "id": 5, "data": "again"}')

    eventually(lambda: server.do()["received"] != [])
    assert [{"type": "confirm", "re": 5, "data": True}] == server.do()["received"]
    assert [] == tab.errors


def test_reply_is_sent_after_other_changes_of_the_state(tab: Tab, server: Server, eventually: Eventually) -> None:
    tab.open()
    tab.do("c.answer('confirm', () => new Promise((resolve) => (window.resolve = resolve)))")
    server.do(raw='{"type": "confirm", "id": 5, "data": "sure?"}')
    tab.wait("window.resolve")

    server.do(raw='{"type": "$error", "data": {"code": "rate_limited", "message": "slower"}}')
    tab.wait("c.lastRefusal")
    tab.do("resolve(true)")

    eventually(lambda: {"type": "confirm", "re": 5, "data": True} in server.do()["received"])


@pytest.mark.parametrize(
    ("name", "options", "delay"),
    [("echo", "", 10_000), ("brief", "", 2300), ("brief", "{timeout: 50}", 50), ("brief", "{timeout: 90000}", 90_000)],
)
def test_request_waits_for_the_time_of_the_schema_unless_the_call_has_its_own(
    tab: Tab, server: Server, name: str, options: str, delay: int
) -> None:
    tab.open()
    server.do(mute=True)
    tab.do(
        "window.delays = []; const original = window.setTimeout;"
        "window.setTimeout = (callback, delay) => { delays.push(delay); return original(callback, 0) };"
        f"window.late = c.request('{name}', 'a', {options or 'undefined'}).catch((error) => error.code);"
        "window.setTimeout = original"
    )

    assert "timeout" == tab.get("late")
    assert delay in tab.get("delays")


@pytest.mark.parametrize("timeout", ["0", "Infinity", "2 ** 31"])
def test_request_without_a_timeout_waits(tab: Tab, server: Server, timeout: str) -> None:
    tab.open()
    server.do(mute=True)
    tab.do(f"window.ended = 0; c.request('echo', 'a', {{timeout: {timeout}}}).finally(() => ended++).catch(() => 0)")
    tab.page.wait_for_timeout(300)

    assert 0 == tab.get("ended")
    tab.do("c.close()")
    tab.wait("ended === 1")


def test_later_handler_of_a_request_replaces_the_first(tab: Tab, server: Server, eventually: Eventually) -> None:
    tab.open()
    tab.do("window.remove = c.answer('confirm', () => false); c.answer('confirm', () => true); remove()")

    server.do(raw='{"type": "confirm", "id": 5, "data": "sure?"}')

    eventually(lambda: {"type": "confirm", "re": 5, "data": True} in server.do()["received"])
    assert ["lab has another handler that answers confirm; it is replaced"] == tab.warnings
