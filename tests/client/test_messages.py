"""Messages in both directions."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from .conftest import Tab
from .project import Server

pytestmark = pytest.mark.browser


def test_message_is_sent_in_the_wire_format(tab: Tab, server: Server) -> None:
    tab.open()

    assert tab.get("c.send('say', {text: 'hi'})") is True
    tab.wait("c.last.said")

    assert [{"type": "say", "data": {"text": "hi"}}] == server.do()["received"]
    assert {"text": "hi"} == tab.get("c.last.said")
    assert [{"type": "said", "seq": 1, "data": {"text": "hi"}}] == tab.get("c.messages")


@pytest.mark.parametrize(
    ("call", "place"),
    [
        ("c.send('sya', {text: 'hi'})", "send: sya is unknown"),
        ("c.send('echo', 'a')", "send: echo needs request"),
        ("c.request('constructor')", "request: constructor is unknown"),
        ("c.request('say', {text: 'hi'})", "request: say needs send"),
        ("c.stream('cuont', 1).next()", "stream: cuont is unknown"),
        ("c.on('sayd', () => {})", "on: sayd is unknown"),
        ("c.on(undefined, () => {})", "on: undefined is unknown"),
        ("c.send()", "send: undefined is unknown"),
        ("c.send('order', 1)", "send: order needs deliver"),
        ("c.deliver('count', 1)", "deliver: count needs stream"),
        ("c.on('confirm', () => true)", "on: confirm needs answer"),
        ("c.answer('said', () => true)", "answer: said needs on"),
    ],
)
def test_name_that_the_method_does_not_take_is_an_error(tab: Tab, server: Server, call: str, place: str) -> None:
    tab.open()

    assert ["InvalidMessage", "unknown_message", f"lab.{place}"] == tab.caught(call)
    assert [] == server.do()["received"]


def test_message_without_payload_has_no_data(tab: Tab, server: Server) -> None:
    tab.open()

    tab.do("c.send('nudge'); c.send('say', {text: 'x'})")
    tab.wait("c.last.said")

    assert {"type": "nudge"} == server.do()["received"][0]


@pytest.mark.parametrize(
    ("data", "pointer", "keyword", "expected", "message"),
    [
        ({"text": "x" * 21}, "/text", "maxLength", 20, "say/text: expected at most 20 characters"),
        ({"text": ""}, "/text", "minLength", 1, "say/text: expected at least 1 character"),
        ({"text": 7}, "/text", "type", "string", "say/text: expected string"),
        ({}, "", "required", "text", "say: expected the property text"),
    ],
)
def test_invalid_message_is_rejected_before_it_is_sent(
    tab: Tab, server: Server, data: Any, pointer: str, keyword: str, expected: Any, message: str
) -> None:
    tab.open()

    found = tab.page.evaluate(
        """(data) => { try { c.send('say', data) } catch (e) {
            const classes = [e instanceof InvalidMessage, e instanceof Refused];
            return [...classes, e.code, e.pointer, e.keyword, e.expected, e.message] } }""",
        data,
    )

    assert [True, True, "invalid_message", pointer, keyword, expected, message] == found
    assert [] == server.do()["received"]


def test_data_is_validated_as_json(tab: Tab) -> None:
    tab.open()

    assert ["InvalidMessage", "invalid_message"] == tab.caught("c.stream('count', NaN).next()")[:2]
    assert ["InvalidMessage", "invalid_message"] == tab.caught("c.send('say', {text: new Map()})")[:2]
    assert ["InvalidMessage", "invalid_message"] == tab.caught("c.send('say', undefined)")[:2]
    assert ["InvalidMessage", "invalid_message"] == tab.caught("c.send('nudge', 1)")[:2]


def test_listeners_are_called_until_they_are_removed(tab: Tab) -> None:
    tab.open()
    tab.do("window.received = []; window.off = c.on('said', (data) => received.push(data.text))")

    tab.do("c.send('say', {text: 'one'})")
    tab.wait("received.length")
    tab.do("off(); c.send('say', {text: 'two'})")
    tab.wait("c.messages.length === 2")

    assert ["one"] == tab.get("received")


def test_exception_in_one_listener_does_not_affect_others(tab: Tab) -> None:
    tab.open()
    tab.do("window.received = 0; c.on('said', () => { throw new Error('mine') }); c.on('said', () => received++)")

    tab.do("c.send('say', {text: 'one'}); c.send('say', {text: 'two'})")
    tab.wait("received === 2")

    assert ["mine", "mine"] == tab.errors
    assert tab.get("c.connected")
    tab.errors.clear()


def test_error_of_the_server_is_reported(tab: Tab) -> None:
    tab.open()
    tab.do("window.refusals = []; c.on('$error', (refused) => refusals.push(refused))")

    tab.do("c.send('say', {text: 'refuse me'})")
    tab.wait("refusals.length")

    assert ["Refused", "rate_limited", "slower", 50] == tab.get(
        "[c.lastRefusal.name, c.lastRefusal.code, c.lastRefusal.message, refusals[0].retryAfterMs]"
    )
    assert tab.get("c.connected")


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("{", "malformed_json"),
        ("null", "malformed_json"),
        ("[]", "malformed_json"),
        ("7", "malformed_json"),
        ('{"type": 7}', "unknown_message"),
        ('{"type": "nope"}', "unknown_message"),
        ('{"type": "__proto__"}', "unknown_message"),
        ('{"type": "toString", "data": 1}', "unknown_message"),
        ('{"type": "said", "data": {"text": 7}}', "invalid_message"),
        ('{"type": "said"}', "invalid_message"),
        ('{"type": "bye-bye", "data": 1}', "invalid_message"),
        ('{"type": "anything"}', "invalid_message"),
        (json.dumps({"type": "$error"}), "malformed_json"),
        ('{"type": "anything", "data": ' + "[" * 10_000 + "]" * 10_000 + "}", "too_deep"),
    ],
)
def test_invalid_frame_is_rejected_and_reported(tab: Tab, server: Server, raw: str, code: str) -> None:
    tab.open()
    tab.do("window.refused = []; c.on('$invalid', (error) => refused.push(error.code))")

    server.do(raw=raw)
    server.do(raw=raw)
    server.do(say="still alive")
    tab.wait("c.last.said")

    assert [code, code] == tab.get("refused")
    assert 1 == len(tab.warnings) and ("InvalidMessage" if code == "invalid_message" else code) in tab.warnings[0]
    assert ["said"] == tab.get("c.messages.map((message) => message.type)")


def test_binary_frame_is_rejected(tab: Tab, server: Server) -> None:
    tab.open()
    tab.do("window.refused = []; c.on('$invalid', (error) => refused.push(error.code))")

    server.do(binary=[123, 125])
    tab.wait("refused.length")

    assert tab.get("c.connected")


def test_frames_of_a_later_protocol_are_ignored(tab: Tab, server: Server) -> None:
    tab.open()

    server.do(raw='{"type": "$news", "data": 1}')
    server.do(raw='{"type": "echo", "re": 99, "data": "late"}')
    server.do(say="x")
    tab.wait("c.last.said")

    assert [] == tab.warnings


def test_iterator_yields_every_message_and_ends_when_the_client_is_closed(tab: Tab, server: Server) -> None:
    tab.open()
    tab.do(
        """window.got = [];
        window.ended = (async () => { for await (const m of c) got.push(m.type); return 'end' })();
        window.left = (async () => { for await (const m of c) break; return 'left' })()"""
    )

    for number in range(3):
        server.do(say=str(number))
    tab.wait("got.length === 3")
    tab.do("c.close()")

    assert ["end", "left"] == tab.get("Promise.all([ended, left])")


def test_iterator_throws_after_a_final_code(tab: Tab, server: Server) -> None:
    tab.open()
    tab.do("window.ended = (async () => { for await (const m of c); })().catch((error) => error.code)")

    server.do(close=[4401, "no"])

    assert 4401 == tab.get("ended")


def test_slow_iterator_throws(tab: Tab, server: Server) -> None:
    tab.open()
    tab.do(
        """window.ended = (async () => { for await (const m of c) await new Promise((go) => (window.go = go)); })()
            .catch((error) => error.name)"""
    )
    server.do(say="first")
    tab.wait("window.go")

    tab.do("for (let i = 0; i < 1100; i++) c.send('say', {text: 'x'})")
    tab.wait("c.messages.at(-1).seq === 1101")
    tab.do("go()")

    assert "RangeError" == tab.get("ended")


def test_history_limits_messages_and_keeps_one_volatile_message(tab: Tab, server: Server) -> None:
    tab.open({"history": 3})

    for frame in ('{"type": "progress", "data": 1}', '{"type": "progress", "data": 2}'):
        server.do(raw=frame)
    server.do(say="a")
    tab.wait("c.last.said")
    assert [2, "a"] == tab.get("c.messages.map((m) => m.data.text ?? m.data)")

    for text in "bcd":
        server.do(say=text)
    tab.wait("c.last.said.text === 'd'")
    assert ["b", "c", "d"] == tab.get("c.messages.map((m) => m.data.text)")
    assert 2 == tab.get("c.last.progress")


def test_history_of_zero_keeps_no_messages(tab: Tab, server: Server) -> None:
    tab.open({"history": 0})

    server.do(say="a")
    tab.wait("c.last.said")

    assert [] == tab.get("c.messages")


def test_messages_cost_the_same_with_a_long_history(tab: Tab, server: Server) -> None:
    elapsed = tab.get(
        """(async () => {
            const times = [];
            for (const count of [10_000, 80_000]) {
                const client = new Lab({room: 'a'}, {history: Infinity, auto: false});
                const message = JSON.stringify({type: 'note', data: 'x'});
                const typing = JSON.stringify({type: 'progress', data: 1});
                const start = performance.now();
                for (let i = 0; i < count; i++) { client.receiveFrame(JSON.parse(i % 2 ? message : typing)) }
                times.push((performance.now() - start) / count);
                if (client.messages.length !== count / 2 + 1) throw new Error(client.messages.length);
            }
            return times;
        })()"""
    )

    assert elapsed[1] < elapsed[0] * 4  # a quadratic cost would be 8 times as high


def test_messages_into_a_dead_link_are_handed_over_when_it_ends(
    tab: Tab, server: Server, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    tab.open({"backoff": {"base": 60_000, "cap": 60_000}})
    tab.do("window.lost = []; c.on('$unconfirmed', (messages) => lost.push(...messages))")
    tab.do("c.send('say', {text: 'confirmed'})")
    eventually(lambda: server.do()["pings"] == 1)
    tab.wait("c.unconfirmed === 0")

    server.do(mute=True)
    assert [True, True, True] == tab.get("[1, 2, 3].map((number) => c.send('say', {text: `${number}`}))")
    tab.wait("c.unconfirmed === 3")
    assert [] == tab.get("lost")
    server.do(drop=True)
    tab.wait("lost.length")

    assert [{"type": "say", "data": {"text": str(number)}} for number in (1, 2, 3)] == tab.get("lost")


def test_option_receives_unconfirmed_messages(tab: Tab, server: Server) -> None:
    server.do(confirms=False)
    tab.do(
        "window.lost = []; window.c = new Lab({room: 'a'}, {onunconfirmed: (messages) => lost.push(...messages)});"
        "c.open()"
    )
    tab.wait("c.connected")
    tab.do("c.send('nudge'); c.send('typing'); c.request('now').catch(() => undefined)")
    server.do(drop=True)
    tab.wait("lost.length")

    assert [{"type": "nudge"}] == tab.get("lost")
