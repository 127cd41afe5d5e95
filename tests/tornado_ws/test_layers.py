"""Third-party libraries that modules of the runtime may import."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.layers import imports, layer, modules, name

ANY = frozenset({"msgspec", "jsonschema_rs", "typing_extensions", "mypy_extensions"})
"""Libraries for all modules."""
LAYERS = {
    "pydantic": {"models"},
    "pydantic_core": {"models"},
    "hypothesis": {"testing"},
    "pytest": {"testing"},
    "prometheus_client": {"prometheus"},
    "opentelemetry": {"opentelemetry"},
    "tornado": {"websocket", "http_server", "client", "server", "testing", "command", "prometheus", "opentelemetry"},
}
"""Layers that may import a library."""
DRIVERS = {"redis": {"tornado_ws.channels.redis.redis_driver", "tornado_ws.channels.redis.redis_failures"}}
"""Driver of a backplane, and the only modules that may import it."""
FILES = modules("tornado_ws")


@pytest.mark.parametrize("path", FILES, ids=name)
def test_module_imports_only_libraries_of_its_layer(path: Path) -> None:
    libraries = {one.split(".")[0] for one in imports(path)} - {"tornado_ws", "", *sys.stdlib_module_names}

    allowed = {library for library, layers in LAYERS.items() if layer(path) in layers}
    drivers = {driver for driver, users in DRIVERS.items() if name(path) in users}

    assert set() == libraries - ANY - allowed - drivers


@pytest.mark.parametrize("path", [path for path in FILES if layer(path) != "models"], ids=name)
def test_no_module_imports_the_pydantic_layer(path: Path) -> None:
    assert not any(one.startswith("tornado_ws.models") for one in imports(path))
