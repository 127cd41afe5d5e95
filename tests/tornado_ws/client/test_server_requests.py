"""Answers of clients to requests of real servers."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from tests.support.lab import Confirm, Lab, Note, Nudge, RoomFull, Said
from tests.support.typed_clients import LabClient, lab
from tornado_ws import RequestFailed, RequestTimeout


class Asking(Lab):
    """Lab that sends the answer of the client to a question, or the code of its error."""

    async def on_nudge(self) -> None:
        try:
            await self.send(Note(str(await self.send_request(Confirm("sure?"), timeout=5))))
        except RequestFailed as failed:
            await self.send(Note(failed.error.code))


@pytest.mark.gen_test
async def test_requests_of_the_server_are_answered(serve, caplog):
    async def ask(client: LabClient) -> str:
        await client.send(Nudge())
        message = await anext(client)
        assert isinstance(message, Note)
        return message.data

    async def think(confirm: Confirm) -> bool:
        await asyncio.sleep(0)
        return confirm.data == "sure?"

    def refuse(confirm: Confirm) -> bool:
        raise RoomFull

    async def be_cancelled(confirm: Confirm) -> bool:
        raise asyncio.CancelledError  # of a task for which it waits

    async with serve(Asking).running() as server, lab(server) as client:
        assert await ask(client) == "unknown_message"
        remove = client.answer(Confirm, think)
        assert await ask(client) == "True"
        client.answer(Confirm, lambda confirm: False)
        assert "it is replaced" in caplog.text
        remove()  # of another function
        assert await ask(client) == "False"
        client.answer(Confirm, refuse)
        assert await ask(client) == "room_full"
        client.answer(Confirm, lambda confirm: 1 / 0 > 1)
        assert await ask(client) == "internal"
        client.answer(Confirm, be_cancelled)
        assert await ask(client) == "internal"
        remove = client.answer(Confirm, lambda confirm: "yes")  # type: ignore[arg-type, return-value]
        assert await ask(client) == "internal"
        remove()
        assert await ask(client) == "unknown_message"
        with pytest.raises(TypeError, match=r"expected a request of the server \(Confirm\), got Said"):
            client.answer(Said, think)  # type: ignore[arg-type]


@pytest.mark.gen_test
async def test_answer_is_cancelled_with_its_request_and_with_its_connection(serve, until):
    started, cancelled = [], []

    class Impatient(Lab):
        async def on_nudge(self) -> None:
            with contextlib.suppress(RequestTimeout):
                await self.send_request(Confirm("sure?"), timeout=0.02)
            await self.send_request(Confirm("really?"))

    async def think(confirm: Confirm) -> bool:
        started.append(confirm.data)
        try:
            await asyncio.sleep(60)
        finally:
            cancelled.append(confirm.data)
        return True

    async with serve(Impatient).running() as server, lab(server) as client:
        client.answer(Confirm, think)
        await client.send(Nudge())
        await until(lambda: len(started) == 2)
        client.reconnect()
        await until(lambda: len(cancelled) == 2)

        assert ["sure?", "really?"] == cancelled


@pytest.mark.gen_test
async def test_late_answer_is_not_sent_on_the_next_connection(serve, until):
    asked, asked_again, answered = [], asyncio.Event(), asyncio.Event()

    async def think(confirm: Confirm) -> bool:
        asked.append(confirm)
        if len(asked) == 1:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(60)
            await asked_again.wait()
            answered.set()
            return False
        asked_again.set()
        await answered.wait()
        return True

    async with serve(Asking).running() as server, lab(server) as client:
        client.answer(Confirm, think)
        await client.send(Nudge())
        await until(lambda: len(asked) == 1)
        client.reconnect()
        await client.send(Nudge())  # its question has the same id

        assert await anext(client) == Note("True")
