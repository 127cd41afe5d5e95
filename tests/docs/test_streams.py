"""Example of the page about streams."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import TypeAlias

import pytest

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
