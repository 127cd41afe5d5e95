"""Frames of requests for the rest of a stream."""

from __future__ import annotations

import json
from typing import Annotated, Any

import msgspec
import pytest

import tornado_ws
from tornado_ws import Endpoint, InvalidMessage, MessageType, Payload
from tornado_ws.errors import InvalidFrame
from tornado_ws.validation.codec import Codec


class Follow(msgspec.Struct, tornado_ws.Stream[str], frozen=True):
    data: int


class Tick(msgspec.Struct, tornado_ws.Stream[str], frozen=True):
    pass


class Count(msgspec.Struct, tornado_ws.Stream[int], frozen=True):
    pass


SCHEMA = {
    "$id": "https://tornado-ws.invalid/it.json",
    "$defs": {
        "Number": {"type": "integer"},
        "Line": {"type": "integer", "minimum": 1},
        "Word": {"type": "string", "maxLength": 3},
        "Time": {"type": "number"},
    },
}
LINE = Payload(Annotated[int, msgspec.Meta(ge=1)], "/$defs/Line")
WORD = Payload(Annotated[str, msgspec.Meta(max_length=3)], "/$defs/Word")
NUMBER = Payload(int, "/$defs/Number")
ENDPOINT = Endpoint(
    name="it",
    kind="persistent",
    path="/it",
    client=(
        MessageType("follow", Follow, NUMBER, stream=LINE, cursor=LINE, resume=""),
        MessageType("tick", Tick, stream=WORD, cursor=WORD, resume=""),
        MessageType("time", Count, stream=NUMBER, cursor=Payload(float, "/$defs/Time"), resume=""),
    ),
    server=(),
    schema=json.dumps(SCHEMA),
    contract="0",
)
SERVER = Codec(ENDPOINT)


def decode(**frame: Any) -> Any:
    return SERVER.decode(json.dumps(frame))


@pytest.mark.parametrize(
    ("resume", "expected"), [(1, 1), (7.0, 7), (2**53 + 1, 2**53 + 1), (10**30, 10**30), (None, None)]
)
def test_position_is_decoded(resume: Any, expected: Any) -> None:
    frame = decode(type="follow", id=1, resume=resume, data=3)

    assert (1, 3, expected) == (frame.id, frame.data, frame.resume)
    assert type(expected) is type(frame.resume)


def test_position_is_optional_and_members_have_any_order() -> None:
    assert decode(type="follow", id=1, data=3).resume is None
    assert decode(data=3, resume=4, id=1, type="follow").resume == 4
    assert decode(type="tick", id=1, resume="abc").resume == "abc"
    assert decode(type="time", id=1, resume=1.5).resume == 1.5
    assert decode(type="time", id=1, resume=2).resume == 2


@pytest.mark.parametrize(
    ("frame", "code", "message"),
    [
        ({"type": "follow", "resume": 0, "data": 3}, "invalid_message", "resume: expected at least 1"),
        ({"type": "follow", "resume": "1", "data": 3}, "invalid_message", "resume: expected integer"),
        ({"type": "follow", "resume": 1.5, "data": 3}, "invalid_message", "resume: expected integer"),
        ({"type": "follow", "resume": True, "data": 3}, "invalid_message", "resume: expected integer"),
        ({"type": "follow", "resume": [1], "data": 3}, "invalid_message", "resume: expected integer"),
        ({"type": "follow", "resume": {}, "data": 3}, "invalid_message", "resume: expected integer"),
        ({"type": "tick", "resume": "long"}, "invalid_message", "resume: expected at most 3 characters"),
        ({"type": "follow", "resume": 1, "data": "x"}, "invalid_message", "expected integer"),
        ({"type": "follow", "resume": 0, "data": "x"}, "invalid_message", "expected integer"),
        ({"type": "follow", "resume": 1}, "invalid_message", "expected data"),
        ({"type": "tick", "resume": "a", "data": 1}, "invalid_message", "expected no data"),
        (
            {"type": "tick", "resume": "a", "more": 1},
            "unsupported_frame",
            "tick is a request: expected the members type, id",
        ),
    ],
)
def test_invalid_position_is_refused(frame: dict[str, Any], code: str, message: str) -> None:
    with pytest.raises(InvalidFrame) as caught:
        decode(id=5, **frame)

    error = caught.value.error
    assert (5, code, message) == (caught.value.id, error.code, error.message)
    assert (error.pointer is None) == (message.startswith("resume") or code == "unsupported_frame")


def test_other_frames_have_no_position() -> None:
    client = Codec(ENDPOINT, side="client")

    with pytest.raises(InvalidFrame, match="unsupported_frame"):
        client.decode(json.dumps({"type": "follow", "re": 1, "resume": 1, "data": 3}))


def test_client_encodes_a_valid_position() -> None:
    client = Codec(ENDPOINT, side="client")

    assert {"type": "follow", "id": 4, "resume": 9, "data": 3} == json.loads(client.encode_resumed(Follow(3), 4, 9))
    assert {"type": "tick", "id": 4, "resume": "a"} == json.loads(client.encode_resumed(Tick(), 4, "a"))
    with pytest.raises(InvalidMessage, match="resume of Tick was not sent: invalid_message: expected at most 3"):
        client.encode_resumed(Tick(), 4, "long")
    with pytest.raises(TypeError, match="Number cannot be resumed"):
        client.encode_resumed(type("Number", (), {})(), 4, 1)
