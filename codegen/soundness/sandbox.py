"""Temporary modules that run generated types."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType

__all__ = ["temporary_module"]

NO_NAMES: Mapping[str, object] = {}

_numbers = itertools.count()


@contextmanager
def temporary_module(source: str, names: Mapping[str, object] = NO_NAMES) -> Iterator[ModuleType]:
    """Run generated code as a module with ``names``, and remove the module afterwards."""
    module = ModuleType(f"tornado_ws_codegen_sandbox_{next(_numbers)}")
    vars(module).update(names)
    sys.modules[module.__name__] = module  # msgspec resolves annotations there
    try:
        exec(compile(source, f"<{module.__name__}>", "exec"), vars(module))
        yield module
    finally:
        del sys.modules[module.__name__]
