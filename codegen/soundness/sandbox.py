"""Runs the types of a generated module where nobody sees them."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

__all__ = ["scratch"]

_numbers = itertools.count()


@contextmanager
def scratch(source: str) -> Iterator[ModuleType]:
    """Run ``source``, which we have written ourselves, as a module that is gone afterwards."""
    module = ModuleType(f"tornado_ws_codegen_scratch_{next(_numbers)}")
    sys.modules[module.__name__] = module  # annotations are looked up there
    try:
        exec(compile(source, f"<{module.__name__}>", "exec"), vars(module))
        yield module
    finally:
        del sys.modules[module.__name__]
