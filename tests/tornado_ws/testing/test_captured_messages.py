"""Record of messages to rooms and endpoints."""

from __future__ import annotations

import asyncio

import pytest
from tornado.web import Application

from tests.support.lab import Lab, Note, Nudge, Said, Say
from tornado_ws import InvalidMessage, WebSocketController
from tornado_ws.testing import Connect, capture

ROOM = {"room": "a"}


@pytest.mark.gen_test
async def test_messages_to_a_room_are_recorded_without_a_client(app: Application, sockets: WebSocketController) -> None:
    app.add_handlers(".*", sockets.persistent(Lab))

    with capture(app, Lab, "a") as sent, capture(app, Lab.endpoint) as broadcast:
        await sockets.room(Lab, "a").send(Said(text="one"))
        await sockets.room(Lab, "other").send(Said(text="other"))
        await sockets.room(Lab, "a").send(Note("two"))
        await sockets.broadcast(Lab, Note("all"))
        with pytest.raises(InvalidMessage):
            await sockets.room(Lab, "a").send(Said(text="x" * 101))
    await sockets.room(Lab, "a").send(Said(text="late"))

    assert [Said(text="one"), Note("two")] == sent.messages
    assert [Said(text="one")] == sent.of(Said)
    assert [Note("all")] == broadcast.messages


@pytest.mark.gen_test
async def test_message_of_a_handler_is_expected_and_reaches_the_clients(
    app: Application, sockets: WebSocketController, connect: Connect
) -> None:
    class Telling(Lab):
        async def on_nudge(self) -> None:
            await asyncio.sleep(0.01)
            await self.room("a").send(Note("first"))
            await self.room("a").send(Said(text="second"))

    app.add_handlers(".*", sockets.persistent(Telling))

    with capture(app, Telling, "a") as sent:
        async with connect(Telling, ROOM) as ann:
            await ann.send(Nudge())
            assert Said(text="second") == await sent.expect(Said)
            assert Note("first") == await sent.expect(Note)
            assert Note("first") == await ann.expect(Note)
            await ann.send(Nudge())
            await sent.expect(Note)
            with pytest.raises(AssertionError, match=r"expected Say within 0.01 s, got "):
                await sent.expect(Say, timeout=0.01)


def test_application_without_the_endpoint_is_refused(app: Application) -> None:
    with pytest.raises(LookupError, match="the application has no route for lab"), capture(app, Lab):
        pass
