from __future__ import annotations

import math
from types import NoneType

import pytest

from tornado_ws.argument_checks import require_callable, require_seconds, require_text, require_type


@pytest.mark.parametrize(
    ("value", "types", "text"),
    [
        ("3", int, "expected port to be int, got str"),
        (True, int, "expected port to be int, got bool"),
        (None, (str, int), "expected port to be str or int, got None"),
        (b"", (str, NoneType), "expected port to be str or None, got bytes"),
    ],
)
def test_argument_of_another_type_is_refused(value, types, text):
    with pytest.raises(TypeError) as refused:
        require_type("listen", "port", value, types)

    assert f"listen: {text}" == str(refused.value)


def test_hint_follows_the_error_and_the_value_is_not_shown():
    with pytest.raises(TypeError) as refused:
        require_type("use", "ticket", "5eCr3t", int, hint="a number")

    assert "use: expected ticket to be int, got str; a number" == str(refused.value)


def test_suitable_arguments_are_accepted():
    require_type("call", "argument", 1, int)
    require_type("call", "argument", None, (int, NoneType))
    require_type("call", "argument", True, bool)
    require_text("call", "argument", "\N{GRINNING FACE} ü")
    require_seconds("call", "argument", 0)
    require_seconds("call", "argument", 1.5)
    require_callable("call", "argument", print, synchronous=True)


def test_text_without_an_encoding_is_refused():
    with pytest.raises(ValueError, match="join: expected room to be text in UTF-8, got a part of a surrogate pair"):
        require_text("join", "room", "ü\ud800")
    with pytest.raises(TypeError, match="join: expected room to be str, got int"):
        require_text("join", "room", 7)


@pytest.mark.parametrize("value", [-1, -0.5, math.nan, math.inf])
def test_number_that_is_not_a_time_is_refused(value):
    with pytest.raises(ValueError, match=f"drain: expected timeout to be a number of seconds, got {value!r}"):
        require_seconds("drain", "timeout", value)


@pytest.mark.parametrize("value", ["1", None, True])
def test_time_that_is_not_a_number_is_refused(value):
    with pytest.raises(TypeError, match="drain: expected timeout to be int or float, got"):
        require_seconds("drain", "timeout", value)


def test_function_that_cannot_be_called_or_awaited_is_refused():
    async def wait() -> None: ...

    require_callable("call", "function", wait)
    with pytest.raises(TypeError, match="send: expected filter to be a function, got str"):
        require_callable("send", "filter", "x")
    with pytest.raises(TypeError, match="send: expected filter to be a function, got a coroutine function"):
        require_callable("send", "filter", wait, synchronous=True)
