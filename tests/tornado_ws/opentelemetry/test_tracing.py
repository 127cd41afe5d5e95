"""Spans of real connections, recorded by the SDK of OpenTelemetry."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import opentelemetry.trace
import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from tornado.httpclient import HTTPClientError
from tornado.web import Finish, HTTPError
from tornado.websocket import WebSocketError

from tests.support.lab import LAB, Count, Echo, Job, Lab, Line, Note, Nudge, RoomFull, Say, StartJob
from tornado_ws import ConfigurationError, Limits, Rate, RequestFailed
from tornado_ws.opentelemetry import trace
from tornado_ws.rate_limited_log import LINES_PER_SECOND, RateLimitedLog

ROOM = {"room": "5eCr3t"}
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACEPARENT = f"00-{TRACE}-{PARENT}-01"


class Recorded:
    """Provider whose spans tests read."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self._exporter))

    def __call__(self) -> dict[str, ReadableSpan]:
        return {span.name: span for span in self._exporter.get_finished_spans()}


@pytest.fixture
def spans() -> Recorded:
    return Recorded()


@pytest.mark.gen_test
async def test_handshake_has_the_attributes_of_the_semantic_conventions(app, sockets, connect, spans, until):
    trace(sockets, tracer_provider=spans.provider)
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM):
        (connection,) = sockets.connections
        await until(spans)

    span = spans()["GET /lab/{room}"]
    assert SpanKind.SERVER == span.kind
    assert {
        "http.request.method": "GET",
        "http.route": "/lab/{room}",
        "http.response.status_code": 101,
        "url.scheme": "http",
        "client.address": "127.0.0.1",
        "tornado_ws.endpoint": "lab",
        "tornado_ws.connection": connection.connection_id,
    } == dict(span.attributes or {})
    assert StatusCode.UNSET == span.status.status_code


@pytest.mark.gen_test
@pytest.mark.parametrize(
    "settings",
    [
        {"subprotocols": ["tornado-ws.1", f"traceparent.{TRACEPARENT}"]},
        {"headers": {"traceparent": TRACEPARENT}},
        {"headers": {"Traceparent": TRACEPARENT}, "subprotocols": ["tornado-ws.1", "traceparent.00-0-0-00"]},
    ],
)
async def test_handshake_continues_the_trace_of_the_page(app, sockets, connect, spans, until, settings):
    trace(sockets, tracer_provider=spans.provider)
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM, **settings) as ann:
        assert "tornado-ws.1" == ann.subprotocol
        await until(spans)

    span = spans()["GET /lab/{room}"]
    assert span.parent is not None
    assert (TRACE, PARENT) == (f"{span.context.trace_id:032x}", f"{span.parent.span_id:016x}")


@pytest.mark.gen_test
@pytest.mark.parametrize("traceparent", ["", "x", "00-0-0-01", "ff-" + TRACEPARENT[3:], TRACEPARENT.upper() + "-x"])
async def test_malformed_traceparent_begins_a_new_trace(app, sockets, connect, spans, until, traceparent):
    trace(sockets, tracer_provider=spans.provider)
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM, subprotocols=["tornado-ws.1", f"traceparent.{traceparent}"]):
        await until(spans)

    assert spans()["GET /lab/{room}"].parent is None


