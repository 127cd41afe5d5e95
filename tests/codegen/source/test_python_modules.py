"""Names that a Python module defines."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegen.source.python_modules import find_module


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("class A:\n    class B: ...\n", {"A"}),
        ("import a.b, c as d\nfrom e import f as g, h", {"a", "d", "g", "h"}),
        ("x, (y, z) = 1, (2, 3)\ndef f(): w = 1", {"x", "y", "z"}),
        ("if a:\n    class B: ...\nelse:\n    C = 1", {"B", "C"}),
        ("try:\n    import a\nexcept ImportError:\n    class B: ...\nfinally:\n    C = 1", {"a", "B", "C"}),
    ],
)
def test_names_of_the_module_are_found(text: str, classes: set[str], tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text(text, encoding="utf-8")

    module = find_module("models", tmp_path)

    assert module is not None
    assert classes == module.classes
    assert not module.is_dynamic


def test_module_of_the_standard_library_is_found_on_the_path(tmp_path: Path) -> None:
    module = find_module("json.decoder", tmp_path)

    assert module is not None
    assert module.has_class("JSONDecoder")
    assert not module.has_class("Missing")


def test_module_inside_a_module_is_unknown(tmp_path: Path) -> None:
    assert find_module("os.path", tmp_path) is None
    assert find_module("no_such_package.models", tmp_path) is None
