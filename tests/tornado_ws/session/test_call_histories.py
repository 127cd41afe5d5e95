"""Random histories of requests in order, beside each other, and with time limits, in virtual time.

A client sends requests and messages of all types, cancels some, and sometimes leaves. Every request must be answered
exactly once, begin in its turn, and never beyond a limit; nothing may remain afterwards.
"""

from __future__ import annotations

import asyncio
import random

import pytest

from tests.support.calls import Page, in_virtual_time
from tests.support.seeds import seeds

LIMITS = {"pair": 2, "single": 1, "bounded": 3, "work": 1, "brief": 1, "note": 1}
TYPES = ("work", "brief", "query", "pair", "single", "bounded")
MANNERS = ("", "", "", "", "raise", "declare", "return-error", "time-out", "cancel-self")
CANCELLED = ("", "", "stubborn", "raise-late", "clean-up")


class History:
    """Random client of one session."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self.page = Page(
            concurrent_requests=self._chance.choice((2, 4, 64)),
            receive_queue_messages=self._chance.choice((1, 4, 64)),
            closing_timeout=3,
        )
        self.types: dict[int, str] = {}
        """Types of the requests, by id."""
        self.stubborn: set[str] = set()
        """Names of the commands that suppress their cancellation."""

    async def run(self) -> None:
        for _ in range(self._chance.choice((5, 40))):
            self._act()
            await asyncio.sleep(self._chance.choice((0, 0, 0.01, 0.5, 3)))

    def _act(self) -> None:
        choose, id = self._chance.choice, len(self.types) + 1
        seconds = choose((0, 0.01, 1, 4, 9))
        match choose(("request", "request", "request", "request", "note", "cancel")):
            case "request":
                self.types[id] = type_ = choose(TYPES)
                manner = choose((*MANNERS, *CANCELLED))
                if manner == "stubborn":
                    self.stubborn.add(f"{type_}:{id}")
                self.page.call(type_, f"{type_}:{id} {seconds} {manner}", id=id)
            case "note":
                self.page.send({"type": "note", "data": f"note:0 {seconds}"})
            case "cancel":
                self.page.send({"type": "$cancel", "id": self._chance.randint(1, id)})


def in_turn(page: Page) -> bool:
    """Return True if the requests of each type have begun in the order of their ids."""
    begun = [name.split(":") for name in page.methods.names("begin") if name.split(":")[1] != "0"]
    return all(
        (ids := [int(id) for type_, id in begun if type_ == one]) == sorted(ids)
        for one in {type_ for type_, _ in begun}
    )


@pytest.mark.parametrize("seed", seeds(0, 150))
@in_virtual_time
async def test_each_request_is_answered_once_and_within_the_limits(seed, caplog):
    caplog.set_level("CRITICAL", "tornado_ws.handler")
    history = History(seed)
    page = history.page
    await history.run()
    await asyncio.sleep(1000)

    answered = [id for _, id, _ in page.answers if id in history.types]
    assert sorted(history.types) == sorted(answered)
    assert in_turn(page)
    assert [] == [kind for kind, limit in LIMITS.items() if page.methods.most[kind] > limit]
    state = page.session._state
    assert page.session.idle
    assert ([], [], {}, {}) == (state.inbox, state.waiting, state.deadlines, state._answering)
    assert [] == page.methods.running


@pytest.mark.parametrize("seed", seeds(0, 150))
@in_virtual_time
async def test_session_ends_in_every_state(seed, caplog):
    caplog.set_level("CRITICAL", "tornado_ws.handler")
    history = History(seed)
    page = history.page
    await history.run()
    if seed % 3 == 0:
        page.session.close(1000, "")
        await asyncio.sleep(7)
    frames = len(page.received)
    page.leave(clean=seed % 2 == 0)
    await asyncio.sleep(10)

    assert page.session.closed
    (running,) = page.methods.names("disconnect")
    assert [] == [name for name in running.split() if name not in history.stubborn]
    assert frames == len(page.received)
    await asyncio.sleep(1000)
    assert [] == page.methods.running
