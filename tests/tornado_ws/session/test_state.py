from __future__ import annotations

import json

import pytest

from tests.support.clock import Clock
from tests.support.lab import LAB
from tornado_ws.errors import CloseCode, ErrorData, InvalidFrame
from tornado_ws.limits import Limits, Rate
from tornado_ws.session.state import CancelTask, Close, SendError, SendPong, SessionState
from tornado_ws.validation.codec import Codec

CODEC = Codec(LAB)
CONFIRM = next(message for message in LAB.server if message.name == "confirm")


def frame(type_: str, **members: object):
    return CODEC.decode(json.dumps({"type": type_, **members}))


def echo(id: int):
    return frame("echo", id=id, data="a")


def count(id: int):
    return frame("count", id=id, data=1)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def session(clock: Clock, **limits: object) -> SessionState:
    return SessionState(Limits(**limits), clock)  # type: ignore[arg-type]


def test_messages_requests_and_resumes_wait_in_the_order_of_arrival(clock):
    s = session(clock)
    frames = [frame("nudge"), echo(1), frame("$resume", data={"epoch": "e", "seq": 1}), frame("nudge")]

    assert [None] * 4 == [s.receive(arriving) for arriving in frames]
    assert frames == list(s.inbox)


def test_pings_are_answered_and_pongs_are_not(clock):
    s = session(clock)

    assert s.receive(frame("$ping")) == SendPong()
    assert s.receive(frame("$pong")) is None
    assert not s.inbox


def test_the_inbox_is_full_at_its_limit_and_later_while_an_answer_may_stand_behind(clock):
    s = session(clock, inbox=2)
    s.receive(frame("nudge"))
    assert not s.full
    s.receive(frame("nudge"))
    assert s.full

    s.pending.add(CONFIRM, lambda _: None, lambda _: None)
    assert not s.full
    for _ in range(6):
        s.receive(frame("nudge"))
    assert s.full


def test_an_id_is_unique_while_it_is_open(clock):
    s = session(clock)
    s.receive(echo(1))

    action = s.receive(echo(1))
    assert isinstance(action, SendError)
    assert (action.error.code, action.re) == ("invalid_message", None)

    s.request_answered(1)
    assert s.receive(echo(1)) is None


def test_the_number_of_streams_is_limited_and_given_back(clock):
    s = session(clock, streams=1)
    s.receive(count(1))

    refused = s.receive(count(2))
    assert isinstance(refused, SendError)
    assert (refused.error.code, refused.re) == ("rate_limited", 2)

    s.request_answered(1)
    s.request_answered(1)
    assert s.receive(count(3)) is None
    assert s.receive(count(4)) is not None


def test_a_waiting_request_is_cancelled_where_it_waits(clock):
    s = session(clock)
    s.receive(echo(1))
    s.receive(echo(2))

    action = s.receive(frame("$cancel", re=2))

    assert isinstance(action, SendError)
    assert (action.error.code, action.re) == ("cancelled", 2)
    assert [1] == [waiting.id for waiting in s.inbox]


def test_a_running_request_is_to_be_cancelled_and_an_answered_one_is_left_alone(clock):
    s = session(clock)
    s.receive(echo(1))
    s.inbox.pop(0)

    assert s.receive(frame("$cancel", re=1)) == CancelTask(id=1)
    s.request_answered(1)
    assert s.receive(frame("$cancel", re=1)) is None


def test_a_reply_resolves_its_request_once(clock):
    s = session(clock)
    got: list[object] = []
    id = s.pending.add(CONFIRM, got.append, got.append)

    assert s.receive(frame("confirm", re=id, data=True)) is None
    assert s.receive(frame("confirm", re=id, data=False)) is None
    assert got == [True]


def test_an_error_and_an_invalid_reply_fail_the_request(clock):
    s = session(clock)
    got: list[object] = []
    first, second = (s.pending.add(CONFIRM, got.append, got.append) for _ in range(2))

    s.receive(frame("$error", re=first, data={"code": "internal", "message": "no idea"}))
    s.receive_invalid(InvalidFrame(ErrorData(code="invalid_message", message="expected a boolean"), re=second))

    assert [str(error) for error in got] == [
        "confirm failed: internal: no idea",
        "confirm failed: invalid_message: expected a boolean",
    ]


def test_refused_messages_in_a_row_end_in_a_close(clock):
    s = session(clock, invalid=2)
    refused = InvalidFrame(ErrorData(code="malformed_json", message="expected JSON"), id=7)

    assert s.receive_invalid(refused) == (SendError(error=refused.error, re=7),)
    s.receive(frame("nudge"))
    s.receive_invalid(refused)
    assert s.receive_invalid(refused)[1:] == (Close(code=CloseCode.TOO_MANY_INVALID, reason="2 invalid messages in a row"),)


def test_the_rate_of_the_schema_holds_per_message(clock):
    s = session(clock)
    limited = frame("limited", data=1)

    assert [None, None] == [s.receive(limited), s.receive(limited)]
    refused = s.receive(limited)
    assert isinstance(refused, SendError)
    assert (refused.error.code, refused.error.retryable, refused.error.retry_after_ms) == ("rate_limited", True, 5001)
    assert s.receive(frame("nudge")) is None

    clock.now += 5
    assert s.receive(limited) is None


def test_the_rate_of_the_connection_holds_for_all_and_requests_are_refused_by_id(clock):
    s = session(clock, messages=Rate(count=1, seconds=60))
    s.receive(frame("nudge"))

    refused = s.receive(echo(5))

    assert isinstance(refused, SendError)
    assert refused.re == 5
    clock.now += 60
    assert s.receive(echo(5)) is None


def test_too_fast_is_not_invalid(clock):
    s = session(clock, invalid=1, messages=Rate(count=1, seconds=60))
    s.receive(frame("nudge"))

    for _ in range(10):
        assert isinstance(s.receive(frame("nudge")), SendError)
