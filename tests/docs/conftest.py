"""Fixtures of the tests of the documentation."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from codegen.pipeline import generate
from codegen.settings.project_settings import read_settings
from tests.docs.pages import ROOT, blocks
from tests.support.chromium import browser

__all__ = ["browser"]


@pytest.fixture
def load_example(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str, str], tuple[ModuleType, ModuleType]]]:
    """Return a function that generates the first schema of a guide, and imports its module and the first program.

    Args:
        page: Name of the guide, such as ``streams.md``.
        endpoint: Name of the endpoint.
    """

    def load(page: str, endpoint: str) -> tuple[ModuleType, ModuleType]:
        path = ROOT / "docs/how-to" / page
        (tmp_path / "schemas").mkdir()
        (tmp_path / f"schemas/{endpoint}.json").write_text(blocks(path, "json")[0].text, encoding="utf-8")
        (tmp_path / "pyproject.toml").write_text('[tool.tornado-ws]\npython = "page_generated"\n', encoding="utf-8")
        generate(read_settings(tmp_path))
        program = blocks(path, "py")[0].text.replace("from generated", "from page_generated")
        (tmp_path / "page_program.py").write_text(program, encoding="utf-8")
        monkeypatch.syspath_prepend(tmp_path)
        return importlib.import_module(f"page_generated.{endpoint}"), importlib.import_module("page_program")

    yield load
    for name in [name for name in sys.modules if name.startswith("page_")]:
        del sys.modules[name]
