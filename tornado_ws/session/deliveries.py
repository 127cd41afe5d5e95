"""Acknowledged messages of one session: each is handled once, also if the client repeats it.

Not compiled: coroutines compiled by mypyc lose the exception that is being handled.
"""

from __future__ import annotations

import asyncio
import contextvars
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from ..channels.delivery_store import NOTE_SECONDS, DeliveryOutcome, DeliveryState, DeliveryStore
from ..channels.ticket_store import digest
from ..errors import BackplaneDown
from ..validation.codec import Codec
from ..validation.envelopes import Frame
from ..websocket import Connection
from ..websocket.coroutine_runner import program_ends
from .responder import INTERNAL, UNAVAILABLE, Responder
from .state import SessionState

__all__ = ["Deliveries", "DeliveryNotes"]

HOLD_SECONDS = 2.0
"""Seconds for which a repetition of a running message holds back later messages of its connection."""
OUTLIVE_SECONDS = NOTE_SECONDS
"""Seconds for which a method runs on after the end of its connection."""
MAX_WAITING = 16
"""Maximum number of repetitions of one connection that wait beyond :data:`HOLD_SECONDS`."""

NOT_HANDLED = msgspec.structs.replace(UNAVAILABLE, retry_after_ms=1000)
"""Error for a message that is not handled, because nothing can be noted about it. The client repeats it."""


@dataclass(frozen=True, kw_only=True)
class DeliveryNotes:
    """Access of one user to the notes about acknowledged messages of one endpoint."""

    store: DeliveryStore
    endpoint: str
    user: str | None
    """Key of the user; other users cannot read the outcomes."""
    limit: int
    """Maximum number of outcomes noted by one process (:attr:`.Limits.deliveries`)."""

    def key(self, frame: Frame) -> str:
        """Return the key of a message."""
        return digest(json.dumps([self.endpoint, self.user, frame.session, frame.id]))


