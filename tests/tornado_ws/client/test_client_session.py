"""Protocol of a client, with a list instead of a socket."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import msgspec

from tests.support.lab import LAB, RoomFull, Said
from tests.support.virtual_test import virtual
from tornado_ws import ConnectionClosed, Endpoint, ErrorData, RequestFailed, RequestTimeout
from tornado_ws.client import Invalid, Unconfirmed
from tornado_ws.client.client_session import ClientSession
from tornado_ws.client.failure import failure
from tornado_ws.client.frame_heads import is_hello
from tornado_ws.client.open_requests import OpenRequest, OpenRequests
from tornado_ws.client.outbox import Outgoing
from tornado_ws.client.timers import LoopTimers
from tornado_ws.validation.application_errors import ApplicationErrors
from tornado_ws.validation.codec import Codec

SAY, _, _, ECHO, COUNT, *_ = LAB.client
HELLO = '{"type":"$hello","data":{"connection":"c","contracts":["lab-1"],"heartbeat":20}}'
JOINED = '{"type":"$joined","data":{"ch":1,"channel":"room","epoch":"e","seq":0,"mark":""}}'


class Talk:
    """Session with an open connection."""

    def __init__(self, endpoint: Endpoint = LAB) -> None:
        self.frames: list[Any] = []
        self.failures: list[ConnectionClosed] = []
        self.events: list[object] = []
        self.session = ClientSession(
            Codec(endpoint, side="client"), LoopTimers(), unread=10, fail=self.failures.append, changed=lambda: None
        )
        for event in (Invalid, Unconfirmed):
            self.session.listeners.add(event, self.events.append)
        self.session.open(lambda text: self.frames.append(json.loads(text)))

    def get(self, *frames: str) -> None:
        for frame in frames:
            self.session.receive(frame)

    def unread(self) -> list[object]:
        return [*self.session.unread._messages]


@virtual
async def test_frames_of_channels_are_applied_in_order():
    talk = Talk()
    talk.get(
        HELLO,
        JOINED,
        '{"type":"said","ch":1,"seq":1,"mark":"a","data":{"text":"1"}}',
        '{"type":"$skip","ch":1,"seq":2,"mark":"b"}',
        '{"type":"said","ch":1,"seq":3,"mark":"c","data":{"text":"3"}}',
        '{"type":"$left","data":{"ch":1}}',
        '{"type":"said","ch":1,"seq":4,"mark":"d","data":{"text":"4"}}',
    )

    assert [Said(text="1"), Said(text="3")] == talk.unread()
    assert [] == talk.frames


@virtual
async def test_invalid_kept_message_takes_its_number():
    talk = Talk()
    talk.get(
        HELLO,
        JOINED,
        '{"type":"said","ch":1,"seq":1,"mark":"a","data":{"text":1}}',
        '{"type":"new","ch":1,"seq":2,"mark":"b"}',
        '{"type":"said","ch":1,"seq":3,"mark":"c","data":{"text":"3"}}',
    )

    assert [Said(text="3")] == talk.unread()
    assert [] == talk.frames  # nothing is requested again
    assert ["invalid_message", "unknown_message"] == [one.error.code for one in talk.events if isinstance(one, Invalid)]


@virtual
async def test_reset_and_lost_channels_are_in_the_state():
    talk = Talk()
    talk.get(HELLO, JOINED, '{"type":"$reset","data":{"ch":1,"epoch":"f","seq":7,"mark":"x"}}')

    assert talk.session.state.recovered is False
    talk.get('{"type":"said","ch":1,"seq":9,"mark":"z","data":{"text":"9"}}')
    assert [{"type": "$resume", "data": {"ch": 1, "epoch": "f", "seq": 7, "mark": "x"}}] == talk.frames


@virtual
async def test_frames_that_nothing_waits_for_are_ignored():
    talk = Talk()
    talk.get(
        HELLO,
        '{"type":"$ack","re":1}',
        '{"type":"$end","re":1}',
        '{"type":"$cancel","id":1}',
        '{"type":"echo","re":1,"data":"a"}',
        '{"type":"$error","data":{"code":"cancelled","message":""},"re":1}',
        '{"type":"$resumed","data":{"ch":9,"recovered":true}}',
    )

    assert [] == talk.unread()
    assert [] == talk.frames


@virtual
async def test_messages_that_were_never_sent_are_reported_at_the_end():
    talk = Talk()
    talk.session.outbox.add(Outgoing(SAY, Said(text="1"), b"{}"))
    talk.session.lose(ConnectionClosed(1006, None))
    talk.session.close(ConnectionClosed(1000, None), StopAsyncIteration())

    assert [Unconfirmed(messages=(Said(text="1"),))] == talk.events


def test_lost_messages_without_a_listener_are_in_the_log(caplog):
    session = ClientSession(Codec(LAB, side="client"), LoopTimers(), unread=10, fail=print, changed=lambda: None)
    session.outbox.add(Outgoing(SAY, Said(text="secret"), b"{}"))
    session.close(ConnectionClosed(1000, None), StopAsyncIteration())

    assert "lab: 1 message may not have arrived: say" in caplog.text
    assert "secret" not in caplog.text


def test_first_frame_is_recognized():
    assert is_hello(HELLO)
    assert not is_hello(JOINED)
    for text in ("", "[]", "1", '{"type":1}', b"\xff"):
        assert not is_hello(text)


def test_errors_become_exceptions_of_the_application():
    errors = ApplicationErrors(LAB, {})
    full = failure(errors, ECHO, ErrorData(code="room_full", message="no place"))
    other = failure(errors, ECHO, ErrorData(code="internal", message="internal error"))
    late = failure(errors, replace(ECHO, timeout=3.0), ErrorData(code="timeout", message=""))

    assert isinstance(full, RoomFull)
    assert str(full) == "room_full: no place"
    assert isinstance(other, RequestFailed)
    assert isinstance(late, RequestTimeout)


def test_invalid_data_of_an_error_is_a_failure():
    errors = Codec(LAB).application_errors
    broken = failure(errors, ECHO, ErrorData(code="too_long", message="", data=msgspec.Raw(b'"x"')))

    assert isinstance(broken, RequestFailed)
    assert str(broken).startswith("reply to echo is invalid: invalid_message")


def test_reply_of_another_type_fails_the_request():
    outcomes: list[object] = []
    requests = OpenRequests(ApplicationErrors(LAB, {}))
    requests.add(OpenRequest(id=1, message=ECHO, on_value=outcomes.append, on_end=outcomes.append))
    requests.receive(1, COUNT, 5)
    requests.receive(1, ECHO, "a")

    assert [str(one) for one in outcomes] == [
        "reply to echo is invalid: invalid_message: expected a reply to echo, got count"
    ]
    assert 1 not in requests
