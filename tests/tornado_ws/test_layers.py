"""Libraries that modules of the runtime may import."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.layers import imports, layer, modules, name

TORNADO = {"websocket", "server", "testing"}
"""Layers that may import Tornado."""
FILES = modules("tornado_ws")


@pytest.mark.parametrize("path", FILES, ids=name)
def test_only_outer_layers_import_tornado_and_one_module_redis(path: Path) -> None:
    libraries = {one.split(".")[0] for one in imports(path)}

    assert "tornado" not in libraries or layer(path) in TORNADO
    assert "redis" not in libraries or path.name == "redis_client.py"
    assert "pydantic" not in libraries or layer(path) == "models"
    assert "codegen" not in libraries
    assert "pytest" not in libraries or layer(path) == "testing"


@pytest.mark.parametrize("path", FILES, ids=name)
def test_no_module_imports_the_one_that_imports_pydantic(path: Path) -> None:
    assert not any(one.startswith("tornado_ws.models") for one in imports(path))
