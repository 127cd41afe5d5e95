"""Example of the page about streams."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import ModuleType
from typing import TypeAlias

import pytest
from tornado.web import Application

from tests.docs.pages import ROOT, blocks
from tornado_ws import WebSocketController
from tornado_ws.testing import serving

Example: TypeAlias = Callable[[str, str], tuple[ModuleType, ModuleType]]


@pytest.mark.gen_test
async def test_handler_of_the_page_streams_its_items(load_example: Example) -> None:
    generated, program = load_example("streams.md", "logs")

    async with serving(program.make()) as connect, connect(generated.LOGS) as client:
        texts = [entry.text async for entry in client.stream(generated.Follow(job="a"))]

    rest = [entry async for entry in program.Logs.on_follow(None, generated.Follow(job="a"), resume=1)]
    assert program.LOG == texts
    assert [(2, "working"), (3, "done")] == [(entry.line, entry.text) for entry in rest]


@pytest.mark.gen_test
async def test_test_of_the_page_passes(load_example: Example) -> None:
    generated, program = load_example("streams.md", "logs")
    names = {**vars(program), **vars(generated), "asyncio": asyncio, "pytest": pytest}
    exec(blocks(ROOT / "docs/how-to/streams.md", "py")[-1].text, names)
    app = Application(list(WebSocketController().persistent(names["Slow"])))

    async with serving(app) as connect:
        await names["test_log_goes_on_after_a_lost_connection"](int(connect.origin.rpartition(":")[2]))
