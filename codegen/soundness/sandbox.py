"""Temporary modules that run generated types."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType

import msgspec

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
        _resolve_annotations(module)
        yield module
    finally:
        del sys.modules[module.__name__]


def _resolve_annotations(module: ModuleType) -> None:
    """Replace the annotations in the structs of a module by their types, compiled together instead of one by one."""
    classes = [one for one in vars(module).values() if isinstance(one, type) and issubclass(one, msgspec.Struct)]
    annotations = [one.__annotations__ for one in classes if one.__module__ == module.__name__]
    texts = {text for found in annotations for text in found.values() if isinstance(text, str)}
    listed = sorted(texts)
    types = dict(zip(listed, eval(f"[{', '.join(listed)}]", vars(module)), strict=True))
    for found in annotations:
        found.update({name: types[text] for name, text in found.items() if isinstance(text, str)})
