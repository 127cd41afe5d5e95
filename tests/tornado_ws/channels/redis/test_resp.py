from __future__ import annotations

import pytest

from tornado_ws.channels.redis.resp import Refusal, ReplyParser, pack

REPLIES = b"+OK\r\n:7\r\n$5\r\nhe\r\no\r\n$-1\r\n*2\r\n*0\r\n*2\r\n:1\r\n$1\r\nx\r\n*-1\r\n$0\r\n\r\n"


def test_command_is_an_array_of_strings():
    assert b"*4\r\n$3\r\nSET\r\n$2\r\n\xc3\xa9\r\n$2\r\n-1\r\n$1\r\n\x00\r\n" == pack(("SET", "é", -1, b"\x00"))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_replies_are_parsed_from_pieces_of_any_size(size: int):
    parser = ReplyParser()

    replies = [reply for at in range(0, len(REPLIES), size) for reply in parser.feed(REPLIES[at : at + size])]

    assert [b"OK", 7, b"he\r\no", None, [[], [1, b"x"]], None, b""] == replies


def test_refusal_has_a_code():
    (reply,) = ReplyParser().feed(b"-MOVED 3 127.0.0.1:6379\r\n")

    assert isinstance(reply, Refusal)
    assert "MOVED" == reply.code
    assert "MOVED 3 127.0.0.1:6379" == str(reply)


@pytest.mark.parametrize(
    "text", ["OOM command not allowed", "ERR Error running script: @user_script:8: -OOM command not allowed"]
)
def test_code_of_a_command_in_a_script_is_found(text: str):
    assert Refusal(text).has("OOM", "MISCONF")
    assert not Refusal(text).has("MISCONF")


def test_other_protocols_are_refused():
    with pytest.raises(ValueError, match="expected a reply of Redis, got a line that begins with b'H'"):
        ReplyParser().feed(b"HTTP/1.1 400 Bad Request\r\n")
