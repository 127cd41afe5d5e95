"""Errors of public methods that are called with arguments of other types."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from tests.support.lab import Confirm, Job, JobTicket, Lab, Note, RoomFull
from tornado_ws import ApplicationError, CloseCode, ConfigurationError, GuardRefused, bearer, same_session

ROOM = {"room": "a"}


async def coroutine(*arguments: object) -> bool:
    return True


async def generator(*arguments: object) -> AsyncIterator[bool]:
    yield True


class Asynchronous:
    async def __call__(self, *arguments: object) -> bool:
        return True


class Text(str):
    def __str__(self) -> str:
        return "another"


HANDLER = "expected a handler class, got 'x'"
EXCLUDE = "expected exclude to be a list of connections, got {}; exclude=[…]"
CALLS: dict[str, Any] = {
    f"room: {HANDLER}": lambda sockets, lab: sockets.room("x", "a"),
    "room: expected name to be str, got None": lambda sockets, lab: sockets.room(Lab, None),
    "room: expected name to be str, got int": lambda sockets, lab: lab.room(7),
    f"broadcast: {HANDLER}": lambda sockets, lab: sockets.broadcast("x", Note("a")),
    f"broadcast: {EXCLUDE.format('Lab')}": lambda sockets, lab: sockets.broadcast(Lab, Note("a"), exclude=lab),
    f"Room.send: {EXCLUDE.format('str')}": lambda sockets, lab: lab.room("a").send(Note("a"), exclude="x"),
    "broadcast: expected connections in exclude, such as self, got str": lambda sockets, lab: lab.broadcast(
        Note("a"), exclude=["x"]
    ),
    "broadcast: expected filter to be a function, got int": lambda sockets, lab: lab.broadcast(Note("a"), filter=7),
    "broadcast: expected filter to be a function, got a coroutine function": lambda sockets, lab: lab.broadcast(
        Note("a"), filter=coroutine
    ),
    "Room.send: expected filter to be a function, got a coroutine function": lambda sockets, lab: sockets.room(
        Lab, "nobody"
    ).send(Note("a"), filter=Asynchronous()),
    "broadcast: expected filter to return True or False, got coroutine": lambda sockets, lab: lab.broadcast(
        Note("a"), filter=lambda connection: coroutine(connection)
    ),
    "broadcast: expected filter to return True or False, got async_generator": lambda sockets, lab: lab.broadcast(
        Note("a"), filter=generator
    ),
    f"send_to: {HANDLER}": lambda sockets, lab: sockets.send_to("x", "id", Note("a")),
    "send_to: expected connection_id to be str, got Lab": lambda sockets, lab: sockets.send_to(Lab, lab, Note("a")),
    "use: expected request_handler to be RequestHandler, got None; use(self, …) in a handler": lambda sockets, lab: (
        sockets.use(None, Job, JobTicket(job=1))
    ),
    f"use: {HANDLER}": lambda sockets, lab: sockets.use(lab, "x", JobTicket(job=1)),
    "use: expected one ticket, got 0": lambda sockets, lab: sockets.use(lab, Job),
    "use: expected one ticket, got 2": lambda sockets, lab: sockets.use(lab, Job, JobTicket(job=1), other=1),
    "call_from_thread: expected function to be a function, got None": lambda sockets, lab: sockets.call_from_thread(
        None
    ),
    "drain: expected timeout to be int or float, got None": lambda sockets, lab: sockets.drain(None),
    "drain: expected spread to be int or float, got str": lambda sockets, lab: sockets.drain(spread="5"),
    "serve_until_signal: expected each server to be HTTPServer, got str": lambda sockets, lab: (
        sockets.serve_until_signal("x")
    ),
    "send_request: expected timeout to be int or float, got str": lambda sockets, lab: lab.send_request(
        Confirm("?"), timeout="5"
    ),
    "join: expected room to be str, got None": lambda sockets, lab: lab.join(None),
    "leave: expected room to be str, got int": lambda sockets, lab: lab.leave(7),
    "close: expected reason to be str or None, got bytes": lambda sockets, lab: lab.close(1000, b"x"),
    "expected a close code, got '1000'": lambda sockets, lab: lab.close("1000"),
    "GuardRefused: expected reason to be str, got None": lambda sockets, lab: GuardRefused(None),
    "expected a close code, got 'x'": lambda sockets, lab: GuardRefused("no", "x"),
    "ApplicationError: expected a class of a generated module, which has a code": lambda sockets, lab: ApplicationError(
        "full"
    ),
    "RoomFull: expected message to be str, got LookupError": lambda sockets, lab: RoomFull(LookupError()),
    "RoomFull: expected seconds to be int or float, got str": lambda sockets, lab: RoomFull().retry_after("5"),
}


@pytest.mark.gen_test
@pytest.mark.parametrize(("text", "call"), CALLS.items(), ids=CALLS)
async def test_argument_of_another_type_is_refused(app, sockets, connect, text, call):
    app.add_handlers(".*", [*sockets.persistent(Lab), *sockets.ephemeral(Job)])

    async with connect(Lab, ROOM):
        (lab,) = sockets.connections
        with pytest.raises(TypeError) as refused:
            if (result := call(sockets, lab)) is not None:
                await result
        shown = str(refused.value)
        assert text == shown if "close code" not in text else shown.endswith(text)
        assert 1 == len(sockets.connections)
        assert not sockets.context.draining


@pytest.mark.gen_test
async def test_values_without_a_meaning_are_refused(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM):
        (lab,) = sockets.connections
        with pytest.raises(ValueError, match="join: expected room to be text in UTF-8, got a part of a surrogate pair"):
            await lab.join("\ud800")
        with pytest.raises(ValueError, match="send_request: expected timeout to be a number of seconds, got -1"):
            await lab.send_request(Confirm("?"), timeout=-1)
        with pytest.raises(ValueError, match="expected a close code of RFC 6455 section 7"):
            lab.close(7)
        with pytest.raises(ValueError, match="RoomFull: expected seconds to be a number of seconds, got -1"):
            RoomFull().retry_after(-1)
        assert 1 == len(sockets.connections)


def test_functions_and_names_for_guards_are_checked():
    def verify(token: str) -> str:
        return "ann"

    with pytest.raises(ConfigurationError, match="bearer: expected an async function, got verify; async def"):
        bearer(verify)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="same_session: expected str, got None"):
        same_session(None)  # type: ignore[arg-type]


@pytest.mark.gen_test
async def test_subclasses_of_text_are_text(app, sockets, connect):
    class SignedIn(Lab):
        def get_current_user(self) -> str:
            return Text("ann")

    app.add_handlers(".*", sockets.persistent(SignedIn))

    async with connect(SignedIn, ROOM) as ann:
        (handler,) = sockets.connections
        await handler.join(Text("a"))
        await handler.room(Text("a")).send(Note("in the room"))
        await sockets.send_to(SignedIn, Text(handler.connection_id), Note("to one"))
        assert [str] == [type(room) for room in sockets.summary()["rooms"]["lab"]]
        assert ["in the room", "to one"] == [(await ann.expect(Note)).data for _ in range(2)]
        await handler.leave(Text("a"))
        await sockets.disconnect(user=Text("ann"), code=CloseCode.UNAUTHORIZED, reason=Text("bye"))
        assert "bye" == (await ann.expect_close(CloseCode.UNAUTHORIZED)).reason


def test_subclass_of_text_in_an_error_is_encoded():
    assert b'"so full"' == msgspec.json.encode(RoomFull(Text("so full")).message)
