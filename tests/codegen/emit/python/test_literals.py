"""Python literals, comments and docstrings of any text."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegen.emit.python.literals import comment, docstring, json_document, literal
from codegen.emit.python.python_printer import LINE_WIDTH


@given(st.text())
def test_literal_evaluates_to_its_text(text: str) -> None:
    code = literal(text)

    assert ast.literal_eval(code) == text
    assert "\n" not in code
    assert all(character.isprintable() for character in code)


@given(st.text())
def test_comment_has_one_line(text: str) -> None:
    assert ast.parse(comment(text)).body == []
    assert len(comment(text).splitlines()) == 1


@given(st.text(), st.integers(0, 2))
def test_docstring_is_a_valid_literal(text: str, depth: int) -> None:
    code = docstring(text, indent=4 * depth)

    assert isinstance(ast.literal_eval(code), str)
    assert all(unicodedata.category(character) != "Cf" for character in code)


def test_docstring_contains_its_text() -> None:
    assert docstring('  Say "hi" \n\n  twice  ') == '"""Say "hi"\n\ntwice\n"""'
    assert docstring('end"') == '"""end" """'


@settings(max_examples=40)
@given(st.dictionaries(st.text(), st.text() | st.lists(st.text() | st.dictionaries(st.text(), st.text()))))
def test_document_evaluates_to_its_value(value: dict[str, object]) -> None:
    assert json.loads(ast.literal_eval(json_document(value))) == value


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8")), min_size=40, max_size=40))
def test_formatter_does_not_change_docstrings(texts: list[str]) -> None:
    classes = "".join(
        f"\n\nclass A{at}:\n    {docstring(text, indent=4)}\n" for at, text in enumerate(texts) if text.strip()
    )
    source = f'"""Some."""\n{classes}'

    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--no-cache", "--line-length", str(LINE_WIDTH), "-"],
        input=source,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == source
