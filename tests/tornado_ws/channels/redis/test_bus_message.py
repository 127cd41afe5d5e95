from __future__ import annotations

import dataclasses
import json

import msgspec
import pytest

from tornado_ws.channels import Publication
from tornado_ws.channels.redis.bus_message import decode, encode

PLAIN = Publication(endpoint="chat", name="said", text=b'{"type":"said"}')
FULL = Publication(
    endpoint="chat",
    name="said",
    text='{"data":"é"}'.encode(),
    room="lobby",
    to="1",
    exclude=frozenset({"2", "3"}),
    volatile=True,
    latest="x",
)


@pytest.mark.parametrize("publication", [PLAIN, FULL])
def test_publication_is_unchanged_after_encoding_and_decoding(publication: Publication):
    assert publication == decode(encode(publication, sender="me").decode()).publication


def test_fields_with_default_values_are_omitted():
    assert {"sender": "me", "endpoint": "chat", "name": "said", "text": '{"type":"said"}', "exclude": []} == json.loads(
        encode(PLAIN, sender="me")
    )


def test_number_is_added_as_the_first_member():
    text = '{"seq":7,' + encode(PLAIN, sender="me").decode()[1:]

    assert dataclasses.replace(PLAIN, seq=7) == decode(text).publication


def test_text_that_is_not_a_message_is_an_error():
    with pytest.raises(msgspec.DecodeError):
        decode('{"sender":"me"}')
