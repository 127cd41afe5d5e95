from __future__ import annotations

import pytest

from tests.support.receivers import LOBBY, kept, publication
from tornado_ws.channels.redis.redis_message import EpochNote, KeptPayload, decode, encode_kept, encode_plain


def test_plain_message_is_decoded_as_it_was():
    message = publication(b'{"a":"\\n"}\n', to="1", exclude=frozenset({"2"}), volatile=True, latest="x\ny")

    decoded = decode(encode_plain(message, sender="me"), LOBBY)

    assert isinstance(decoded, tuple)
    properties, text = decoded
    assert message.text == text
    assert ("me", "said", "1", {"2"}, True, "x\ny") == (
        properties.sender,
        properties.name,
        properties.to,
        properties.exclude,
        properties.volatile,
        properties.latest,
    )


@pytest.mark.parametrize("previous", ["", "mark0"])
def test_kept_message_is_decoded_with_the_place_that_the_script_adds(previous: str):
    rest = encode_kept(kept(b"{\n}", exclude=frozenset({"a b", "c"})), sender="me", seconds=0.5)

    decoded = decode(f"kepoch 7 mark1 {previous} ".encode() + rest, LOBBY)

    assert isinstance(decoded, KeptPayload)
    assert "me" == decoded.sender
    message = decoded.message
    assert (LOBBY, ("epoch", 7, "mark1"), previous) == (message.channel, message.position, message.previous)
    assert (b"{\n}", {"a b", "c"}) == (message.text, message.exclude)


def test_note_names_the_epoch():
    assert EpochNote("x") == decode(b"ex", LOBBY)


def test_other_versions_are_refused():
    with pytest.raises(ValueError, match="expected a message of this version, got b'x1'"):
        decode(b"x1", LOBBY)
