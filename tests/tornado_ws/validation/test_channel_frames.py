from __future__ import annotations

from tornado_ws.channels import Position
from tornado_ws.validation.channel_frames import (
    encode_joined,
    encode_kept,
    encode_left,
    encode_reset,
    encode_resume,
    encode_resumed,
    encode_skip,
)

from .frames import CLIENT, SERVER

POSITION = Position("e", 42, "m")


def test_frames_of_channels_have_the_documented_members():
    assert encode_joined(3, "id", POSITION) == (
        b'{"type":"$joined","data":{"ch":3,"epoch":"e","seq":42,"mark":"m","channel":"id"}}'
    )
    assert encode_kept(3, POSITION, b'{"type":"said","data":1}') == (
        b'{"ch":3,"seq":42,"mark":"m","type":"said","data":1}'
    )
    assert encode_skip(3, POSITION) == b'{"type":"$skip","ch":3,"seq":42,"mark":"m"}'
    assert encode_left(3) == b'{"type":"$left","data":{"ch":3}}'
    assert encode_resume(3, POSITION) == b'{"type":"$resume","data":{"ch":3,"epoch":"e","seq":42,"mark":"m"}}'
    assert encode_resumed(3, None) == b'{"type":"$resumed","data":{"ch":3,"recovered":true}}'
    assert encode_resumed(3, POSITION) == (
        b'{"type":"$resumed","data":{"ch":3,"recovered":false,"epoch":"e","seq":42,"mark":"m"}}'
    )
    assert encode_reset(3, POSITION) == b'{"type":"$reset","data":{"ch":3,"epoch":"e","seq":42,"mark":"m"}}'


def test_other_side_decodes_the_frames_of_channels():
    frames = [
        encode_joined(3, "id", POSITION),
        encode_skip(3, POSITION),
        encode_left(3),
        encode_resumed(3, None),
        encode_resumed(3, POSITION),
        encode_reset(3, POSITION),
    ]

    assert [CLIENT.decode(text).kind for text in frames] == ["joined", "skip", "left", "resumed", "resumed", "reset"]
    assert SERVER.decode(encode_resume(3, POSITION)).data.mark == "m"
    assert CLIENT.decode(encode_joined(3, "id", POSITION)).data.channel == "id"
