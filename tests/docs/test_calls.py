"""Example of the page about requests that run side by side."""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from codegen.pipeline import generate
from codegen.settings.project_settings import read_settings
from tests.docs.pages import ROOT, blocks
from tornado_ws.testing import serving

PAGE = ROOT / "docs/how-to/calls.md"


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[ModuleType, ModuleType]]:
    """Generated module, and the program of the page."""
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas/assistant.json").write_text(blocks(PAGE, "json")[0].text, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text('[tool.tornado-ws]\npython = "page_generated"\n', encoding="utf-8")
    generate(read_settings(tmp_path))
    program = blocks(PAGE, "py")[0].text.replace("from generated", "from page_generated")
    (tmp_path / "page_program.py").write_text(program, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("page_generated.assistant"), importlib.import_module("page_program")
    for name in [name for name in sys.modules if name.startswith("page_")]:
        del sys.modules[name]


@pytest.mark.gen_test
async def test_handler_of_the_page_answers_questions_side_by_side(example: tuple[ModuleType, ModuleType]) -> None:
    generated, program = example
    order: list[str] = []

    async def ask(client: object, question: str) -> None:
        order.append(await client.request(generated.Ask(question)))  # type: ignore[attr-defined]

    async with serving(program.make()) as connect, connect(generated.ASSISTANT) as client:
        client.answer(generated.Confirm, lambda confirm: "secret" not in confirm.data)
        await client.send(generated.Remember("nuts are sold out"))
        await asyncio.gather(*(ask(client, question) for question in ("why?", "a secret?")))

    assert ["not sent", "why?: nuts are sold out"] == order
    assert (4, 30.0) == (generated.ASSISTANT.client[1].concurrent, generated.ASSISTANT.client[1].timeout)
