"""Generated clients of Python."""

import contextlib
from typing import assert_type

from generated.chat import ChatClient, ChatParams, ClientTyping, History, HistoryPage, Said, Say, Typing
from generated.export import ExportClient, Finished, Pause, Progress
from tests.golden.messages.python.desk import Confirm, DeskClient, DeskParams, Item, ItemCount, Pay, Rate, Search, Stock
from tornado_ws.client import ChannelResumed, ClientState


async def token() -> str:
    return ""


async def wrong_answer(confirm: Confirm) -> str:
    return ""


async def use() -> None:
    async with ChatClient("http://h", ChatParams(room="a", nick="b"), token=token, open_timeout=None) as chat:
        await chat.send(ClientTyping())
        await chat.deliver(Say(text="hi"), timeout=3)
        assert_type(await chat.request(History(limit=1), timeout=5), HistoryPage)
        assert_type(await anext(chat), Said | Typing)
        async for message in chat:
            match message:
                case Said():
                    assert_type(message, Said)
                case _:
                    assert_type(message, Typing)
        chat.on(Said, lambda said: print(said.nick))
        chat.on(ClientState, lambda state: print(state.status))
        chat.on(ChannelResumed, lambda event: print(event.recovered))()

        await chat.send(Say(text="hi"))  # E: [arg-type] Argument 1 to "send" of "ChatClient" has incompatible type "Say"; expected "ClientTyping"
        await chat.deliver(ClientTyping())  # E: [arg-type] Argument 1 to "deliver" of "ChatClient" has incompatible type "ClientTyping"; expected "Say"
        chat.stream(History())  # E: [attr-defined] "ChatClient" has no attribute "stream"
        chat.on(Say, print)  # E: [type-var] Value of type variable "_EventT" of "on" of "ChatClient" cannot be "Say"
        chat.on(Said, lambda said: print(said.text_))  # E: [attr-defined] "Said" has no attribute "text_"; maybe "text"?
        chat.send(ClientTyping())  # E: [unused-coroutine] Value of type "Coroutine[Any, Any, None]" must be used

    async with ExportClient("http://h/export", form={"room": "a"}, cookies=lambda: {"a": "b"}) as export:
        await export.send(Pause(True))
        assert_type([one async for one in export], list[Progress | Finished])

    async with DeskClient("http://h", lambda: DeskParams(name="ann")) as desk:
        await desk.send(Rate(1.5))
        await desk.deliver(Pay(item="nut", count=1))
        assert_type(await desk.request(ItemCount("nut")), int)
        async with contextlib.aclosing(desk.stream(Search(text="nut"))) as items:
            async for item in items:
                assert_type(item, Item)
        desk.answer(Confirm, lambda confirm: confirm.item == "nut")
        desk.answer(Confirm, wrong_answer)  # E: [arg-type] Argument 2 to "answer" of "DeskClient" has incompatible type "Callable[[Confirm], Coroutine[Any, Any, str]]"; expected "Callable[[Confirm], bool | Awaitable[bool]]"
        desk.on(Stock, lambda stock: print(stock.data))

    ChatClient("http://h", DeskParams(name="ann"))  # E: [arg-type] Argument 2 to "ChatClient" has incompatible type "DeskParams"; expected "ChatParams | Callable[[], ChatParams | Awaitable[ChatParams]]"
    ChatClient("http://h")  # E: [call-arg] Missing positional argument "params" in call to "ChatClient"
    ChatClient("http://h", ChatParams(room="a", nick="b"), tokens="a")  # E: [call-arg] Unexpected keyword argument "tokens" for "ChatClient"; did you mean "token"?
