"""Example of the page about errors of the application."""

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
from tornado_ws import RequestFailed

PAGE = ROOT / "docs/how-to/errors.md"


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[ModuleType, ModuleType]]:
    """Generated module, and the handler of the page."""
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas/shop.json").write_text(blocks(PAGE, "json")[0].text, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text('[tool.tornado-ws]\npython = "errors_generated"\n', encoding="utf-8")
    generate(read_settings(tmp_path))
    program = blocks(PAGE, "py")[0].text.replace("from generated", "from errors_generated")
    (tmp_path / "errors_program.py").write_text(program, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("errors_generated.shop"), importlib.import_module("errors_program")
    for name in [name for name in sys.modules if name.startswith("errors_")]:
        del sys.modules[name]


@pytest.mark.gen_test
async def test_handler_of_the_page_answers_with_its_errors(app, sockets, connect, example):
    generated, program = example
    app.add_handlers(".*", sockets.persistent(program.Shop))

    async with connect(generated.SHOP) as ann:
        with pytest.raises(generated.OutOfStock, match="too few items") as refused:
            await ann.request(generated.Order(item="nut", count=9))
        assert refused.value.data.left == 3
        assert 3 == await ann.request(generated.Order(item="nut", count=3))

        with pytest.raises(RequestFailed, match="invalid_message"):
            await ann.request(generated.Order(item="nut", count=0))
