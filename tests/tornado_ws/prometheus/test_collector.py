"""Metrics of counters that only outages and resumptions change."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.board import Board
from tests.support.lab import Lab
from tornado_ws import MemoryBackplane
from tornado_ws.histogram import Histogram
from tornado_ws.prometheus import SocketsCollector


class Remote(MemoryBackplane):
    """Backplane with a server that is down."""

    times = Histogram()

    @property
    def healthy(self) -> bool:
        return False

    @property
    def latency(self) -> Histogram:
        return self.times


def samples(*controllers: Any) -> dict[tuple[str, ...], float]:
    return {
        (sample.name.removeprefix("tornado_ws_"), *sample.labels.values()): sample.value
        for metric in SocketsCollector(controllers, Histogram()).collect()
        for sample in metric.samples
    }


@pytest.mark.gen_test
async def test_devices_are_counted_where_an_endpoint_has_presence(app, sockets, connect) -> None:
    assert ("presence_devices", "board") not in samples(sockets)
    app.add_handlers(".*", sockets.persistent(Board))

    async with connect(Board, {"room": "a", "nick": "ann"}) as ann:
        await ann.expect_presence("ann")
        assert samples(sockets)["presence_devices", "board"] == 1


def test_backplane_has_a_state_times_and_events(make_sockets) -> None:
    backplane = Remote()
    backplane.unshared = 3
    backplane.times.observe(0.2)

    found = samples(make_sockets(backplane=backplane))

    assert 0 == found["backplane_up",]
    assert (1, 0.2) == (found["backplane_seconds_count",], found["backplane_seconds_sum",])
    assert 3 == found["backplane_events_total", "unshared"]


def test_backplane_of_one_process_has_no_times(make_sockets) -> None:
    assert ("backplane_seconds_count",) not in samples(make_sockets())


def test_effects_of_limits_are_counted_by_reason(make_sockets) -> None:
    first, second = make_sockets(), make_sockets()
    for number, name in enumerate(("dropped", "coalesced", "too_slow", "unresponsive", "protocol_errors"), start=1):
        setattr(first.context.counters, name, number)
        setattr(second.context.counters, name, 10)
    first.context.counters.recovered, first.context.counters.unrecovered = 7, 8

    found = samples(first, second)

    assert {
        ("messages_dropped_total", "slow"): 11,
        ("messages_dropped_total", "replaced"): 12,
        ("connections_cut_total", "too_slow"): 13,
        ("connections_cut_total", "unresponsive"): 14,
        ("connections_cut_total", "protocol_error"): 15,
        ("resumes_total", "recovered"): 7,
        ("resumes_total", "lost"): 8,
    }.items() <= found.items()


def test_shutdown_is_a_metric(make_sockets) -> None:
    sockets = make_sockets()
    assert 0 == samples(sockets)["draining",]

    sockets.context.draining = True

    assert 1 == samples(sockets)["draining",]


@pytest.mark.gen_test
async def test_resumed_channels_are_counted_by_outcome(app, sockets, connect):
    from tests.support.lab import Said, Say

    app.add_handlers(".*", sockets.persistent(Lab))
    async with connect(Lab, {"room": "a"}) as ann:
        await ann.joined(2)
        old = {name: position for name, position in ann.positions.items()}
        for _ in range(3):
            await ann.send(Say(text="a"))
            await ann.expect(Said)
        for position in old.values():
            await ann.resume(position)

    found = samples(sockets)
    assert 2 == found["resumes_total", "recovered"] + found["resumes_total", "lost"]
