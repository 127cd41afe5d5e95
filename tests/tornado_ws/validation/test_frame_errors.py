"""Errors of received frames whose envelope is invalid."""

from __future__ import annotations

import pytest

from tornado_ws.endpoint import MessageType
from tornado_ws.validation.envelopes import Frame, Skip, message_frame
from tornado_ws.validation.frame_errors import wrong_members

from ...support import shop

MESSAGE: MessageType = shop.SHOP.client[0]


@pytest.mark.parametrize(
    ("frame", "text"),
    [
        (message_frame(MESSAGE, "message", int), "put has no answer: expected the members type, data"),
        (message_frame(MESSAGE, "message", None, sequenced=True), "put has no answer: expected the members type"),
        (
            message_frame(MESSAGE, "delivery", int),
            "put is acknowledged: expected the members type, id, session (22 characters of base64url), data",
        ),
        (message_frame(MESSAGE, "request", int), "put is a request: expected the members type, id, data"),
        (message_frame(MESSAGE, "reply", int), "put is a request with a reply: expected the members type, re, data"),
        (Skip, "expected the members type, ch, seq, mark"),
    ],
)
def test_wrong_members_are_those_that_the_kind_of_frame_requires(frame: type[Frame], text: str) -> None:
    error = wrong_members(frame)

    assert ("unsupported_frame", text) == (error.code, error.message)
