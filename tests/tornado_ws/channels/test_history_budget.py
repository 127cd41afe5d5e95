from __future__ import annotations

import tracemalloc

import pytest

from tornado_ws.channels import Channel, MemoryBackplane, Publication
from tornado_ws.channels.history_budget import CHANNEL_BYTES, HistoryBudget
from tornado_ws.endpoint import Replay

A, B, C = (Channel("chat", room) for room in "abc")


@pytest.fixture
def discarded() -> list[Channel]:
    return []


def test_least_recently_used_channel_is_discarded_first(discarded):
    budget = HistoryBudget(2 * CHANNEL_BYTES + 300, discarded.append)
    budget.update(A, 100)
    budget.update(B, 100)
    budget.update(A, 200)

    budget.update(C, 10)

    assert [B] == discarded
    assert (len(budget), budget.bytes, budget.oldest) == (2, 2 * CHANNEL_BYTES + 210, A)


def test_channel_larger_than_the_limit_is_discarded_itself(discarded):
    budget = HistoryBudget(2 * CHANNEL_BYTES, discarded.append)
    budget.update(A, 10)

    budget.update(B, 2 * CHANNEL_BYTES)

    assert [A, B] == discarded
    assert (len(budget), budget.bytes, budget.oldest) == (0, 0, None)


def test_removed_channel_does_not_count(discarded):
    budget = HistoryBudget(CHANNEL_BYTES, discarded.append)
    budget.update(A, 0)
    budget.remove(A)
    budget.remove(B)

    budget.update(B, 0)

    assert [] == discarded


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("channels", "messages", "size"), [(5000, 0, 0), (5000, 1, 100), (200, 50, 100), (200, 50, 2000)]
)
async def test_budget_is_close_to_the_memory_that_is_used(channels: int, messages: int, size: int):
    history = Replay(100)
    backplane = MemoryBackplane()
    backplane.attach(NoConnections())
    tracemalloc.start()
    try:
        for number in range(channels):
            channel = Channel("chat", f"room {number}")
            await backplane.follow(channel, history)
            backplane.unfollow(channel)
            for message in range(messages):
                text = b"%d" % message
                await backplane.publish(
                    Publication(channel=channel, name="said", text=text.ljust(size), history=history)
                )
        used, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert 0.5 < used / backplane._budget.bytes < 1.1


class NoConnections:
    def deliver(self, publication) -> None: ...

    def deliver_kept(self, message) -> None: ...

    def reset(self, channel, position) -> None: ...
