"""Temporary modules with generated types."""

from __future__ import annotations

import sys

import pytest

from codegen.soundness.sandbox import temporary_module


def test_module_is_importable_while_it_is_used() -> None:
    with temporary_module("x = 1") as module:
        assert 1 == module.x
        assert sys.modules[module.__name__] is module

    assert module.__name__ not in sys.modules


def test_module_is_removed_after_an_error() -> None:
    before = {*sys.modules}

    with pytest.raises(ZeroDivisionError), temporary_module("1 / 0"):
        pass

    assert before == {*sys.modules}
