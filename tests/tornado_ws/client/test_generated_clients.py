"""Generated clients with generated handlers, with the classes of msgspec and of Pydantic."""

from __future__ import annotations

from typing import Any

import pytest

from tests.golden.messages.models import desk as pydantic_desk
from tests.golden.messages.python import desk as msgspec_desk


def handler_of(desk: Any) -> Any:
    """Return a handler of the module of an endpoint."""

    class Desk(desk.DeskHandler):  # type: ignore[misc]
        async def on_order(self, order: Any, /) -> None:
            await self.send(desk.Stock([desk.Item(name=order.item)]))

        async def on_cancel_all(self) -> None: ...

        async def on_pay(self, pay: Any, /) -> None:
            await self.send(desk.Stock([desk.Item(name=str(await self.send_request(desk.Confirm.of(pay))))]))

        async def on_item_count(self, item_count: Any, /) -> Any:
            return 3

        async def on_search(self, search: Any, /, *, resume: str | None) -> Any:
            yield desk.Item(name=search.text)

        async def on_rate(self, rate: float, /) -> None:
            await self.send(desk.Stock([desk.Item(name=str(rate))]))

        async def on_note(self, note: Any, /) -> None: ...

        async def on_stock(self, stock: Any, /) -> None: ...

    return Desk


@pytest.mark.parametrize("desk", [msgspec_desk, pydantic_desk], ids=["msgspec", "pydantic"])
@pytest.mark.gen_test
async def test_generated_client_talks_to_the_generated_handler(serve, desk):
    params = desk.DeskParams(name="a b", page=2)
    async with serve(handler_of(desk)).running() as server, desk.DeskClient(server.url, params) as client:
        client.answer(desk.Confirm, lambda confirm: isinstance(confirm, desk.Confirm) and confirm.item == "nut")
        await client.send(desk.Rate(1.5))
        assert desk.Stock([desk.Item(name="1.5")]) == await anext(client)
        await client.deliver(desk.Pay(item="nut", count=1))
        assert desk.Stock([desk.Item(name="True")]) == await anext(client)
        assert 3 == await client.request(desk.ItemCount("nut"))
        assert [desk.Item(name="x")] == [item async for item in client.stream(desk.Search(text="x"))]