class Deliveries:
    """Acknowledged messages of one session.

    They are handled in order with all other messages. If one cannot be handled, the messages of its type that name it
    or a later one as their predecessor (:attr:`.Frame.after`) are not handled either, until the client repeats it.
    Methods also run to the end after the connection is lost, since the client repeats a message on its next connection,
    and waits there for the outcome.

    A repetition of a message whose method is still running waits in the order of the messages for
    :data:`HOLD_SECONDS`. After that, messages pass it, unless it is their predecessor.
    """

    __slots__ = (
        "_codec",
        "_connection",
        "_context",
        "_given_up",
        "_loop",
        "_may_outlive",
        "_notes",
        "_responder",
        "_running",
        "_state",
        "_waiting",
        "_wake",
    )

    def __init__(
        self,
        notes: DeliveryNotes,
        responder: Responder,
        *,
        codec: Codec,
        connection: Connection,
        context: contextvars.Context,
        state: SessionState,
        wake: Callable[[], None],
    ) -> None:
        """Prepare; nothing runs yet.

        Args:
            notes: Notes about the messages of the user.
            responder: Reports of errors.
            codec: Encoder of answers.
            connection: Connection of the client.
            context: Context variables of the methods.
            state: State of the session, with the frames that wait for the handler.
            wake: Function that is called, in a task, after a frame was added to the inbox.
        """
        self._notes = notes
        self._responder = responder
        self._codec = codec
        self._connection = connection
        self._context = context
        self._state = state
        self._wake = wake
        self._loop = asyncio.get_running_loop()
        self._may_outlive = False
        """True while a method runs that is not cancelled with its connection."""
        self._running = False
        """True while a method runs."""
        self._given_up = False
        """True once the outcome of the running method is not noted, because the server shuts down."""
        self._waiting: set[asyncio.Task[None]] | None = set()
        """Tasks of repetitions that wait; None once closed."""

    async def handle(self, frame: Frame, method: Callable[..., Any]) -> None:
        """Run the method for a message, or answer a repetition with the outcome.

        Args:
            frame: Frame of the message.
            method: Method of the handler class. It takes the handler and the payload, if any.
        """
        if (early := self._state.refuse_early(frame)) is not None:
            await self._send(self._codec.encode_error(early, re=frame.id))
            return
        store, key = self._notes.store, self._notes.key(frame)
        try:
            found = await store.begin(key)
            if found is DeliveryState.RUNNING:
                await store.wait(key, HOLD_SECONDS)
                found = await store.begin(key)
        except BackplaneDown:
            await self._refuse(frame)
            return
        if isinstance(found, DeliveryOutcome):
            await self._answer(frame, found)
        elif found is DeliveryState.NEW:
            await self._run(frame, method, key)
        else:
            await self._wait_in_background(frame, key)

    def close(self) -> None:
        """Stop waiting for the outcomes of repetitions; the client repeats them on its next connection."""
        waiting, self._waiting = self._waiting, None
        self._wake = _ignore  # breaks a reference cycle, so that memory is freed immediately
        for task in waiting or ():
            task.cancel()

    def outlive(self) -> float:
        """Return the seconds until the running method is cancelled after the end of its connection.

        Returns:
            0.0 if no method runs, and at the second call for the same method.
        """
        if not self._may_outlive:
            return 0.0
        self._may_outlive = False
        return OUTLIVE_SECONDS

    def give_up(self) -> bool:
        """Do not note the outcome of the running method, so that another process handles the message again.

        Returns:
            True if a method runs, at the first call; then the caller must cancel it.
        """
        if not self._running or self._given_up:
            return False
        self._given_up, self._may_outlive = True, False
        return True

    async def _run(self, frame: Frame, method: Callable[..., Any], key: str) -> None:
        """Run the method for a message, note its outcome, and answer."""
        message, responder = frame.message, self._responder
        assert message is not None
        outcome: DeliveryOutcome | None = DeliveryOutcome(INTERNAL)
        failure: BaseException | None = None
        self._running = self._may_outlive = True
        try:
            result: Any = method(responder.target) if message.payload is None else method(responder.target, frame.data)
            await result
            outcome = DeliveryOutcome()
        except BaseException as error:
            if responder.is_expected(error):
                if program_ends() or self._given_up:
                    outcome = None  # another process handles the message again, as if this one had died
                raise
            outcome = DeliveryOutcome(data := responder.error_data(message.method, error))
            failure = error if data.code == INTERNAL.code else None
        finally:
            self._running = self._may_outlive = False
            if outcome is not None:
                self._notes.store.finish(key, outcome, limit=self._notes.limit)
        await self._answer(frame, outcome)
        if failure is not None:
            await responder.run_on_error(failure)

    async def _wait_in_background(self, frame: Frame, key: str) -> None:
        if self._waiting is None:
            return
        if len(self._waiting) >= MAX_WAITING:
            await self._refuse(frame)
            return
        self._state.not_handled(frame, NOT_HANDLED)
        task = self._loop.create_task(self._wait(frame, key), context=self._context.copy())
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def _wait(self, frame: Frame, key: str) -> None:
        """Wait for the outcome of a message, then handle its frame again."""
        try:
            await self._notes.store.wait(key, NOTE_SECONDS)
        except BackplaneDown:
            await self._refuse(frame)
            return
        self._state.inbox.insert(0, frame)
        self._wake()

    async def _refuse(self, frame: Frame) -> None:
        """Answer that a message was not handled."""
        self._state.not_handled(frame, NOT_HANDLED)
        await self._send(self._codec.encode_error(NOT_HANDLED, re=frame.id))

    async def _answer(self, frame: Frame, outcome: DeliveryOutcome) -> None:
        assert frame.id is not None
        if outcome.error is None:
            await self._send(self._codec.encode_ack(frame.id))
        else:
            await self._send(self._codec.encode_error(outcome.error, re=frame.id))

    async def _send(self, text: bytes) -> None:
        if (writable := self._connection.send_text(text)) is not None:
            await writable


def _ignore() -> None:
    pass
