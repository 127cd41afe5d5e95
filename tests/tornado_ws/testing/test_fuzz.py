"""Random messages for handlers."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import ClassVar

import pytest
from tornado.web import Application

from tests.support.lab import Confirm, Lab, Note, Said
from tornado_ws import ConfigurationError, WebSocketController
from tornado_ws.testing import fuzz
from tornado_ws.testing.fuzz_target import Target

ROOM = {"room": "a"}
FEW = 40


def test_handler_without_faults_survives() -> None:
    fuzz(Lab, ROOM, examples=FEW, seed=1)


def test_failure_is_the_shortest_sequence() -> None:
    class Faulty(Lab):
        async def on_connect(self) -> None:
            self.words: list[str] = []

        async def on_say(self, say: object) -> None:
            self.words.append("say")

        async def on_echo(self, echo: str) -> str:
            if self.words and len(echo) > 2:
                raise ValueError(f"{len(echo)} characters")
            return echo

    with pytest.raises(AssertionError) as caught:
        fuzz(Faulty, ROOM, examples=200, messages=3, seed=1)

    first, params, *messages, reproduce = str(caught.value).split("\n")
    assert first.endswith("Faulty.on_echo raised ValueError: 3 characters")
    assert params == '  params: {"room": "a"}'
    assert messages == [
        '  1. {"type": "say", "data": {"text": "0"}}',
        '  2. {"type": "echo", "data": "000"}',
    ]
    assert isinstance(caught.value.__cause__, ValueError)
    replay = eval(reproduce.partition("replay=")[2].removesuffix(")"))
    with pytest.raises(AssertionError, match="on_echo raised ValueError: 3 characters"):
        fuzz(Faulty, ROOM, replay=replay)


def test_edges_of_the_schema_are_tried() -> None:
    class Faulty(Lab):
        async def on_say(self, say: object) -> None:
            assert len(getattr(say, "text")) < 100  # noqa: B009

    with pytest.raises(AssertionError, match="on_say raised AssertionError"):
        fuzz(Faulty, ROOM, examples=200, seed=1)


def test_message_that_the_schema_rejects_is_a_failure() -> None:
    class Faulty(Lab):
        async def on_nudge(self) -> None:
            await self.room("a").send(Said(text="x" * 101))

    with pytest.raises(AssertionError, match="on_nudge raised InvalidMessage: said was not sent"):
        fuzz(Faulty, ROOM, examples=FEW, seed=1)


def test_fault_of_a_stream_and_of_the_first_hook_is_found() -> None:
    class InStream(Lab):
        async def on_count(self, count: int) -> AsyncIterator[int]:
            yield 0
            raise RuntimeError("broken")

    class InHook(Lab):
        async def on_connect(self) -> None:
            raise RuntimeError("broken")

    with pytest.raises(AssertionError, match="on_count raised RuntimeError: broken"):
        fuzz(InStream, ROOM, examples=FEW, seed=1)
    with pytest.raises(AssertionError, match="on_connect raised RuntimeError: broken"):
        fuzz(InHook, ROOM, examples=FEW, seed=1)


def test_requests_of_the_server_get_random_replies() -> None:
    class Faulty(Lab):
        async def on_nudge(self) -> None:
            if await self.send_request(Confirm("sure?")):
                raise RuntimeError("confirmed")

    with pytest.raises(AssertionError, match="on_nudge raised RuntimeError: confirmed"):
        fuzz(Faulty, ROOM, examples=200, seed=1)


def test_parameters_are_random_by_default() -> None:
    rooms: set[str] = set()

    class Recording(Lab):
        async def on_connect(self) -> None:
            rooms.add(self.params.room)
            assert self.params.level < 50

    with pytest.raises(AssertionError, match="on_connect raised AssertionError"):
        fuzz(Recording, examples=200, seed=1)
    assert len(rooms) > 5


def test_application_and_headers_are_given() -> None:
    class Reading(Lab):
        async def on_nudge(self) -> None:
            await self.send(Note(self.request.headers["X-Name"]))

    made = []

    def make() -> Application:
        made.append(Application(WebSocketController().persistent(Reading)))
        return made[-1]

    fuzz(Reading, ROOM, app=make, headers={"X-Name": "ann"}, examples=10)

    assert len(made) >= 10
    with pytest.raises(LookupError, match="the application has no route for lab"):
        fuzz(Reading, ROOM, app=Application)


def test_method_that_waits_delays_nothing() -> None:
    class Waiting(Lab):
        async def on_nudge(self) -> None:
            await asyncio.Event().wait()

    fuzz(Waiting, ROOM, examples=5, timeout=0.01)


def test_failure_that_depends_on_other_connections_is_reported() -> None:
    class Once(Lab):
        failed: ClassVar[list[bool]] = []

        async def on_nudge(self) -> None:
            if not self.failed:
                self.failed.append(True)
                raise RuntimeError("only once")

    with pytest.raises(AssertionError, match=r"(?s)on_nudge raised RuntimeError: only once.*did not fail again"):
        fuzz(Once, ROOM, examples=FEW, seed=1)


def test_connection_that_ends_is_no_failure() -> None:
    class Closing(Lab):
        async def on_nudge(self) -> None:
            self.close(4000)

    fuzz(Closing, ROOM, examples=FEW, seed=1)
    fuzz(Lab, ROOM, headers={"Origin": "https://other.example"}, examples=2, seed=1)
    with pytest.raises(ConfigurationError, match="expected a part of a path"):
        fuzz(Lab, {"room": ".."}, examples=2, seed=1)


def test_method_that_is_called_for_an_invalid_message_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Target, "_is_valid", lambda self, text: False)

    with pytest.raises(AssertionError, match=r"Lab\.on_\w+ was called for an invalid message") as caught:
        fuzz(Lab, ROOM, examples=FEW, seed=1)
    assert caught.value.__cause__ is None


def test_missing_hypothesis_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hypothesis", None)

    with pytest.raises(ModuleNotFoundError, match=r"hypothesis.*run: pip install 'tornado-ws\[testing\]'"):
        fuzz(Lab, ROOM)
