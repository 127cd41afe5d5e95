from __future__ import annotations

import pytest

from codegen.identifiers import Name, camel, constant, pascal, snake

SPELLINGS = [
    # text, class, TypeScript constant, Python function, Python constant
    ("line_item", "LineItem", "lineItem", "line_item", "LINE_ITEM"),
    ("HistoryQuery", "HistoryQuery", "historyQuery", "history_query", "HISTORY_QUERY"),
    ("URL", "URL", "url", "url", "URL"),
    ("lineURL", "LineURL", "lineURL", "line_url", "LINE_URL"),
    ("URLPath2", "URLPath2", "urlPath2", "url_path2", "URL_PATH2"),
    ("room.user-joined", "RoomUserJoined", "roomUserJoined", "room_user_joined", "ROOM_USER_JOINED"),
    ("x", "X", "x", "x", "X"),
]


@pytest.mark.parametrize(("text", "class_", "typescript", "function", "python_constant"), SPELLINGS)
def test_spellings(text: str, class_: str, typescript: str, function: str, python_constant: str) -> None:
    assert (class_, typescript, function, python_constant) == (pascal(text), camel(text), snake(text), constant(text))


def test_keywords_of_python_get_an_underscore() -> None:
    assert ("None_", "Class", "class_") == (pascal("None"), pascal("class"), snake("class"))


def test_names_never_begin_with_a_digit() -> None:
    assert ("Type2d", "value2D", "value_2_d") == (pascal("2d"), camel("2d"), snake("2d"))


def test_accents_go_and_other_scripts_stay_apart() -> None:
    assert "Resume" == pascal("résumé")
    assert pascal("日本") != pascal("日木")


def test_a_name_is_made_even_of_nothing() -> None:
    assert "Empty" == pascal("") == pascal("$-")


@pytest.mark.parametrize("text", ["", "a-b", "1a", "class", "None", "a b", "a\n", "é", "x; import os", '"""'])
def test_what_is_no_identifier_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="cannot be a name in generated code"):
        Name(text)
