"""Resumption over fakes; test_resume.py tests it over real connections."""

from __future__ import annotations

import asyncio
import logging

import pytest

from tests.support.clock import Clock
from tornado_ws.channels import Position, Unknown
from tornado_ws.limits import Rate
from tornado_ws.server.channel_members import ChannelMembers
from tornado_ws.server.resumption import FRAMES_PER_ITERATION, Resumption

from .fake_channels import LOBBY, FakeBackplane, FakeConnection, kept

START = Position("e", 0, "")
NEWEST = Position("e", 9, "9")


class Case:
    """Resumption of connection `ann` in one channel."""

    def __init__(self, *, rate: Rate | None = None) -> None:
        self.backplane = FakeBackplane()
        self.backplane.positions[LOBBY] = NEWEST
        self.connection = FakeConnection()
        self.channel: ChannelMembers = ChannelMembers(LOBBY)
        self.clock = Clock()
        self.resumption = Resumption(self.connection, "ann", self.backplane, rate=rate, clock=self.clock)

    def request(self, position: Position = START) -> None:
        self.resumption.request(self.channel, position)

    @property
    def types(self) -> list[str]:
        return self.connection.types

    @property
    def idle(self) -> bool:
        return not self.resumption._tasks and not self.resumption._waiting


@pytest.mark.gen_test
async def test_answer_from_memory_is_sent_at_once():
    case = Case()
    case.backplane.ring = [kept(1), kept(2, exclude=frozenset({"ann"}))]

    case.request()

    assert ["said 1", "$skip 2", "$resumed"] == case.types
    assert {"ch": case.channel.number, "recovered": True} == case.connection.frames[-1]["data"]
    assert case.connection.last_broadcast_at == case.clock.now
    assert case.idle


@pytest.mark.gen_test
async def test_position_of_another_sequence_is_answered_with_the_new_one():
    case = Case()
    case.backplane.ring = None

    case.request()

    assert ["$resumed"] == case.types
    assert {"ch": case.channel.number, "recovered": False, "epoch": "e", "seq": 9, "mark": "9"} == (
        case.connection.frames[-1]["data"]
    )


@pytest.mark.gen_test
async def test_older_messages_are_read_in_a_task(until):
    case = Case()
    case.backplane.read.clear()
    case.backplane.history = [kept(1)]
    case.request()
    await asyncio.sleep(0)
    assert [] == case.types

    case.backplane.read.set()
    await until(lambda: case.idle)

    assert ["said 1", "$resumed"] == case.types


@pytest.mark.gen_test
async def test_request_during_an_answer_is_answered_next_and_only_the_newest_one(until):
    case = Case()
    case.backplane.read.clear()
    case.backplane.history = [kept(1)]
    for _ in range(10):
        case.request()
    await asyncio.sleep(0)
    case.request()
    case.request()

    case.backplane.read.set()
    await until(lambda: case.idle)

    assert ["said 1", "$resumed", "said 1", "$resumed"] == case.types
    assert [("missed", LOBBY)] * 2 == case.backplane.calls


@pytest.mark.gen_test
async def test_answer_waits_while_the_client_does_not_read(until):
    case = Case()
    case.backplane.ring = [kept(seq) for seq in range(1, 5)]
    case.connection.writable = blocked = asyncio.get_running_loop().create_future()

    case.request()
    for _ in range(5):
        await asyncio.sleep(0)
    assert ["said 1"] == case.types

    case.connection.writable = None
    blocked.set_result(None)
    await until(lambda: case.idle)
    assert ["said 1", "said 2", "said 3", "said 4", "$resumed"] == case.types


@pytest.mark.gen_test
async def test_long_answer_gives_way_to_other_work(until):
    case = Case()
    case.backplane.ring = [kept(seq) for seq in range(1, 2 * FRAMES_PER_ITERATION + 1)]

    case.request()

    assert FRAMES_PER_ITERATION == len(case.types)
    await until(lambda: case.idle)
    assert 2 * FRAMES_PER_ITERATION + 1 == len(case.types)


@pytest.mark.gen_test
async def test_answers_beyond_the_rate_are_delayed(until):
    case = Case(rate=Rate(count=2, seconds=0.1))
    case.backplane.ring = []
    for _ in range(10):
        case.request()
    assert ["$resumed", "$resumed"] == case.types

    case.clock.now += 0.1
    await until(lambda: case.idle)

    assert ["$resumed"] * 3 == case.types


@pytest.mark.gen_test
@pytest.mark.parametrize("started", [True, False])
@pytest.mark.parametrize("long", [True, False])
async def test_cancelled_answer_sends_nothing_more(started: bool, long: bool):
    case = Case()
    case.backplane.ring = [kept(seq) for seq in range(1, 2 * FRAMES_PER_ITERATION)] if long else Unknown.UNKNOWN
    case.backplane.read.clear()
    case.request()
    case.request()
    if started:
        await asyncio.sleep(0)
    sent = len(case.types)

    case.resumption.close()
    case.backplane.read.set()
    for _ in range(5):
        await asyncio.sleep(0)

    assert case.idle
    assert sent == len(case.types)


@pytest.mark.gen_test
async def test_reset_while_the_history_is_read_replaces_the_answer(until):
    case = Case()
    number = case.channel.number

    async def missed(channel, position):
        case.resumption.cancel(number)  # as `reset` does, in the task of the answer
        return [kept(1)]

    case.backplane.missed = missed
    case.request()
    for _ in range(5):
        await asyncio.sleep(0)

    assert [] == case.types
    assert case.idle


@pytest.mark.gen_test
async def test_failure_to_read_the_history_is_not_recovered(until, caplog):
    case = Case()
    case.backplane.failure = ZeroDivisionError()

    case.request()
    await until(lambda: case.idle)

    assert ["$resumed"] == case.types
    assert case.connection.frames[0]["data"]["recovered"] is False
    assert ["cannot read the history of a channel of chat"] == [record.getMessage() for record in caplog.records]
    assert caplog.records[0].levelno == logging.ERROR


@pytest.mark.gen_test
async def test_unknown_position_is_left_to_the_next_reset():
    case = Case()
    case.backplane.positions.clear()
    case.backplane.ring = None

    case.request()

    assert [] == case.types
    assert case.idle
