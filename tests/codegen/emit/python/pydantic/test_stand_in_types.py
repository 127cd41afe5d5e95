"""Types of generated code with models of an application, for mypy and pyright."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ....support.generated import ROOT
from ....support.package import lint, write

MODELS = """
from datetime import datetime

from pydantic import BaseModel, Field


class Order(BaseModel):
    id: int
    made_at: datetime = Field(alias="madeAt")

    def age(self) -> int:
        return self.id


class Line(BaseModel, frozen=True):
    sku: str
"""
HANDLERS = """
import typing

from app.models import Line, Order
from generated.shared import Order as SharedOrder
from generated.shop import Any, Cart, Changed, List, Row, ServerMessage, ShopHandler


class Shop(ShopHandler):
    async def on_find(self, find: Order, /) -> Order:
        typing.assert_type(find, SharedOrder)
        message: ServerMessage = Changed.of(find)
        await self.send(message)
        await self.broadcast(List([find]))
        await self.send(Any.of(find))
        Changed.of(Line(sku="a"))  # E
        await self.send(find)  # E
        typing.assert_type(Changed.of(find).data, Order)
        return find

    async def on_cart(self, cart: Cart, /) -> None:
        typing.assert_type(cart.orders, list[Order])
        typing.assert_type(cart.row, Line)
        Cart(orders=[cart.orders[0].age()], row=Row(sku="a"))  # E
"""
ORDER = {
    "type": "object",
    "properties": {"id": {"type": "integer"}, "madeAt": {"type": "string", "format": "date-time"}},
    "required": ["id", "madeAt"],
    "x-python": "app.models:Order",
}
REFERENCE = {"$ref": "common.json#/$defs/Order"}
FILES: dict[str, Any] = {
    "common.json": {"$defs": {"Order": ORDER}},
    "shop.json": {
        "kind": "persistent",
        "path": "/shop",
        "clientMessages": {
            "find": {"payload": REFERENCE, "reply": REFERENCE},
            "cart": {"payload": {"$ref": "#/$defs/Cart"}},
        },
        "serverMessages": {
            "changed": {"payload": REFERENCE},
            "list": {"payload": {"type": "array", "items": REFERENCE}},
            "any": {"payload": {"anyOf": [REFERENCE, {"$ref": "#/$defs/Cart"}, {"type": "string"}]}},
        },
        "$defs": {
            "Cart": {
                "type": "object",
                "properties": {"orders": {"type": "array", "items": REFERENCE}, "row": {"$ref": "#/$defs/Row"}},
                "required": ["orders", "row"],
            },
            "Row": {
                "type": "object",
                "properties": {"sku": {"type": "string"}},
                "required": ["sku"],
                "x-python": "app.models:Line",
            },
        },
    },
}


@pytest.mark.slow
def test_type_checkers_know_the_classes_of_the_application(tmp_path: Path) -> None:
    write(tmp_path, FILES, models="pydantic", python_models=("app.models",))
    for name, text in (("app/__init__.py", ""), ("app/models.py", MODELS), ("handlers.py", HANDLERS)):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    expected = [number for number, line in enumerate(HANDLERS.splitlines(), 1) if "# E" in line]
    lint(tmp_path / "generated", ignore="I001")  # here, tornado_ws is the project, and app a package of others
    mypy = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--hide-error-context", "handlers.py"]
    pyright = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable]

    checked = subprocess.run(
        mypy, cwd=tmp_path, env={"MYPYPATH": f"{tmp_path}:{ROOT}"}, capture_output=True, text=True, check=False
    )
    settings = {"extraPaths": [str(ROOT)], "include": ["."], "strict": ["generated"]}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    report = subprocess.run(pyright, cwd=tmp_path, capture_output=True, text=True, check=False)

    lines = [line for line in checked.stdout.splitlines() if ": error:" in line]
    assert [("handlers.py", number) for number in expected] == [
        (line.split(":")[0], int(line.split(":")[1])) for line in lines
    ], checked.stdout
    errors = [item for item in json.loads(report.stdout)["generalDiagnostics"] if item["severity"] == "error"]
    assert expected == sorted({item["range"]["start"]["line"] + 1 for item in errors}), report.stdout
