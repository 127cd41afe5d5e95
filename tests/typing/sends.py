"""Messages and calls that the schema does not allow."""

from tornado.web import RequestHandler

from generated.chat import ChatHandler, ChatParams, History, HistoryPage, HistoryQuery, Line, Said, Say, Typing
from generated.export import ExportHandler, ExportTicket, Progress
from tornado_ws import WebSocketController

sockets = WebSocketController()


class Chat(ChatHandler):
    async def on_say(self, say: Line) -> None:
        await self.send(Typing(nick="ann"))
        await self.room("lobby").send(Typing(nick="ann"), exclude=[self], filter=lambda other: other.params.nick == "ann")
        await self.broadcast(Typing(nick="ann"), filter=lambda other: other.params.room == "lobby")
        again: Say = Say.of(say)
        print(again.text, History.of(HistoryQuery(limit=1)).limit, Say.of(again))

        Say.of(HistoryQuery(limit=1))  # E: [arg-type] Argument 1 to "of" of "Message" has incompatible type "HistoryQuery"; expected "Line"
        Say.of(text="hi")  # E: [call-arg] Unexpected keyword argument "text" for "of" of "Message"
        await self.send(Say(text="hi"))  # E: [arg-type] Argument 1 to "send" of "SocketHandler" has incompatible type "Say"; expected "Said | Typing"
        await self.send(HistoryPage(lines=[], more=False))  # E: [arg-type] Argument 1 to "send" of "SocketHandler" has incompatible type "HistoryPage"; expected "Said | Typing"
        await self.send({"type": "said"})  # E: [arg-type] Argument 1 to "send" of "SocketHandler" has incompatible type "dict[str, str]"; expected "Said | Typing"
        await self.room("lobby").send(say)  # E: [arg-type] Argument 1 to "send" of "Room" has incompatible type "Line"; expected "Said | Typing"
        await self.broadcast(say)  # E: [arg-type] Argument 1 to "broadcast" of "SocketHandler" has incompatible type "Line"; expected "Said | Typing"
        await self.broadcast(Typing(nick="ann"), filter=lambda other: other.params.name == "ann")  # E: [attr-defined] "ChatParams" has no attribute "name"
        await self.broadcast(Typing(nick="ann"), exclude=["ann"])  # E: [list-item] List item 0 has incompatible type "str"; expected "Member"
        await self.send(Said(nick="ann", text=1, at=""))  # E: [arg-type] Argument "text" to "Said" has incompatible type "int"; expected "str"
        await self.send(Said(nick="ann", text="hi"))  # E: [call-arg] Missing named argument "at" for "Said"
        await self.send(Said("ann", "hi", ""))  # E: [call-arg] Too many positional arguments for "Said"
        await self.send(Typing(nik="ann"))  # E: [call-arg] Unexpected keyword argument "nik" for "Typing"; did you mean "nick"?
        self.send(Typing(nick="ann"))  # E: [unused-coroutine] Value of type "Coroutine[Any, Any, None]" must be used
        page: Said = await self.send_request(History(limit=1))  # E: [arg-type] Argument 1 to "send_request" of "SocketHandler" has incompatible type "History"; expected "ServerRequest[Said, Chat]"

    async def on_typing(self) -> None:
        self.write_message("hi")  # E: [arg-type] Argument 1 to "write_message" of "SocketHandler" has incompatible type "str"; expected "Never"

    async def on_history(self, history: HistoryQuery) -> HistoryPage:
        return HistoryPage(lines=[], more=False)


class Export(ExportHandler):
    async def on_pause(self, pause: bool) -> None:
        print(self.ticket.report)  # E: [attr-defined] "ExportTicket" has no attribute "report"


async def from_anywhere(request_handler: RequestHandler) -> None:
    said = Said(nick="", text="", at="")
    await sockets.broadcast(Chat, said, filter=lambda other: other.params.room == "lobby")
    await sockets.room(Chat, "lobby").send(said)
    await sockets.send_to(Chat, "id", said)
    await sockets.use(request_handler, Export, ExportTicket(room="lobby"))
    await sockets.use(request_handler, Chat, ChatParams(room="lobby", nick="ann"))

    await sockets.broadcast(Chat, Say(text="hi"))  # E: [arg-type] Argument 2 to "broadcast" of "WebSocketController" has incompatible type "Say"; expected "Said | Typing"
    await sockets.broadcast(Export, said)  # E: [arg-type] Argument 2 to "broadcast" of "WebSocketController" has incompatible type "Said"; expected "Progress | Finished"
    await sockets.room(Chat, "lobby").send(Progress(done=1, total=2))  # E: [arg-type] Argument 1 to "send" of "Room" has incompatible type "Progress"; expected "Said | Typing"
    await sockets.send_to(Chat, "id", Say(text="hi"))  # E: [arg-type] Argument 3 to "send_to" of "WebSocketController" has incompatible type "Say"; expected "Said | Typing"
    await sockets.use(request_handler, Export, said)  # E: [arg-type] Argument 3 to "use" of "WebSocketController" has incompatible type "Said"; expected "ExportTicket"
    await sockets.use(request_handler, Export)  # E: [call-arg] Too few arguments for "use" of "WebSocketController"
