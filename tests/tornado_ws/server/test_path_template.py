from __future__ import annotations

import re

import pytest

from tornado_ws.errors import ConfigurationError
from tornado_ws.server.path_template import PathTemplate


def test_a_template_becomes_a_pattern_with_its_names():
    route = PathTemplate.parse("/a.b/{room}/x/{user-id}.json")

    match = re.fullmatch(route.pattern, "/a.b/lobby/x/7.json")
    assert match is not None
    assert route.names == ("room", "user-id")
    assert match.groups() == ("lobby", "7")
    assert re.fullmatch(route.pattern, "/aXb/lobby/x/7.json") is None
    assert re.fullmatch(route.pattern, "/a.b/lobby/more/x/7.json") is None


def test_values_are_percent_encoded_in_a_path():
    assert PathTemplate.parse("/chat/{room}").fill({"room": "a b/ü?"}) == "/chat/a%20b%2F%C3%BC%3F"


@pytest.mark.parametrize(
    ("template", "words"),
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
def test_malformed_templates_are_refused(template, words):
    with pytest.raises(ConfigurationError, match=words):
        PathTemplate.parse(template)
