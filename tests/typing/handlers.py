"""Handlers that do not match the schema."""

from typing import final

from typing_extensions import override

from generated.chat import ChatHandler, HistoryPage, HistoryQuery, Line, Said
from generated.export import ExportAction, ExportHandler, ExportTicket
from tornado_ws import WebSocketController


class Incomplete(ChatHandler):
    async def on_say(self, say: Line) -> None: ...

    async def on_history(self, history: HistoryQuery) -> HistoryPage:
        return HistoryPage(lines=[], more=False)


class IncompleteExport(ExportHandler): ...


class IncompleteAction(ExportAction): ...


class WrongTicket(ExportAction):
    async def make_ticket(self, room: str) -> Said:  # E: [override] Signature of "make_ticket" incompatible with supertype "tornado_ws.server.action.Action"
        return Said(nick="", text="", at="")


class Right(ExportAction):
    async def make_ticket(self, room: str) -> ExportTicket:
        return ExportTicket(room=room)


sockets = WebSocketController()
sockets.persistent(Incomplete)  # E: [type-abstract] Only concrete class can be given where "type[Incomplete]" is expected
sockets.ephemeral(IncompleteExport)  # E: [type-abstract] Only concrete class can be given where "type[IncompleteExport]" is expected
sockets.action("/export", IncompleteAction)  # E: [type-abstract] Only concrete class can be given where "type[IncompleteAction]" is expected
sockets.action("/export", Right)


@final
class Sealed(ChatHandler):  # E: [misc] Final class tests.typing.handlers.Sealed has abstract attributes "on_typing"
    async def on_say(self, say: Line) -> None: ...

    async def on_history(self, history: HistoryQuery) -> HistoryPage:
        return HistoryPage(lines=[], more=False)


class WrongParameter(ChatHandler):
    async def on_say(self, say: HistoryQuery) -> None: ...  # E: [override] Argument 1 of "on_say" is incompatible with supertype "generated.chat.ChatHandler"; supertype defines the argument type as "Line"


class WrongReply(ChatHandler):
    async def on_history(self, history: HistoryQuery) -> Said:  # E: [override] Return type "Coroutine[Any, Any, Said]" of "on_history" incompatible with return type "Coroutine[Any, Any, HistoryPage]" in supertype "generated.chat.ChatHandler"
        return Said(nick="", text="", at="")


class NoReply(ChatHandler):
    async def on_history(self, history: HistoryQuery) -> HistoryPage:  # E: [return] Missing return statement
        await self.send(Said(nick="", text="", at=""))


class NotAsync(ChatHandler):
    def on_typing(self) -> None: ...  # E: [override] Return type "None" of "on_typing" incompatible with return type "Coroutine[Any, Any, None]" in supertype "generated.chat.ChatHandler"


class Misspelled(ChatHandler):
    @override
    async def on_sey(self, say: Line) -> None: ...  # E: [misc] Method "on_sey" is marked as an override, but no base method was found with this name


class WrongField(ChatHandler):
    async def on_say(self, say: Line) -> None:
        print(say.txt)  # E: [attr-defined] "Line" has no attribute "txt"; maybe "text"?
        say.text = "changed"  # E: [misc] Property "text" defined in "Line" is read-only
        print(self.params.rom)  # E: [attr-defined] "ChatParams" has no attribute "rom"; maybe "room"?


class Bypass(ChatHandler):
    async def on_message(self, message: str | bytes) -> None: ...  # E: [misc] Cannot override final attribute "on_message" (previously declared in base class "SocketHandler")


class WrongHook(ChatHandler):
    async def on_disconnect(self) -> None: ...  # E: [override] Signature of "on_disconnect" incompatible with supertype "tornado_ws.server.handler.SocketHandler"