async def never(handler: Lab) -> bool:
    opentelemetry.trace.get_current_span().set_attribute("guard", "never")
    return False


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("url", "headers", "expected"),
    [
        ("/lab/a?level=0", {}, {"tornado_ws.refusal.cause": "params", "tornado_ws.close_code": 4400, "status": 101}),
        (
            "/lab/a",
            {},
            {"tornado_ws.refusal.cause": "guard", "tornado_ws.close_code": 3003, "status": 101, "guard": "never"},
        ),
    ],
)
async def test_refused_handshake_has_its_cause(app, make_sockets, connect, spans, until, url, headers, expected):
    sockets = make_sockets(origins=["https://a.example"])
    trace(sockets, tracer_provider=spans.provider)
    app.add_handlers(".*", sockets.persistent(Lab, guards=[never]))

    try:
        async with connect(Lab, url=url, headers=headers) as ann:
            await ann.expect_close()
    except HTTPClientError:
        pass
    await until(spans)

    attributes = dict(spans()["GET /lab/{room}"].attributes or {})
    attributes["status"] = attributes.pop("http.response.status_code")
    assert expected == {name: value for name, value in attributes.items() if name in expected}


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("settings", "headers"),
    [
        ({"origins": ["https://a.example"]}, {"Origin": "https://x.example"}),
        ({"limits": Limits(handshakes=Rate(count=1, seconds=600))}, {}),
        ({"limits": Limits(connections=0)}, {}),
    ],
)
async def test_handshakes_that_are_refused_by_their_requests_cause_neither_spans_nor_lines(
    app, make_sockets, connect, spans, caplog, settings, headers
):
    sockets = make_sockets(**settings)
    app.add_handlers(".*", sockets.persistent(Lab))
    with contextlib.suppress(HTTPClientError):  # the first one may be within the rate
        async with connect(Lab, ROOM):
            pass
    trace(sockets, tracer_provider=spans.provider)
    sent = {**headers, "traceparent": "x" * 8000, "baggage": "x," * 4000}

    for _ in range(20):
        with pytest.raises(HTTPClientError, match=r"403|429|503"):
            await connect(Lab, ROOM, headers=sent).__aenter__()

    assert {} == spans()
    assert "too long" not in caplog.text
    assert "opentelemetry" not in caplog.text


@pytest.mark.gen_test
async def test_malformed_headers_cause_few_lines(app, make_sockets, connect, spans, caplog):
    sockets = make_sockets(limits=Limits(handshakes=None))
    sockets.context.log = RateLimitedLog(lambda: 0.0)
    app.add_handlers(".*", sockets.persistent(Lab))
    trace(sockets, tracer_provider=spans.provider)

    for _ in range(LINES_PER_SECOND + 5):
        async with connect(Lab, ROOM, headers={"baggage": "x," * 4000}):
            pass

    lines = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    text = "lab: ignored the header baggage of 127.0.0.1, which is malformed or too long"
    assert text == lines[0]
    assert LINES_PER_SECOND == lines.count(text)


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (lambda handler: handler.redirect("/login"), 302),
        (lambda handler: handler.send_error(403), 403),
        (lambda handler: _raise(HTTPError(401)), 401),
        (lambda handler: _raise(Finish()), 200),
    ],
)
async def test_answer_of_prepare_is_in_the_span_and_is_not_an_error(
    app, sockets, connect, spans, until, answer, status
):
    class Preparing(Lab):
        async def prepare(self) -> None:
            answer(self)

    trace(sockets, tracer_provider=spans.provider)
    app.add_handlers(".*", sockets.persistent(Preparing))

    with pytest.raises((HTTPClientError, WebSocketError)):
        await connect(Preparing, ROOM).__aenter__()
    await until(spans)

    span = spans()["GET /lab/{room}"]
    attributes = dict(span.attributes or {})
    assert (status, "handler") == (attributes["http.response.status_code"], attributes["tornado_ws.refusal.cause"])
    assert StatusCode.UNSET == span.status.status_code


def _raise(error: Exception) -> None:
    raise error


