"""Numbers of messages and times of methods."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.lab import LAB, Count, Echo, Lab, Line, Nudge, Say
from tornado_ws.session.session import EXACT
from tornado_ws.session.statistics import EndpointStatistics

ROOM = {"room": "a"}


def test_numbers_of_all_messages_of_the_schema_begin_at_0() -> None:
    statistics = EndpointStatistics(LAB)

    assert {"say", "nudge", "limited", "echo", "count", "confirm"} == statistics.received.keys()
    assert {"said", "note", "noise", "price", "confirm", "echo", "count"} == statistics.sent.keys()
    assert {0} == {*statistics.sent.values(), *(each.count for each in statistics.received.values())}


class Slow(Lab):
    async def on_say(self, say: Line) -> None:
        await asyncio.sleep(0.02)
        if say.text == "raise":
            raise LookupError

    async def on_nudge(self) -> None:
        await asyncio.sleep(0.02)


@pytest.mark.gen_test
async def test_time_of_a_method_that_suspends_ends_with_it(app, sockets, connect):
    sockets.measure()
    app.add_handlers(".*", sockets.persistent(Slow))

    async with connect(Slow, ROOM) as ann:
        for text in ("a", "raise", "b"):
            await ann.send(Say(text=text))
        await ann.send(Nudge())
        await ann.request(Echo("a"))
        assert [0] == [number async for number in ann.stream(Count(1))]

    received = sockets.endpoint_servers[0].statistics.received
    assert [3, 1, 1, 0] == [sum(received[name].times.counts) for name in ("say", "nudge", "echo", "count")]
    assert [3, 1, 1, 1] == [received[name].count for name in ("say", "nudge", "echo", "count")]
    assert 0.06 <= received["say"].times.total < 2
    assert 0.02 <= received["nudge"].times.total < 2


@pytest.mark.gen_test
async def test_number_of_measured_methods_follows_that_of_messages(app, sockets, connect):
    sockets.measure()
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        for _ in range(2 * EXACT + 3):
            await ann.send(Say(text="a"))
        await ann.request(Echo("a"))

    said = sockets.endpoint_servers[0].statistics.received["say"]
    assert 2 * EXACT + 3 == said.count
    assert abs(said.count - sum(said.times.counts)) < 16


@pytest.mark.gen_test
async def test_connections_that_are_open_are_counted_from_the_next_message_on(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        await ann.request(Echo("a"))
        sockets.measure()
        async with connect(Lab, ROOM) as bob:
            await bob.request(Echo("a"))

    assert 1 == sockets.endpoint_servers[0].statistics.received["echo"].count
