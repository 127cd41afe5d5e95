"""Identifiers and naming conventions."""

from __future__ import annotations

import pytest

from codegen.identifiers import Name, camel, constant, pascal, snake

NAMES = [
    # text, class, TypeScript constant, Python function, Python constant
    ("line_item", "LineItem", "lineItem", "line_item", "LINE_ITEM"),
    ("HistoryQuery", "HistoryQuery", "historyQuery", "history_query", "HISTORY_QUERY"),
    ("URL", "URL", "url", "url", "URL"),
    ("lineURL", "LineURL", "lineURL", "line_url", "LINE_URL"),
    ("URLPath2", "URLPath2", "urlPath2", "url_path2", "URL_PATH2"),
    ("room.user-joined", "RoomUserJoined", "roomUserJoined", "room_user_joined", "ROOM_USER_JOINED"),
    ("x", "X", "x", "x", "X"),
]


@pytest.mark.parametrize(("text", "class_", "typescript", "function", "python_constant"), NAMES)
def test_text_is_converted_to_each_naming_convention(
    text: str, class_: str, typescript: str, function: str, python_constant: str
) -> None:
    assert (class_, typescript, function, python_constant) == (pascal(text), camel(text), snake(text), constant(text))


def test_keywords_of_python_get_an_underscore() -> None:
    assert ("None_", "Class", "class_") == (pascal("None"), pascal("class"), snake("class"))


def test_constants_of_python_get_an_underscore() -> None:
    assert ("Ellipsis_", "NotImplemented_") == (pascal("Ellipsis"), pascal("not_Implemented"))


def test_names_never_start_with_a_digit() -> None:
    assert ("Type2d", "value2D", "value_2_d") == (pascal("2d"), camel("2d"), snake("2d"))


def test_other_scripts_are_transliterated() -> None:
    assert ("Resume", "Grosse", "RiBen", "imya") == (pascal("résumé"), pascal("größe"), pascal("日本"), snake("имя"))


def test_empty_text_has_a_name() -> None:
    assert "Empty" == pascal("") == pascal("\ue000")


def test_symbols_are_named() -> None:
    assert ("GreaterThanEquals", "dollar", "RIGHTWARDS_ARROW") == (pascal(">="), snake("$"), constant("→"))


@pytest.mark.parametrize("text", ["", "a-b", "1a", "class", "None", "a b", "a\n", "é", "x; import os", '"""'])
def test_invalid_identifier_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match="expected an identifier, got "):
        Name(text)
