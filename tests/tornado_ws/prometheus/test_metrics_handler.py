"""Metrics of a real server, as Prometheus reads them."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_open_metrics
from prometheus_client.parser import text_string_to_metric_families
from tornado.httpclient import HTTPClientError

from tests.support.lab import Confirm, Count, Echo, Job, Lab, Line, Noise, Note, Nudge, RoomFull, Say
from tornado_ws import ConfigurationError, WebSocketController
from tornado_ws.prometheus import metrics

ROOM = {"room": "a"}
LABELS = ("endpoint", "message", "direction", "outcome", "code", "reason", "event", "le")


async def read(http_client: Any, base_url: str, **headers: str) -> dict[tuple[str, ...], float]:
    """Return the samples by name and values of labels."""
    answer = await http_client.fetch(f"{base_url}/metrics", headers=headers)
    return {
        (
            sample.name.removeprefix("tornado_ws_"),
            *(sample.labels[label] for label in LABELS if label in sample.labels),
        ): sample.value
        for family in text_string_to_metric_families(answer.body.decode())
        for sample in family.samples
    }


class Busy(Lab):
    async def on_say(self, say: Line) -> None:
        await super().on_say(say)
        await self.broadcast(Note("all"))

    async def on_nudge(self) -> None:
        await self.send(Note("one"))
        await self.send_request(Confirm("yes?"))

    async def on_echo(self, echo: str) -> str:
        if echo == "full":
            raise RoomFull()
        if echo == "slow":
            await asyncio.sleep(0.03)
        return echo


@pytest.mark.gen_test
async def test_messages_are_counted_by_name_and_direction(app, sockets, connect, http_client, base_url):
    app.add_handlers(".*", [*sockets.persistent(Busy), *metrics(sockets)])

    async with connect(Busy, ROOM) as ann, connect(Busy, ROOM) as bob:
        ann.answer(Confirm, lambda question: True)
        await ann.send(Say(text="hi"))
        await bob.expect(Note)
        await ann.send(Nudge())
        for text in ("a", "b", "slow"):
            await ann.request(Echo(text))
        assert [0, 1, 2] == [number async for number in ann.stream(Count(3))]
        with pytest.raises(RoomFull):
            await ann.request(Echo("full"))
        await ann.send_text('{"type":"say","data":{"text":""}}')
        await ann.expect_error("invalid_message")
        found = await read(http_client, base_url)

    assert 2 == found["connections", "lab"]
    assert 2 == found["handshakes_total", "lab", "admitted"]
    received = {"say": 1, "nudge": 1, "echo": 4, "count": 1, "limited": 0, "confirm": 1}
    sent = {"said": 2, "note": 3, "confirm": 1, "echo": 3, "count": 3, "noise": 0, "price": 0}
    for direction, numbers in (("received", received), ("sent", sent)):
        assert numbers == {
            labels[2]: number
            for labels, number in found.items()
            if labels[0] == "messages_total" and labels[3] == direction
        }
    assert {("room_full", 1), ("invalid_message", 1), ("internal", 0)} == {
        (labels[2], number) for labels, number in found.items() if labels[0] == "errors_total"
    }
    assert 4 == found["handler_seconds_count", "lab", "echo"]
    assert 3 == found["handler_seconds_bucket", "lab", "echo", "0.025"]
    assert 0.03 <= found["handler_seconds_sum", "lab", "echo"] < 3
    assert 1 == found["handler_seconds_count", "lab", "say"]
    assert ("handler_seconds_count", "lab", "count") not in found
    assert 1 == found["backplane_up",]
    assert 0 == found["write_queue_bytes", "lab"]


@pytest.mark.gen_test
async def test_refused_handshakes_are_counted_by_cause(app, make_sockets, connect, http_client, base_url):
    sockets = make_sockets(origins=["https://a.example"])

    async def never(handler: Lab) -> bool:
        return False

    app.add_handlers(".*", [*sockets.persistent(Lab, guards=[never]), *metrics(sockets)])

    for url, headers in (("/lab/a", {"Origin": "https://x.example"}), ("/lab/a", {}), ("/lab/a?level=0", {})):
        if headers:
            with pytest.raises(HTTPClientError):
                await connect(Lab, url=url, headers=headers).__aenter__()
        else:
            async with connect(Lab, url=url) as ann:
                await ann.expect_close()

    found = await read(http_client, base_url)
    assert {"admitted": 0, "origin": 1, "guard": 1, "params": 1} == {
        labels[2]: number for labels, number in found.items() if labels[0] == "handshakes_total"
    }


@pytest.mark.gen_test
async def test_drops_of_slow_clients_and_their_queues_are_metrics(
    app, make_sockets, connect, http_client, base_url, until
):
    class Flooding(Lab):
        async def on_nudge(self) -> None:
            for _ in range(2000):
                await self.broadcast(Noise("x" * 10_000))

    sockets = make_sockets()
    app.add_handlers(".*", [*sockets.persistent(Flooding), *metrics(sockets)])

    async with connect(Flooding, ROOM) as ann, connect(Flooding, ROOM) as bob:
        bob.pause_reading()
        await ann.send(Nudge())
        await until(lambda: sockets.context.counters.dropped)
        found = await read(http_client, base_url)
        bob.resume_reading()

    assert 0 < found["messages_dropped_total", "slow"]
    assert 0 < found["write_queue_largest_bytes", "lab"] <= found["write_queue_bytes", "lab"]


@pytest.mark.gen_test
async def test_numbers_of_several_controllers_are_added(app, make_sockets, connect, http_client, base_url):
    first, second = make_sockets(), make_sockets()
    app.add_handlers(
        ".*", [*first.persistent(Lab), *second.persistent(Lab, path="/second/{room}"), *metrics(first, second)]
    )

    async with connect(Lab, ROOM), connect(Lab, url="/second/a"):
        assert 2 == (await read(http_client, base_url))["connections", "lab"]


@pytest.mark.gen_test
async def test_format_is_the_requested_one(app, sockets, http_client, base_url):
    app.add_handlers(".*", [*sockets.persistent(Lab), *metrics(sockets)])

    answer = await http_client.fetch(
        f"{base_url}/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"}
    )

    assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
    assert "tornado_ws_handshakes" in {family.name for family in parse_open_metrics(answer.body.decode())}


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("settings", "allow", "headers", "status"),
    [
        ({}, None, {}, 200),
        ({}, [], {}, 403),
        ({}, ["10.0.0.0/8"], {}, 403),
        ({}, None, {"X-Forwarded-For": "127.0.0.1"}, 403),
        ({"trusted_proxies": ["127.0.0.1"], "origins": ["*"]}, None, {"X-Forwarded-For": "203.0.113.5"}, 403),
        (
            {"trusted_proxies": ["127.0.0.1"], "origins": ["*"]},
            ["203.0.113.5"],
            {"X-Forwarded-For": "203.0.113.5"},
            200,
        ),
    ],
)
async def test_only_allowed_addresses_read_metrics(
    app, make_sockets, http_client, base_url, settings, allow, headers, status
):
    sockets = make_sockets(**settings)
    app.add_handlers(".*", metrics(sockets) if allow is None else metrics(sockets, allow=allow))

    if status == 200:
        await read(http_client, base_url, **headers)
    else:
        with pytest.raises(HTTPClientError, match=f"HTTP {status}"):
            await read(http_client, base_url, **headers)


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("trusted", "headers", "problem"),
    [
        ([], {}, "127.0.0.1 is not in allow=[…]"),
        (
            [],
            {"X-Forwarded-For": "10.0.0.9", "Via": "1.1 a"},
            "the proxy 127.0.0.1, which sends Via, is not in trusted_proxies=[…]",
        ),
        (
            ["10.0.0.1"],
            {"X-Forwarded-For": "10.0.0.9"},
            "the proxy 127.0.0.1, which sends X-Forwarded-For, is not in trusted_proxies=[…]",
        ),
        (
            ["127.0.0.1"],
            {"X-Real-Ip": "10.0.0.9"},
            "the proxy 127.0.0.1, which sends X-Real-Ip, does not send X-Forwarded-For",
        ),
        (["127.0.0.1"], {"X-Forwarded-For": "203.0.113.5"}, "203.0.113.5 is not in allow=[…]"),
    ],
)
async def test_log_names_the_setting_that_refuses(
    app, make_sockets, http_client, base_url, caplog, trusted, headers, problem
):
    sockets = make_sockets(trusted_proxies=trusted, origins=["*"])
    allow = ["127.0.0.1", "10.0.0.0/8"] if headers else []
    app.add_handlers(".*", metrics(sockets, allow=allow))

    with pytest.raises(HTTPClientError, match="HTTP 403: address not allowed"):
        await read(http_client, base_url, **headers)

    assert f"metrics: {problem}" in caplog.text


@pytest.mark.gen_test
async def test_metrics_of_the_application_can_be_added(app, sockets, http_client, base_url):
    registry = CollectorRegistry()
    Gauge("orders", "Open orders.", registry=registry).set(7)
    app.add_handlers(".*", metrics(sockets, registry=registry, path="/metrics"))

    assert 7 == (await read(http_client, base_url))["orders",]


def test_registry_rejects_a_second_collector(make_sockets):
    registry = CollectorRegistry()
    metrics(make_sockets(), registry=registry)

    with pytest.raises(ValueError, match="Duplicated timeseries"):
        metrics(make_sockets(), registry=registry)


@pytest.mark.parametrize(
    ("controllers", "text"),
    [((), "expected at least one controller, got none"), ((Lab,), "controllers: expected WebSocketController")],
)
def test_wrong_controllers_are_rejected(controllers: Any, text: str) -> None:
    with pytest.raises(ConfigurationError, match=text):
        metrics(*controllers)


@pytest.mark.gen_test
async def test_labels_have_no_data_of_clients(app, sockets, connect, http_client, base_url):
    app.add_handlers(".*", [*sockets.persistent(Lab), *sockets.ephemeral(Job), *metrics(sockets)])

    async with connect(Lab, {"room": "5eCr3t"}) as ann:
        for text in ('{"type":"5eCr3t"}', '{"type":"$5eCr3t"}', '{"type":"say","5eCr3t":1}', "5eCr3t"):
            await ann.send_text(text)
            await ann.expect_error()
        body = (await http_client.fetch(f"{base_url}/metrics")).body.decode()

    assert "5eCr3t" not in body


@pytest.mark.gen_test
async def test_summary_has_the_same_counts(app, sockets, connect):
    app.add_handlers(".*", [*sockets.persistent(Lab), *metrics(sockets)])

    async with connect(Lab, ROOM) as ann:
        await ann.request(Echo("a"))

    counts = sockets.summary()["endpoints"]["lab"]
    assert {"admitted": 1} == counts["handshakes"]
    assert (1, 1) == (counts["received"]["echo"], counts["sent"]["echo"])


@pytest.mark.gen_test
async def test_nothing_is_counted_without_metrics(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        await ann.request(Echo("a"))

    assert {"handshakes": {"admitted": 1}, "errors": {}} == sockets.summary()["endpoints"]["lab"]


def test_metrics_are_imported_only_if_used() -> None:
    program = "import sys, tornado_ws.server.controller; print('prometheus_client' in sys.modules)"

    assert "False" == subprocess.check_output([sys.executable, "-c", program], text=True).strip()


def test_missing_package_is_named() -> None:
    program = "import sys; sys.modules['prometheus_client'] = None; import tornado_ws.prometheus"

    done = subprocess.run([sys.executable, "-c", program], stderr=subprocess.PIPE, text=True, check=False)

    assert "pip install 'tornado-ws[prometheus]'" in done.stderr


def test_endpoints_that_are_mounted_later_are_counted(make_sockets) -> None:
    sockets: WebSocketController = make_sockets()
    metrics(sockets)
    sockets.persistent(Lab)

    assert sockets.endpoint_servers[0].statistics is not None
