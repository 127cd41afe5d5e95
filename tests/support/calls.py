"""Endpoint with requests that run concurrently and within a time, and a client of its sessions in virtual time."""

from __future__ import annotations

import asyncio
import contextvars
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Any, Final

import msgspec
import pytest

import tornado_ws
from tests.support import virtual_loop
from tests.support.orders import SoldOut
from tornado_ws import ErrorType, Limits, MessageType, Payload
from tornado_ws.errors import CloseCode
from tornado_ws.session.session import Session
from tornado_ws.session.statistics import EndpointStatistics
from tornado_ws.validation.codec import Codec
from tornado_ws.validation.envelopes import ResumeData
from tornado_ws.websocket import ConnectionSettings

__all__ = ["CALLS", "NOT_COMPILED", "USER", "Methods", "Page", "in_virtual_time"]


class Command(msgspec.Struct, frozen=True):
    data: str


TEXT = Payload(str, "/$defs/Text")
NAMES = ("note", "work", "brief", "query", "pair", "single", "bounded")


def _message(name: str, **policies: Any) -> MessageType:
    return MessageType(name, type(name.title(), (Command,), {}, frozen=True), TEXT, **policies)


CALLS: Final = tornado_ws.Endpoint(
    name="calls",
    kind="persistent",
    contract="calls-1",
    path="/calls",
    client=(
        _message("note"),
        _message("work", reply=TEXT),
        _message("brief", reply=TEXT, timeout=5.0),
        _message("query", reply=TEXT, concurrent=True),
        _message("pair", reply=TEXT, concurrent=2),
        _message("single", reply=TEXT, concurrent=1),
        _message("bounded", reply=TEXT, concurrent=3, timeout=5.0),
    ),
    server=(_message("confirm", reply=TEXT, timeout=3.0),),
    errors=(ErrorType(SoldOut),),
    schema=json.dumps(
        {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": {"Text": {"type": "string"}}}
    ),
)

USER: contextvars.ContextVar[str] = contextvars.ContextVar("USER", default="")


class Methods:
    """Handler whose methods follow a command: a name, the seconds that they take, and a manner.

    The manner is ``raise``, ``declare``, ``return-error``, ``time-out``, ``cancel-self``, ``stubborn`` (suppress the
    cancellation), ``raise-late`` (raise when cancelled) or ``clean-up`` (await something when cancelled).
    """

    def __init__(self) -> None:
        self.events: list[tuple[float, str, str]] = []
        """Time, event and name: ``begin``, ``end``, ``cancelled``, ``error`` or ``disconnect``."""
        self.errors: list[Exception] = []
        self.running: list[str] = []
        """Names of the commands that run."""
        self.most: Counter[str] = Counter()
        """Maximum number of commands that have run at the same time, by the first part of their names."""
        self.session: Session | None = None

    async def handle(self, command: str) -> str | SoldOut:
        """Follow a command, and return its name."""
        name, seconds, *manner = command.split()
        kind = name.partition(":")[0]
        self.running.append(name)
        self.most[kind] = max(self.most[kind], sum(one.partition(":")[0] == kind for one in self.running))
        try:
            return await self._follow(name, float(seconds), manner)
        finally:
            self.running.remove(name)

    async def _follow(self, name: str, seconds: float, manner: list[str]) -> str | SoldOut:
        self.note("begin", name)
        end = asyncio.get_running_loop().time() + seconds
        while True:
            try:
                await asyncio.sleep(end - asyncio.get_running_loop().time())
                break
            except asyncio.CancelledError:
                self.note("cancelled", name)
                if "raise-late" in manner:
                    raise LookupError(name) from None
                if "clean-up" in manner:
                    await asyncio.sleep(1)
                    self.note("clean", name)
                if "stubborn" not in manner:
                    raise
        self.note("end", name)
        match manner:
            case ["raise"]:
                raise LookupError(name)
            case ["declare"]:
                raise SoldOut
            case ["return-error"]:
                return SoldOut()
            case ["time-out"]:
                raise TimeoutError(name)
            case ["cancel-self"]:
                raise asyncio.CancelledError
        return name

    def note(self, event: str, name: str) -> None:
        self.events.append((round(asyncio.get_running_loop().time(), 3), event, name))

    def names(self, event: str) -> list[str]:
        """Return the names of all events of one kind, in order."""
        return [name for _, kind, name in self.events if kind == event]

    # Hooks of the session.

    async def on_connect(self) -> None: ...

    async def on_disconnect(self) -> None:
        self.note("disconnect", " ".join(self.running))

    async def on_error(self, error: Exception) -> None:
        self.errors.append(error)

    def on_resume(self, data: ResumeData) -> None: ...

    def close(self, code: int | None = None, reason: str | None = None) -> None:
        assert self.session is not None
        self.session.close(CloseCode.NORMAL if code is None else code, reason or "")

    def log_attributes(self) -> dict[str, object]:
        return {}


class Page:
    """Client of a session, which is real, over a connection that is not; it is both ends of the connection."""

    was_clean = True
    last_broadcast_at = 0.0

    def __init__(self, **limits: Any) -> None:
        self.settings = ConnectionSettings()
        self.received: list[tuple[float, Mapping[str, Any]]] = []
        """Time and content of the frames from the server."""
        self.unread: list[str] = []
        """Frames that the session has not read, because its queue is full."""
        self.closing = False
        self.writable: asyncio.Future[None] | None = None
        """Future for which senders wait, while the client reads too slowly."""
        self.methods = Methods()
        self.statistics = EndpointStatistics(CALLS)
        self.errors: Counter[str] = Counter()
        """Numbers of errors by code."""
        codec = Codec(CALLS, errors=self.errors)
        self._pause: asyncio.Future[None] | None = None
        self._context = contextvars.copy_context()
        self._loop = asyncio.get_running_loop()
        self.session = Session(
            self.methods,
            self.methods,
            methods=dict.fromkeys(NAMES, Methods.handle),
            fast_methods={
                frame: (message, Methods.handle, self.statistics.received[message.name])
                for message in CALLS.client
                if message.reply is None
                for frame in codec.frame_types(message.name)
            },
            queue_policies=None,
            codec=codec,
            limits=Limits(**limits),
            connection=self,  # type: ignore[arg-type]
            clock=self._loop.time,
            context=self._context,
            statistics=self.statistics,
        )
        self.methods.session = self.session
        self.session.start()

    # End of the client.

    def send(self, *frames: Mapping[str, Any]) -> None:
        """Send frames, which the session reads unless its queue is full."""
        self.unread += map(json.dumps, frames)
        self._loop.call_soon(self._read, context=self._context)

    def call(self, type_: str, *commands: str, id: int = 1) -> None:
        """Send requests with ids from ``id`` on."""
        self.send(*({"type": type_, "id": id + n, "data": command} for n, command in enumerate(commands)))

    def leave(self, *, clean: bool = True) -> None:
        """Close the connection, with or without a close frame."""
        self.was_clean, self.closing = clean, True
        self.session.connection_lost(1000 if clean else None, None)

    @property
    def answers(self) -> list[tuple[float, int, str]]:
        """Time, id, and the reply or the code of the error, of all answers."""
        return [
            (round(at, 3), frame["re"], frame["data"]["code"] if frame["type"] == "$error" else frame["data"])
            for at, frame in self.received
            if "re" in frame
        ]

    def answer_to(self, id: int) -> str | None:
        """Return the reply or the code of the error; None if there is none yet."""
        found = [answer for _, re, answer in self.answers if re == id]
        assert len(found) < 2
        return found[0] if found else None

    # Connection.

    def send_text(self, text: bytes, volatile: bool = False, latest: object = None) -> Awaitable[None] | None:
        if not self.closing:
            self.received.append((self._loop.time(), json.loads(text)))
        return self.writable

    def wait_writable(self) -> None: ...

    def close(self, code: int, reason: str) -> None:
        self.closing = True

    def _read(self, _: object = None) -> None:
        """Let the session read the frames, as an event of the socket does, until it pauses."""
        while self.unread and (self._pause is None or self._pause.done()):
            pause = self.session.receive(self.unread.pop(0).encode())
            self._pause = None if pause is None else asyncio.ensure_future(pause)
            if self._pause is not None:
                self._pause.add_done_callback(self._read, context=self._context)


NOT_COMPILED = pytest.mark.skipif(tornado_ws.COMPILED, reason="a compiled session accepts only the real connection")


def in_virtual_time(test: Callable[..., Any]) -> Callable[..., None]:
    """Decorate a coroutine function: a test in which time passes only while nothing else can happen."""

    @NOT_COMPILED
    @wraps(test)
    def run(*arguments: Any, **fixtures: Any) -> None:
        virtual_loop.run(test(*arguments, **fixtures))

    return run
