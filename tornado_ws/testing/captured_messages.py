"""Record of the messages that an application sends to a room or an endpoint."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from tornado.web import Application

from ..endpoint import Endpoint
from ..server.application_routes import rules
from ..server.endpoint_server import EndpointServer
from ..server.handler import SocketHandler

__all__ = ["Captured", "capture"]

MessageT = TypeVar("MessageT")


class Captured:
    """Messages in the order in which they were sent."""

    def __init__(self) -> None:
        self.messages: list[object] = []
        """All of them."""
        self._sent = asyncio.Event()

    def of(self, message: type[MessageT]) -> list[MessageT]:
        """Return the messages of a class."""
        return [one for one in self.messages if isinstance(one, message)]

    async def expect(self, message: type[MessageT], *, timeout: float = 1.0) -> MessageT:  # noqa: ASYNC109
        """Wait for the next message of a class, remove it and return it; other messages stay.

        Raises:
            AssertionError: If it is not sent in time, in seconds.
        """
        try:
            async with asyncio.timeout(timeout):
                while not (found := self.of(message)):
                    self._sent.clear()
                    await self._sent.wait()
        except TimeoutError:
            got = ", ".join(type(one).__name__ for one in self.messages) or "nothing"
            raise AssertionError(f"expected {message.__name__} within {timeout:g} s, got {got}") from None
        self.messages.remove(found[0])
        return found[0]

    def _add(self, message: object) -> None:
        self.messages.append(message)
        self._sent.set()


@contextmanager
def capture(
    application: Application, endpoint: Endpoint | type[SocketHandler[Any]], room: str | None = None
) -> Iterator[Captured]:
    """Record the messages that are sent to a room, or to the whole endpoint, for ``with``.

    They are recorded as the instances that the application sends, after validation, also if there is no client. They
    still reach all clients.

    Args:
        application: Application under test.
        endpoint: Endpoint of a generated module, or its handler class.
        room: Name of the room; None for messages to all clients of the endpoint (``broadcast``).

    Returns:
        Recorded messages.

    Raises:
        LookupError: If the application has no route for the endpoint.
    """
    name = endpoint.name if isinstance(endpoint, Endpoint) else endpoint.endpoint.name
    servers = [one for one in _servers(application) if one.endpoint.name == name]
    if not servers:
        raise LookupError(f"the application has no route for {name}")
    captured, originals = Captured(), [one.publish for one in servers]
    for server, publish in zip(servers, originals, strict=True):
        vars(server)["publish"] = _recording(publish, room, captured._add)
    try:
        yield captured
    finally:
        for server in servers:
            vars(server).pop("publish", None)


def _recording(publish: Callable[..., Any], wanted: str | None, record: Callable[[object], None]) -> Callable[..., Any]:
    async def publish_and_record(
        message: object, *, room: str | None, to: str | None = None, **recipients: Any
    ) -> None:
        await publish(message, room=room, to=to, **recipients)
        if room == wanted and to is None:
            record(message)

    return publish_and_record


def _servers(application: Application) -> Sequence[EndpointServer[Any]]:
    found = (rule.target_kwargs.get("ws_server") for rule in rules(application))
    return [server for server in found if isinstance(server, EndpointServer)]
