"""Classes of the errors of the application, in both kinds of models."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tornado_ws.validation.codec import Codec

from ...support.generated import ROOT
from ...support.package import endpoint, module, pyright, write

LEFT = {
    "type": "object",
    "properties": {
        "left": {"type": "integer", "minimum": 0},
        "message": {"type": "string"},
        "again": {"type": "boolean", "default": True},
        "kind": {"const": "few"},
    },
    "required": ["left", "kind"],
    "additionalProperties": False,
}
SHOP: dict[str, Any] = {
    "kind": "persistent",
    "path": "/shop",
    "errors": {"shop_closed": {"description": "The shop is closed.", "retryable": True}},
    "clientMessages": {
        "order": {
            "payload": {"type": "string"},
            "reply": {"type": "integer"},
            "errors": {
                "few_left": {"data": LEFT},
                "bad_ids": {"data": {"type": "array", "items": {"type": "integer"}}},
            },
        },
        "note": {"payload": {"type": "string"}, "errors": {"muted": {"data": {"$ref": "#/$defs/Muted"}}}},
    },
    "$defs": {"Muted": {"type": "object", "properties": {"until": {"type": "string"}}, "required": ["until"]}},
}
MODELS = pytest.mark.parametrize("models", ["msgspec", "pydantic"])


@pytest.fixture
def shop(tmp_path: Path, models: Any) -> Any:
    return module(tmp_path, {"test.json": SHOP}, models=models)


@MODELS
def test_constructor_takes_the_properties_of_the_data(shop: Any) -> None:
    error, errors = shop.FewLeft("only few", left=3, message="m"), Codec(endpoint(shop)).application_errors

    data = errors.error_data(errors.find("order", error), error)

    assert {"kind": "few", "left": 3, "message": "m", "again": True} == json.loads(bytes(data.data)) | {"again": True}
    assert ("few_left", "only few", False) == (data.code, data.message, data.retryable)


@MODELS
def test_other_data_is_one_argument(shop: Any) -> None:
    error, errors = shop.BadIds(data=[1, 2]), Codec(endpoint(shop)).application_errors

    data = errors.error_data(errors.find("order", error), error)

    assert ("bad ids", b"[1,2]") == (data.message, bytes(data.data))


@MODELS
def test_each_message_declares_its_own_errors_and_those_of_the_endpoint(shop: Any) -> None:
    errors = Codec(endpoint(shop)).application_errors

    assert ("shop_closed", "few_left", "bad_ids") == errors.codes("order")
    assert ("shop_closed", "muted") == errors.codes("note")
    assert [True, False] == [error.cls.retryable for error in endpoint(shop).errors_of("note")]


USES = """
from generated.test import BadIds, FewLeft, Muted, ShopClosed, TestHandler


class Shop(TestHandler):
    async def on_order(self, order: str, /) -> int | FewLeft:
        if order == "few":
            return FewLeft(left=3)
        raise BadIds(data=[1]).retry_after(3)

    async def on_note(self, note: str, /) -> None:
        raise Muted("quiet", until=note)


class Wrong(TestHandler):
    async def on_order(self, order: str, /) -> int | Muted:  # override
        if order == "few":
            return ShopClosed()  # return
        raise FewLeft(lft=3)  # property

    async def on_note(self, note: str, /) -> None:
        try:
            raise Muted()  # required
        except Muted as error:
            error.data.untill  # attribute
"""


@pytest.mark.slow
@MODELS
def test_type_checkers_find_errors_of_other_messages_and_wrong_data(tmp_path: Path, models: Any) -> None:
    write(tmp_path, {"test.json": SHOP}, models=models)
    (uses := tmp_path / "uses.py").write_text(USES)
    wrong = {number for number, line in enumerate(USES.splitlines(), 1) if "  # " in line}

    cache = ("--cache-dir", str(ROOT / ".mypy_cache"))
    options = ("--strict", "--no-error-summary", "--config-file", str(ROOT / "pyproject.toml"), *cache)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, "uses.py"],
        cwd=tmp_path,
        env={"MYPYPATH": f"{tmp_path}:{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )

    errors = [line for line in done.stdout.splitlines() if " error: " in line]
    assert wrong == {int(line.split(":")[1]) for line in errors}, done.stdout + done.stderr
    assert wrong == {error.line for error in pyright(tmp_path, [], others=[uses])}
