from __future__ import annotations

import re

import pytest

from tornado_ws.errors import ConfigurationError
from tornado_ws.validation.path_template import PathTemplate


def test_template_is_parsed_into_a_pattern_and_names():
    route = PathTemplate.parse("/a.b/{room}/x/{user-id}.json")

    match = re.fullmatch(route.pattern, "/a.b/lobby/x/7.json")
    assert match is not None
    assert route.names == ("room", "user-id")
    assert match.groups() == ("lobby", "7")
    assert re.fullmatch(route.pattern, "/aXb/lobby/x/7.json") is None
    assert re.fullmatch(route.pattern, "/a.b/lobby/more/x/7.json") is None


def test_values_are_percent_encoded():
    assert PathTemplate.parse("/chat/{room}").fill({"room": "a b/ü?"}) == "/chat/a%20b%2F%C3%BC%3F"


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("", "expected a path that starts with one /"),
        ("chat", "expected a path that starts with one /"),
        ("//chat", "expected a path that starts with one /"),
        ("/{}", "expected names in braces"),
        ("/{room", "expected names in braces"),
        ("/room}", "expected names in braces"),
        ("/{a}/{a}", "expected unique names"),
        ("/{a}{b}", "expected text between two placeholders"),
    ],
)
def test_malformed_template_is_an_error(template, message):
    with pytest.raises(ConfigurationError, match=message):
        PathTemplate.parse(template)
