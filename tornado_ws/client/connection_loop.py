"""Connections of a client, one after another, until the client closes or an error is final."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final

from ..errors import ConfigurationError, ConnectFailed, ConnectionClosed, InvalidMessage
from .client_connection import ClientConnection, Target
from .client_options import ClientSettings
from .client_session import ClientSession
from .frame_heads import is_hello
from .handshake_answer import public_url
from .reconnect import Reconnection
from .subprotocol_offer import Answer, SubprotocolOffer

__all__ = ["ConnectionLoop"]

LOG: Final = logging.getLogger("tornado_ws.client")


class ConnectionLoop:
    """Loop of attempts and connections, which runs in a task of the client."""

    def __init__(
        self,
        session: ClientSession,
        settings: ClientSettings,
        find_target: Callable[[], Awaitable[Target]],
        *,
        can_change: bool,
    ) -> None:
        """Prepare the loop.

        Args:
            session: Session over all connections.
            settings: Settings of the client.
            find_target: Function that returns the target of each attempt.
            can_change: True if another attempt may have other credentials.
        """
        self.fault: Exception | None = None
        """Error of the application that ended the loop, such as invalid parameters."""
        self.connection: ClientConnection | None = None
        """Open connection."""
        self.url: str | None = None
        """URL of the last attempt, without parts that may be secret; None before it is known."""
        self._session = session
        self._settings = settings
        self._find_target = find_target
        self._can_change = can_change
        self._reconnection = Reconnection(settings.backoff, random.random)
        self._offer = SubprotocolOffer()
        self._is_warned = False
        """True if the log has a warning about the subprotocol."""
        self._wake = asyncio.Event()
        self._ended: ConnectionClosed | None = None
        """Error of a connection that this client has ended."""
        self._closed: ConnectionClosed | None = None
        """Error of a client that was closed."""

    async def run(self) -> None:
        """Connect, and stay connected."""
        error = ConnectionClosed(1006, "the client was cancelled")
        try:
            error = await self._run()
        except Exception as fault:
            LOG.exception("%s: the client failed", self._session.endpoint.name)
            self.fault, error = fault, ConnectionClosed(1006, f"the client failed: {type(fault).__name__}")
        finally:
            error = self._closed or error
            is_normal = error.code == 1000
            self._session.lose(error)
            self._session.update(status="closed", error=error, retry_in=None)
            self._session.close(error, StopAsyncIteration() if is_normal else error)
            if self.connection is not None:
                self.connection.abort()

    def fail(self, error: ConnectionClosed) -> None:
        """End the connection with an error; the next attempt follows, unless it is final."""
        if self.connection is not None and self._ended is None and self._closed is None:
            self._ended = error
            self._session.lose(error)  # now, so that nothing is sent on this connection
            self._session.update(status="waiting", error=error)
            self.connection.abort()

    def reconnect(self) -> None:
        """Drop the connection, if any, and connect again without delay."""
        self._wake.set()
        self.fail(ConnectionClosed(1001, "reconnecting"))

    def close(self, code: int, reason: str | None) -> None:
        """Begin to close, and connect no more."""
        self._closed = ConnectionClosed(code, reason or "closed by this client")
        self._session.lose(self._closed)
        self._session.update(status="closed", error=self._closed, retry_in=None)
        self._wake.set()
        if self.connection is not None:
            self.connection.close(code, reason)

    async def _run(self) -> ConnectionClosed:
        """Return the error after which there is no other attempt."""
        loop = asyncio.get_running_loop()
        while self._closed is None:
            self._wake.clear()
            self._session.update(status="connecting", retry_in=None)
            error = await self._connect()
            if self._closed is not None or self.fault is not None:
                return self._closed or error
            is_own = self._wake.is_set()  # reconnect() was called
            delay = self._reconnection.delay_after(error, loop.time(), can_change=self._can_change, is_own=is_own)
            if delay is None:
                return error
            failures = self._reconnection.failures
            self._session.update(status="waiting", error=error, attempt=failures, retry_in=delay)
            await self._sleep(delay)
        return self._closed

    def _named(self, target: Target) -> Target:
        """Return a target with the name of the client, by which presence recognizes it after a reconnect."""
        if self._session.endpoint.presence is None:
            return target
        return replace(target, url=self._session.users.named(target.url))

    async def _connect(self) -> ConnectionClosed:
        """Connect once, and return the error that ended the connection or prevented it."""
        try:
            async with asyncio.timeout(self._settings.connect_timeout):
                target = self._offer.prepare(self._named(await self._find_target()))
            self.url = public_url(target.url)
            connection = await ClientConnection.open(target, self._settings.connection)
        except ConnectFailed as failed:
            return failed
        except (ConfigurationError, InvalidMessage, TypeError) as fault:
            self.fault = fault
            return ConnectFailed("invalid", str(fault), retryable=False)
        except TimeoutError:
            return ConnectFailed("timeout", "a function for an option does not return in time")
        except Exception as fault:  # any, from a function of the application
            LOG.exception("%s: a function for an option raised", self._session.endpoint.name)
            return ConnectFailed("option", f"a function for an option raised {type(fault).__name__}: {fault}")
        try:
            return await self._use(connection)
        finally:
            connection.discard()

    async def _use(self, connection: ClientConnection) -> ConnectionClosed:
        """Read an open connection until its end."""
        session, answer = self._session, self._offer.answer(connection.subprotocol)
        if answer is Answer.LOST:
            connection.abort()
            self._wake.set()
            return ConnectionClosed(1001, "reconnecting, because the subprotocol is lost")
        self.connection, self._ended = connection, None
        self._wake.clear()
        if self._closed is not None:
            connection.close()
        timer = asyncio.get_running_loop().call_later(self._settings.connect_timeout, self._end_silence, answer)
        try:
            session.open(connection.write)
            if answer is Answer.PLAIN:
                self._open_plain()
            while (raw := await connection.read()) is not None:
                if self._ended is not None or self._closed is not None:
                    continue
                is_waiting = session.state.status != "open"
                if is_waiting and answer is Answer.UNKNOWN and not is_hello(raw):
                    self._open_plain()
                session.receive(raw)
                if is_waiting and session.state.status == "open":
                    self._note_open(answer)
                    timer.cancel()
        finally:
            timer.cancel()
            self.connection = None
            error = self._ended or connection.error
            session.lose(error)
            connection.close()
        return error

    def _end_silence(self, answer: Answer) -> None:
        """End the wait for the first frame of a connection."""
        if answer is Answer.UNKNOWN:
            self._open_plain()
        elif self._session.state.status != "open":
            self.fail(ConnectFailed("timeout", "the connection is open, but $hello does not arrive in time"))

    def _open_plain(self) -> None:
        """Use a connection for messages only."""
        if self._session.state.status != "open":
            self._offer.give_up()
            self._session.open_plain()
            self._reconnection.open(asyncio.get_running_loop().time())

    def _note_open(self, answer: Answer) -> None:
        self._reconnection.open(asyncio.get_running_loop().time())
        if answer is Answer.UNKNOWN and self._session.hello is not None and not self._is_warned:
            self._is_warned = True
            name = self._session.endpoint.name
            LOG.warning("%s has lost its subprotocol: does a proxy remove Sec-WebSocket-Protocol?", name)

    async def _sleep(self, delay: float) -> None:
        """Wait until the next attempt; less after :meth:`reconnect` and :meth:`close`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(delay):
                await self._wake.wait()
