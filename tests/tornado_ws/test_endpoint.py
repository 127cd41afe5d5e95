"""Endpoints and message types."""

from __future__ import annotations

import msgspec
import pytest

from tornado_ws.endpoint import Endpoint, MessageType, Payload, Replay
from tornado_ws.messages import Request, Stream


def test_endpoint_requires_a_contract() -> None:
    with pytest.raises(TypeError, match="contract"):
        Endpoint(name="it", kind="ephemeral", client=(), server=(), schema="{}")  # type: ignore[call-arg]


class Line(msgspec.Struct, frozen=True):
    text: str


class Say(Line, frozen=True):
    pass


class Ask(Line, Request[bool], frozen=True):
    pass


class Watch(msgspec.Struct, Stream[Line], frozen=True):
    pass


class Score(msgspec.Struct, frozen=True):
    data: int


LINE = Payload(Line, "/$defs/Line")


def test_class_that_extends_its_payload_does_not_wrap_it() -> None:
    assert not MessageType("say", Say, LINE).wraps
    assert not MessageType("line", Line, LINE).wraps


def test_class_beside_its_payload_wraps_it() -> None:
    assert MessageType("score", Score, Payload(int, "/$defs/Score")).wraps
    assert MessageType("lines", Score, Payload(list[Line], "/$defs/Lines")).wraps
    assert MessageType("maybe", Score, Payload(Line | None, "/$defs/Maybe")).wraps


def test_class_without_payload_wraps_nothing() -> None:
    assert not MessageType("watch", Watch).wraps


def test_method_names_have_neither_hyphens_nor_dots() -> None:
    assert MessageType("line.was-sent", Say, LINE).method == "on_line_was_sent"


def test_answer_is_the_reply_or_the_stream() -> None:
    assert MessageType("ask", Ask, LINE, reply=LINE).answer is LINE
    assert MessageType("watch", Watch, stream=LINE).answer is LINE
    assert MessageType("say", Say, LINE).answer is None


def test_replay_of_a_number_lasts_ten_minutes() -> None:
    assert Replay(count=5, seconds=600.0) == Replay(5)
