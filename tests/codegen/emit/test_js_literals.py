"""JavaScript literals and comments of any text."""

from __future__ import annotations

import pytest

from codegen.emit.js_literals import comment_lines, key, regular_expression, string, value


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("it's", r"'it\'s'"),
        ("a\\b\n", r"'a\\b\n'"),
        ("</script>", r"'<\/script>'"),
        ("\u2028\u202e", r"'\u2028\u202e'"),
        ("\U000e0001", r"'\u{e0001}'"),
    ],
)
def test_text_is_escaped_in_strings(text: str, literal: str) -> None:
    assert literal == string(text)


@pytest.mark.parametrize(
    ("json", "literal"),
    [
        (2**53 - 1, "9007199254740991"),
        (2**53 + 1, "9007199254740992"),
        (10**400, "Infinity"),
        (-(10**400), "-Infinity"),
        (1e21, "1e+21"),
        (1.0, "1"),
        ({"a": [None, True], "__proto__": {}}, "{ a: [null, true], ['__proto__']: {} }"),
    ],
)
def test_json_value_is_an_expression(json: object, literal: str) -> None:
    assert literal == value(json)


def test_property_name_is_quoted_if_it_is_not_an_identifier() -> None:
    assert ["text", "'multi-word'", "['__proto__']"] == [key(name) for name in ("text", "multi-word", "__proto__")]


def test_pattern_cannot_end_its_literal() -> None:
    assert [r"/a\/b/u", r"/\//u", "/(?:)/u"] == [regular_expression(text) for text in ("a/b", r"\/", "")]


def test_comment_cannot_be_closed_by_its_text() -> None:
    assert [r"a *\/ b", r"<\/script>"] == comment_lines("a */ b\u2028</script>")


def test_long_line_of_a_comment_is_wrapped() -> None:
    lines = comment_lines("word " * 60)

    assert len(lines) == 3
    assert all(len(line) <= 110 for line in lines)
