"""Application that random messages attack, one connection after the other."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, Self

from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.web import Application
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, websocket_connect

from ..client.endpoint_url import endpoint_url
from ..endpoint import Endpoint
from ..errors import InvalidFrame
from ..server.application_routes import rules
from ..server.endpoint_server import EndpointServer
from ..validation.codec import PING, Codec
from ..validation.envelopes import SUBPROTOCOL
from ..validation.json_values import encode, read
from .serving import serving

__all__ = ["Attack", "Failure", "Target"]


@dataclass(frozen=True, kw_only=True)
class Attack:
    """Messages of one connection."""

    params: Any
    """Parameters, typed or as plain JSON; None for none."""
    frames: Sequence[Mapping[str, Any]]
    """Frames, without the ids of requests and acknowledged messages."""
    replies: Mapping[str, Any]
    """Replies to requests of the server, by their names."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Fault of a method."""

    problem: str
    """Method and fault, such as ``on_say raised ValueError: bad``."""
    frames: Sequence[Mapping[str, Any]]
    """Frames that were sent."""
    error: Exception | None


class Target:
    """Running application under attack."""

    def __init__(self, application: Application, endpoint: Endpoint, *, timeout: float) -> None:
        """Record the calls of an endpoint, and the exceptions that none of its errors declares.

        Args:
            application: Application with a route for the endpoint.
            endpoint: Endpoint.
            timeout: Maximum time that a method is awaited, in seconds.

        Raises:
            LookupError: If there is no route.
        """
        self._application = application
        self._endpoint = endpoint
        self._timeout = timeout
        self._types = {message.name: message for message in endpoint.client}
        self._codec = Codec(endpoint)
        self._resources = AsyncExitStack()
        self._origin = ""
        self._calls: list[str] = []
        self._errors: list[tuple[str, Exception]] = []
        self._pong = asyncio.Event()
        found = (rule.target_kwargs.get("ws_server") for rule in rules(application))
        self._servers = [one for one in found if isinstance(one, EndpointServer) and one.endpoint.name == endpoint.name]
        if not self._servers:
            raise LookupError(f"the application has no route for {endpoint.name}")
        for server in self._servers:
            self._attach(server)

    async def start(self) -> Self:
        """Listen on a free port."""
        self._origin = (await self._resources.enter_async_context(serving(self._application))).origin
        return self

    async def stop(self) -> None:
        """Stop the server."""
        await self._resources.aclose()

    async def failure(self, attack: Attack, headers: Mapping[str, str] | None) -> Failure | None:
        """Send the messages of an attack on a new connection; return the first fault, if there is one.

        Raises:
            ConfigurationError: If no URL can contain the parameters.
        """
        self._calls.clear()
        self._errors.clear()
        url = endpoint_url(self._endpoint, self._origin, {} if attack.params is None else read(encode(attack.params)))
        try:
            client = await websocket_connect(HTTPRequest(url, headers=dict(headers or {})), subprotocols=[SUBPROTOCOL])
        except HTTPClientError:
            return None  # refused before the upgrade
        reading = asyncio.ensure_future(self._read(client, attack.replies))
        sent: list[Mapping[str, Any]] = []
        try:
            await self._settle()
            for frame, text in zip(attack.frames, self._texts(attack.frames), strict=True):
                if self._errors or reading.done():
                    break
                calls = len(self._calls)
                sent.append(frame)
                await self._send(client, text)
                if len(self._calls) > calls and not self._is_valid(text):
                    return Failure(
                        problem=f"{self._calls[-1]} was called for an invalid message", frames=sent, error=None
                    )
        except WebSocketClosedError:
            pass
        finally:
            reading.cancel()
            await self._disconnect(client)
        for method, error in self._errors[:1]:
            return Failure(problem=f"{method} raised {type(error).__name__}: {error}", frames=sent, error=error)
        return None

    async def _send(self, client: WebSocketClientConnection, text: str) -> None:
        self._pong.clear()
        await client.write_message(text)
        await client.write_message(PING)
        async with asyncio.timeout(max(self._timeout, 5.0)):
            await self._pong.wait()
        await self._settle()

    async def _read(self, client: WebSocketClientConnection, replies: Mapping[str, Any]) -> None:
        """Answer the requests of the server, until the connection ends."""
        while (text := await client.read_message()) is not None:
            frame = json.loads(text)
            if frame["type"] == "$pong":
                self._pong.set()
            elif "id" in frame and frame["type"] in replies:
                reply = {"type": frame["type"], "re": frame["id"], "data": replies[frame["type"]]}
                await client.write_message(json.dumps(reply))
        self._pong.set()

    async def _settle(self) -> None:
        """Wait until no method runs, or for the maximum time."""
        await asyncio.sleep(0)
        await self._wait(lambda one: None if one.idle else one.wait_idle())

    async def _disconnect(self, client: WebSocketClientConnection) -> None:
        """Drop the connection, and wait until the handler has ended."""
        open_connections = [one for server in self._servers for one in server.registry]
        if client.protocol is not None and client.protocol.stream is not None:
            client.protocol.stream.close()
        client.close()
        waiting = [asyncio.ensure_future(one.wait_closed()) for one in open_connections]
        if waiting:
            await asyncio.wait(waiting, timeout=max(self._timeout, 0.1))
        for task in waiting:
            task.cancel()

    async def _wait(self, waiter: Callable[[Any], Any]) -> None:
        found = [waiter(one) for server in self._servers for one in server.registry]
        waiting = [asyncio.ensure_future(one) for one in found if one is not None]
        if waiting:
            await asyncio.wait(waiting, timeout=self._timeout)
        for task in waiting:
            task.cancel()

    def _texts(self, frames: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        """Yield the text of each frame, with the ids that its message needs."""
        session = secrets.token_urlsafe(16)
        for id, frame in enumerate(frames, 1):
            message = self._types[frame["type"]]
            members: dict[str, Any] = {"session": session} if message.acknowledged else {}
            members |= {"id": id} if message.acknowledged or message.answer is not None else {}
            yield json.dumps({**frame, **members})

    def _is_valid(self, text: str) -> bool:
        try:
            self._codec.decode(text)
        except InvalidFrame:
            return False
        return True

    def _attach(self, server: EndpointServer[Any]) -> None:
        for name, method in server.methods.items():
            server.methods[name] = self._recorded(method)
        for frame, (message, _, received) in server.fast_methods.items():
            server.fast_methods[frame] = message, server.methods[message.name], received
        vars(server.context.observer)["on_error"] = self._on_error

    def _recorded(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **keywords: Any) -> Any:
            self._calls.append(method.__name__)
            return method(*arguments, **keywords)

        return call

    def _on_error(self, connection: object, error: Exception) -> None:
        self._errors.append((self._calls[-1] if self._calls else "on_connect", error))
