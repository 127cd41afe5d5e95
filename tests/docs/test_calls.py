"""Example of the page about requests that run side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import ModuleType
from typing import TypeAlias

import pytest

from tornado_ws.testing import serving

Example: TypeAlias = Callable[[str, str], tuple[ModuleType, ModuleType]]


@pytest.mark.gen_test
async def test_handler_of_the_page_answers_questions_side_by_side(load_example: Example) -> None:
    generated, program = load_example("calls.md", "assistant")
    order: list[str] = []

    async def ask(client: object, question: str) -> None:
        order.append(await client.request(generated.Ask(question)))  # type: ignore[attr-defined]

    async with serving(program.make()) as connect, connect(generated.ASSISTANT) as client:
        client.answer(generated.Confirm, lambda confirm: "secret" not in confirm.data)
        await client.send(generated.Remember("nuts are sold out"))
        await asyncio.gather(*(ask(client, question) for question in ("why?", "a secret?")))

    assert ["not sent", "why?: nuts are sold out"] == order
    assert (4, 30.0) == (generated.ASSISTANT.client[1].concurrent, generated.ASSISTANT.client[1].timeout)
