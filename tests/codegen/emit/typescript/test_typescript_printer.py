"""Printer for TypeScript expressions."""

from __future__ import annotations

from codegen.emit.templates import Code
from codegen.emit.typescript.typescript_printer import Group, format_part


def test_long_calls_are_broken_into_lines() -> None:
    word = Code("x" * 50)
    inner = Group(opening="all(", parts=(word, word), closing=")")
    outer = Group(opening="{", parts=(inner, inner), closing="}", spaced=True)

    assert f"all({word}, {word})" == format_part(inner)
    assert f"{{\n\tall({word}, {word}),\n\tall({word}, {word}),\n}}" == format_part(outer)
    assert "{}" == format_part(Group(opening="{", parts=(), closing="}", spaced=True))
