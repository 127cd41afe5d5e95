"""Example of the page about streams."""

from __future__ import annotations

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

PAGE = ROOT / "docs/how-to/streams.md"


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[ModuleType, ModuleType]]:
    """Generated module, and the program of the page."""
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas/logs.json").write_text(blocks(PAGE, "json")[0].text, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text('[tool.tornado-ws]\npython = "page_generated"\n', encoding="utf-8")
    generate(read_settings(tmp_path))
    program = blocks(PAGE, "py")[0].text.replace("from generated", "from page_generated")
    (tmp_path / "page_program.py").write_text(program, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("page_generated.logs"), importlib.import_module("page_program")
    for name in [name for name in sys.modules if name.startswith("page_")]:
        del sys.modules[name]


@pytest.mark.gen_test
async def test_handler_of_the_page_streams_its_items(example: tuple[ModuleType, ModuleType]) -> None:
    generated, program = example

    async with serving(program.make()) as connect, connect(generated.LOGS) as client:
        texts = [entry.text async for entry in client.stream(generated.Follow(job="a"))]

    rest = [entry async for entry in program.Logs.on_follow(None, generated.Follow(job="a"), resume=1)]
    assert program.LOG == texts
    assert [(2, "working"), (3, "done")] == [(entry.line, entry.text) for entry in rest]
