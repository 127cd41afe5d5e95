"""Example of the page about errors of the application."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import TypeAlias

import pytest

from tornado_ws import RequestFailed

Example: TypeAlias = Callable[[str, str], tuple[ModuleType, ModuleType]]


@pytest.mark.gen_test
async def test_handler_of_the_page_answers_with_its_errors(app, sockets, connect, load_example: Example):
    generated, program = load_example("errors.md", "shop")
    app.add_handlers(".*", sockets.persistent(program.Shop))

    async with connect(generated.SHOP) as ann:
        with pytest.raises(generated.OutOfStock, match="too few items") as refused:
            await ann.request(generated.Order(item="nut", count=9))
        assert refused.value.data.left == 3
        assert 3 == await ann.request(generated.Order(item="nut", count=3))

        with pytest.raises(RequestFailed, match="invalid_message"):
            await ann.request(generated.Order(item="nut", count=0))
