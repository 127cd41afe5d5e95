"""Printer for Python code."""

from __future__ import annotations

from codegen.emit.python.python_printer import (
    MAX_OPERANDS,
    annotated_assignment,
    call,
    display_width,
    format_node,
    keyword,
    single_line,
    subscript,
    union_of,
)
from codegen.emit.templates import Code


def test_short_call_stays_on_one_line() -> None:
    assert format_node(call("f", Code("a"), keyword("b", Code("1")))) == "f(a, b=1)"


def test_long_call_has_a_line_for_each_item() -> None:
    text = format_node(subscript("x", *(Code("a" * 50) for _ in range(3))), indent=4)

    assert text.split("\n") == ["x[", *[f"        {'a' * 50},"] * 3, "    ]"]


def test_long_union_is_parenthesized() -> None:
    union = union_of(*(Code(f"{'A' * 50}{at}") for at in range(3)))

    assert annotated_assignment("x", union).startswith("x: (\n    AAA")
    assert format_node(subscript("list", union)).startswith("list[\n    AAA")


def test_union_has_each_member_once_and_none_last() -> None:
    assert single_line(union_of(Code("None"), Code("int"), union_of(Code("str"), Code("int")))) == "int | str | None"


def test_union_with_many_members_is_not_nested() -> None:
    names = [Code(f"M{at}") for at in range(MAX_OPERANDS + 1)]
    many = union_of(*names)

    assert single_line(union_of(*names[1:])) == " | ".join(names[1:])
    assert single_line(many) == f"typing.Union[{', '.join(names)}]"
    assert single_line(union_of(Code("None"), many)) == f"typing.Union[{', '.join(names)}, None]"


def test_wide_characters_take_two_columns() -> None:
    assert display_width("a長") == 3
