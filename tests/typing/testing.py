"""Each method of the client for tests, with messages of a generated module."""

from collections.abc import Mapping, Sequence
from typing import Any, assert_type

from tests.golden.messages.python.desk import DESK, Confirm, DeskHandler, DeskParams, Item, ItemCount, Order, Pay, Rate, Search, Stock
from tornado_ws import ErrorData
from tornado_ws.channels import Position
from tornado_ws.testing import Connect


async def wrong_answer(order: Order) -> str:
    return order.item


async def use(connect: Connect, connection: DeskHandler, position: Position) -> None:
    async with connect(DESK, DeskParams(name="ann")) as ann:
        await ann.send(Rate(1.5))
        await ann.send_text("{}")
        await ann.send_binary(b"")
        await ann.deliver(Pay(item="nut", count=1), id=1, timeout=2)
        assert_type(await ann.request(ItemCount("nut"), timeout=2), int)
        assert_type([item async for item in ann.stream(Search(text="nut"))], list[Item])
        async for item in ann.stream(Search(text="nut")):
            print(item.name)
        await ann.stream(Search(text="nut")).aclose()
        ann.answer(Confirm, lambda order: order.item == "nut")

        assert_type(await ann.expect(Stock, timeout=2), Stock)
        assert_type(await ann.expect_error("internal", timeout=2), ErrorData)
        assert_type((await ann.expect_close(1000, timeout=2)).code, int | None)
        await ann.expect_nothing(0.1)
        assert_type(await ann.ping(), int)
        assert_type((await ann.joined(2)).position, Position)
        assert_type(await ann.resume(position, ch=1), bool)
        assert_type((await ann.start_resume(position)).ch, int)
        assert_type(ann.presence, Mapping[str, Sequence[Any]])
        assert_type(await ann.expect_presence("ann", "bob"), Mapping[str, Sequence[Any]])
        assert_type(ann.positions, dict[str, Position])
        assert_type(ann.is_client_of(connection), bool)
        assert_type(ann.subprotocol, str | None)
        ann.pause_reading()
        ann.resume_reading()
        ann.close(1000, "done")
        ann.abort()
        if ann.closed is not None:
            assert_type(ann.closed.reason, str | None)

        ann.send(Rate(1.5))  # E: [unused-coroutine] Value of type "Coroutine[Any, Any, None]" must be used
        await ann.request(Search(text="nut"))  # E: [arg-type] Argument 1 to "request" of "Client" has incompatible type "Search"; expected "Request[Never]"
        ann.stream(ItemCount("nut"))  # E: [arg-type] Argument 1 to "stream" of "Client" has incompatible type "ItemCount"; expected "Stream[Never]"
        await ann.stream(Search(text="nut"))  # E: [misc] Incompatible types in "await" (actual type "AsyncGenerator[Item, None]", expected type "Awaitable[Any]")
        ann.answer(Confirm, wrong_answer)  # E: [arg-type] Argument 2 to "answer" of "Client" has incompatible type "Callable[[Order], Coroutine[Any, Any, str]]"; expected "Callable[[Any], bool | Awaitable[bool]]"
        ann.answer(Stock, lambda name: True)  # E: [arg-type] Argument 1 to "answer" of "Client" has incompatible type "type[Stock]"; expected "type[ServerRequest[bool, Any]]"
        await ann.send_text(1)  # E: [arg-type] Argument 1 to "send_text" of "Client" has incompatible type "int"; expected "str | bytes"
        await ann.expect(Stock([]))  # E: [arg-type] Argument 1 to "expect" of "Client" has incompatible type "Stock"; expected "type[Never]"
        print((await ann.expect(Stock)).items)  # E: [attr-defined] "Stock" has no attribute "items"
