"""Requests of the server, with messages of a generated module."""

from typing import Any, assert_type

from generated.chat import ChatHandler, History, Said
from tests.golden.messages.python.desk import Confirm, DeskHandler, ItemCount, Stock
from tornado_ws.server.handler import SocketHandler


async def ask(desk: DeskHandler, chat: ChatHandler, any_handler: SocketHandler[Any]) -> None:
    confirm = Confirm(item="nut", count=1)
    assert_type(await desk.send_request(confirm), bool)
    assert_type(await desk.send_request(confirm, timeout=0.5), bool)

    text: str = await desk.send_request(confirm)  # E: [arg-type] Argument 1 to "send_request" of "SocketHandler" has incompatible type "Confirm"; expected "ServerRequest[str, DeskHandler]"
    await chat.send_request(confirm)  # E: [arg-type] Argument 1 to "send_request" of "SocketHandler" has incompatible type "Confirm"; expected "ServerRequest[bool, ChatHandler]"
    await any_handler.send_request(confirm)  # E: [arg-type] Argument 1 to "send_request" of "SocketHandler" has incompatible type "Confirm"; expected "ServerRequest[bool, SocketHandler[Any]]"
    await desk.send_request(ItemCount("nut"))  # E: [arg-type] Argument 1 to "send_request" of "SocketHandler" has incompatible type "ItemCount"; expected "ServerRequest[Never, DeskHandler]"
    await desk.send_request(Stock([]))  # E: [arg-type] Argument 1 to "send_request" of "SocketHandler" has incompatible type "Stock"; expected "ServerRequest[Never, DeskHandler]"
    await chat.send_request(History(limit=1))  # E: [arg-type] Argument 1 to "send_request" of "SocketHandler" has incompatible type "History"; expected "ServerRequest[Never, ChatHandler]"
    await chat.send_request(Said(nick="", text="", at=""))  # E: [arg-type] Argument 1 to "send_request" of "SocketHandler" has incompatible type "Said"; expected "ServerRequest[Never, ChatHandler]"
    desk.send_request(confirm)  # E: [unused-coroutine] Value of type "Coroutine[Any, Any, bool]" must be used
    await desk.send(confirm)  # E: [arg-type] Argument 1 to "send" of "SocketHandler" has incompatible type "Confirm"; expected "Item | Stock | Name | Closed"
    print(text)
