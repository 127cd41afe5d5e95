"""Objects that the handler of one endpoint passes to another one, on a running server."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegen.emit.python import Models
from tests.codegen.support.package import run_all, write

REFERENCE = {"$ref": "common.json#/$defs/Order"}
FILES = {
    "common.json": {
        "$defs": {
            "Money": {
                "type": "object",
                "properties": {"amount": {"type": "integer", "minimum": 0}},
                "required": ["amount"],
            },
            "Order": {"type": "object", "properties": {"total": {"$ref": "#/$defs/Money"}}, "required": ["total"]},
        }
    },
    "shop.json": {
        "kind": "persistent",
        "path": "/shop",
        "clientMessages": {"buy": {"payload": REFERENCE, "reply": {"$ref": "common.json#/$defs/Money"}}},
    },
    "stock.json": {
        "kind": "persistent",
        "path": "/stock",
        "serverMessages": {"sold": {"payload": REFERENCE}, "money": {"payload": {"$ref": "common.json#/$defs/Money"}}},
    },
}


@pytest.mark.gen_test
@pytest.mark.parametrize("models", ["msgspec", "pydantic"])
async def test_object_of_one_endpoint_is_broadcast_by_another(app, sockets, connect, tmp_path: Path, models: Models):
    write(tmp_path, FILES, models=models)
    modules = run_all(tmp_path / "generated")
    shop, stock, shared = modules["shop"], modules["stock"], modules["shared"]

    class Stock(stock.StockHandler):
        pass

    class Shop(shop.ShopHandler):
        async def on_buy(self, buy):
            await sockets.broadcast(Stock, stock.Sold.of(buy))
            await sockets.broadcast(Stock, buy.total)
            return buy.total

    app.add_handlers(".*", [*sockets.persistent(Stock), *sockets.persistent(Shop)])
    order = shared.Order(total=shared.Money(amount=3))

    async with connect(Stock) as watcher, connect(Shop) as buyer:
        reply = await buyer.request(shop.Buy.of(order))

        assert order.total == reply
        assert stock.Sold.of(order) == await watcher.expect(stock.Sold)
        assert order.total == await watcher.expect(shared.Money)
