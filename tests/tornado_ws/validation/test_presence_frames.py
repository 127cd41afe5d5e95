from __future__ import annotations

import json

import pytest

from tests.support.board import BOARD, BoardPresence
from tests.support.lab import LAB
from tornado_ws.errors import InvalidFrame, InvalidMessage
from tornado_ws.validation.codec import Codec
from tornado_ws.validation.presence_frames import (
    encode_changed,
    encode_offer,
    encode_present,
    encode_request,
    encode_row,
    with_channel,
)

CLIENT, SERVER = Codec(BOARD, side="client"), Codec(BOARD)
ROW = encode_row("a", 'ann "\n', b'{"name":"Ann"}')


def test_frames_of_the_server_are_decoded_by_clients():
    offer = CLIENT.decode(encode_offer(3, "channel"))
    present = CLIENT.decode(with_channel("$present", 3, encode_present("e", 1, [ROW, ROW], more=True)))
    changed = CLIENT.decode(with_channel("$changed", 3, encode_changed(2, [ROW], ["b", "c"])))

    assert (offer.kind, offer.data.ch, offer.data.channel) == ("presence", 3, "channel")
    assert (present.kind, present.data.ch, present.data.epoch, present.data.seq) == ("present", 3, "e", 1)
    assert present.data.more
    assert [(row.id, row.key) for row in present.data.entries] == [("a", 'ann "\n')] * 2
    assert (changed.kind, changed.data.seq, changed.data.left) == ("changed", 2, ["b", "c"])


def test_requests_are_decoded_by_the_server():
    assert SERVER.decode(encode_request(3)).data.seq is None
    assert SERVER.decode(encode_request(3, "e", 7)).data.seq == 7
    assert json.loads(encode_request(3)) == {"type": "$presence", "data": {"ch": 3}}


@pytest.mark.parametrize("data", [{}, {"ch": "3"}, {"ch": 3, "seq": -1}, {"ch": 3, "epoch": 1}, []])
def test_malformed_requests_are_refused(data):
    with pytest.raises(InvalidFrame):
        SERVER.decode(json.dumps({"type": "$presence", "data": data}))


def test_endpoints_without_presence_know_no_frames_of_it():
    with pytest.raises(InvalidFrame, match="unsupported_frame"):
        Codec(LAB).decode(encode_request(3))
    with pytest.raises(TypeError, match=r"^lab declares no presence$"):
        Codec(LAB).encode_presence(1)


def test_metadata_is_validated_in_both_directions():
    assert SERVER.encode_presence(BoardPresence(name="Ann")) == b'{"name":"Ann"}'
    assert SERVER.decode_presence(b'{"name":"Ann"}') == BoardPresence(name="Ann")
    with pytest.raises(InvalidMessage, match="maxLength"):
        SERVER.encode_presence(BoardPresence(name="x" * 21))
    with pytest.raises(InvalidFrame, match="required"):
        SERVER.decode_presence(b"{}")