@pytest.mark.gen_test
async def test_handshake_whose_client_disconnects_has_no_status(app, sockets, http_server, http_port, spans, until):
    entered: list[Lab] = []

    async def slow(handler: Lab) -> bool:
        entered.append(handler)
        await asyncio.sleep(60)
        return True

    trace(sockets, tracer_provider=spans.provider)
    app.add_handlers(".*", sockets.persistent(Lab, guards=[slow]))
    _, writer = await asyncio.open_connection("127.0.0.1", http_port)
    writer.write(
        b"GET /lab/a HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    await until(lambda: entered)
    writer.close()
    await until(spans)

    attributes = dict(spans()["GET /lab/{room}"].attributes or {})
    assert "disconnected" == attributes["error.type"]
    assert "http.response.status_code" not in attributes


@pytest.mark.gen_test
async def test_handshake_that_raises_is_an_error(app, sockets, connect, spans, until):
    class Broken(Lab):
        def get_current_user(self) -> object:
            raise LookupError

    trace(sockets, tracer_provider=spans.provider)
    app.add_handlers(".*", sockets.persistent(Broken))

    with pytest.raises(HTTPClientError, match="500"):
        await connect(Broken, ROOM).__aenter__()
    await until(spans)

    span = spans()["GET /lab/{room}"]
    assert StatusCode.ERROR == span.status.status_code
    assert 500 == dict(span.attributes or {})["http.response.status_code"]


class Traced(Lab):
    async def on_nudge(self) -> None:
        current = opentelemetry.trace.get_current_span()
        await asyncio.sleep(0.001)
        assert current is opentelemetry.trace.get_current_span()
        await self.send(Note(f"{current.get_span_context().span_id:016x}"))

    async def on_echo(self, echo: str) -> str:
        if echo == "full":
            raise RoomFull("5eCr3t")
        raise LookupError("5eCr3t")

    async def on_count(self, count: int) -> AsyncIterator[int]:
        for number in range(count):
            yield number
        if count == 1:
            raise LookupError("5eCr3t")


@pytest.mark.gen_test
async def test_method_has_a_span_of_its_own_trace_that_is_linked_to_the_handshake(app, sockets, connect, spans, until):
    trace(sockets, per_second=math.inf, tracer_provider=spans.provider)
    app.add_handlers(".*", sockets.persistent(Traced))

    async with connect(Traced, ROOM, subprotocols=["tornado-ws.1", f"traceparent.{TRACEPARENT}"]) as ann:
        await ann.send(Nudge())
        current = (await ann.expect(Note)).data
        await until(lambda: "lab/nudge" in spans())

    handshake, span = spans()["GET /lab/{room}"], spans()["lab/nudge"]
    assert current == f"{span.context.span_id:016x}"
    assert span.parent is None
    assert span.context.trace_id != handshake.context.trace_id
    assert [handshake.context.span_id] == [link.context.span_id for link in span.links]
    assert [TRACE] == [f"{link.context.trace_id:032x}" for link in span.links]
    attributes = dict(span.attributes or {})
    assert ("tornado_ws", "lab/nudge") == (attributes["rpc.system.name"], attributes["rpc.method"])


@pytest.mark.gen_test
async def test_failures_have_a_type_and_no_text(app, sockets, connect, spans, until):
    trace(sockets, per_second=math.inf, tracer_provider=spans.provider)
    app.add_handlers(".*", sockets.persistent(Traced))
    found = []

    async with connect(Traced, ROOM) as ann:
        for message in (Echo("full"), Echo("5eCr3t")):
            with pytest.raises((RequestFailed, RoomFull)):
                await ann.request(message)
            await until(lambda: "lab/echo" in spans())
            span = spans()["lab/echo"]
            found.append((span.attributes["error.type"], span.status.status_code))
        with pytest.raises((RequestFailed, RoomFull)):
            _ = [number async for number in ann.stream(Count(1))]
        assert [0, 1] == [number async for number in ann.stream(Count(2))]
        await until(lambda: "lab/count" in spans())

    assert [("room_full", StatusCode.UNSET), ("LookupError", StatusCode.ERROR)] == found
    assert "5eCr3t" not in "".join(span.to_json() for span in spans().values())


@pytest.mark.gen_test
async def test_span_of_the_handshake_is_not_current_in_methods(app, sockets, connect, spans):
    class Untraced(Lab):
        async def on_echo(self, echo: str) -> str:
            return str(opentelemetry.trace.get_current_span().get_span_context().is_valid)

    trace(sockets, per_second=0, tracer_provider=spans.provider)
    app.add_handlers(".*", sockets.persistent(Untraced))

    async with connect(Untraced, ROOM) as ann:
        assert "False" == await ann.request(Echo("a"))
    assert ["GET /lab/{room}"] == [*spans()]


@pytest.mark.gen_test
async def test_each_message_has_a_span_in_each_interval(app, sockets, connect, spans, until):
    trace(sockets, per_second=1, tracer_provider=spans.provider)
    app.add_handlers(".*", sockets.persistent(Lab))
    names = lambda: [span.name for span in spans._exporter.get_finished_spans()]  # noqa: E731

    async with connect(Lab, ROOM) as ann, connect(Lab, ROOM) as bob:
        for client in (ann, bob):
            for _ in range(20):
                await client.send(Say(text="hi"))
            await client.request(Echo("a"))
        first = names()
        await asyncio.sleep(1.05)
        await ann.send(Say(text="hi"))
        await ann.request(Echo("a"))

    assert 1 <= first.count("lab/say") <= 3
    assert names().count("lab/say") == first.count("lab/say") + 1
    assert names().count("lab/echo") == first.count("lab/echo") + 1


@pytest.mark.gen_test
async def test_span_of_a_request_that_runs_beside_others_is_current_in_its_method_only(app, sockets, connect, spans):
    client = tuple(replace(one, concurrent=True) if one.name == "echo" else one for one in LAB.client)
    seen: dict[str, set[int]] = {}

    class Concurrent(Lab):
        endpoint = replace(LAB, client=client)

        async def on_echo(self, echo: str) -> str:
            for _ in range(3):
                seen.setdefault(echo, set()).add(opentelemetry.trace.get_current_span().get_span_context().span_id)
                await asyncio.sleep(0)
            return echo

        async def on_say(self, say: Line) -> None:
            await self.send(Note(f"{opentelemetry.trace.get_current_span().get_span_context().span_id:016x}"))

    trace(sockets, per_second=math.inf, tracer_provider=spans.provider)
    app.add_handlers(".*", sockets.persistent(Concurrent))

    async with connect(Concurrent, ROOM) as ann:
        await asyncio.gather(*(ann.request(Echo(text)) for text in "abc"))
        await ann.send(Say(text="hi"))
        said = (await ann.expect(Note)).data

    ids = {span.context.span_id for span in spans._exporter.get_finished_spans() if span.name == "lab/echo"}
    assert [1, 1, 1] == [len(found) for found in seen.values()]
    assert ids == set.union(*seen.values())
    assert int(said, 16) not in ids


@pytest.mark.gen_test
async def test_spans_of_one_time_urls_have_no_key(app, sockets, connect, spans, http_client, base_url, until):
    sockets.ephemeral(Job)
    trace(sockets, tracer_provider=spans.provider)
    app.add_handlers(".*", [sockets.action(r"/jobs/(\d+)", StartJob)])

    assert {"/_/connect/long-job-{key}"} == {server.path for server in sockets.endpoint_servers}


@pytest.mark.gen_test
async def test_clients_do_not_decide_about_spans_of_messages(app, sockets, connect, spans):
    trace(sockets, per_second=0, tracer_provider=spans.provider)
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM, subprotocols=["tornado-ws.1", f"traceparent.{TRACEPARENT}"]) as ann:
        await ann.request(Echo("a"))

    assert ["GET /lab/{room}"] == [*spans()]


@pytest.mark.parametrize("per_second", [-0.1, math.nan, "1", None])
def test_invalid_rate_is_rejected(sockets, per_second: Any) -> None:
    with pytest.raises(ConfigurationError, match="per_second: expected a number"):
        trace(sockets, per_second=per_second)


def test_opentelemetry_is_imported_only_if_used() -> None:
    program = "import sys, tornado_ws.server.controller; print('opentelemetry' in sys.modules)"

    assert "False" == subprocess.check_output([sys.executable, "-c", program], text=True).strip()


def test_missing_package_is_named() -> None:
    program = "import sys; sys.modules['opentelemetry'] = None; import tornado_ws.opentelemetry"

    done = subprocess.run([sys.executable, "-c", program], stderr=subprocess.PIPE, text=True, check=False)

    assert "pip install 'tornado-ws[opentelemetry]'" in done.stderr
