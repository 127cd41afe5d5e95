"""Presence with metadata of the endpoint's class."""

from collections.abc import Mapping, Sequence
from typing import assert_type

from generated.chat import Line
from generated.export import ExportHandler
from tests.golden.messages.python.ticket import TicketHandler, TicketPresence
from tornado_ws import WebSocketController


class Ticket(TicketHandler):
    async def on_connect(self) -> None:
        await self.track(TicketPresence(name="ann"))
        await self.track(TicketPresence(name="ann"), room="a", key="ann")
        await self.untrack(room="a")
        assert_type(self.present(), Mapping[str, Sequence[TicketPresence]])
        assert_type(self.room("a").present(), Mapping[str, Sequence[TicketPresence]])

        await self.track(Line(text="hi"))  # E: [arg-type] Argument 1 to "track" of "PresenceHandler" has incompatible type "Line"; expected "TicketPresence"
        await self.track("ann")  # E: [arg-type] Argument 1 to "track" of "PresenceHandler" has incompatible type "str"; expected "TicketPresence"
        self.track(TicketPresence(name="ann"))  # E: [unused-coroutine] Value of type "Coroutine[Any, Any, None]" must be used


async def present(sockets: WebSocketController, export: ExportHandler) -> None:
    assert_type(sockets.room(Ticket, "a").present(), Mapping[str, Sequence[TicketPresence]])
    export.room("a").present()  # E: [misc] Invalid self argument "Room[ExportHandler, Progress | Finished]" to attribute function "present" with type "Callable[[Room[Tracking[PresenceT], Any]], Mapping[str, Sequence[PresenceT]]]"
    await export.track(Line(text="hi"))  # E: [attr-defined] "ExportHandler" has no attribute "track"
