from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.support.board import BOARD
from tests.support.clock import Clock
from tests.support.lab import LAB
from tests.support.orders import ORDERS
from tests.support.orders import frame as order_frame
from tornado_ws.errors import CloseCode, ErrorData, InvalidFrame
from tornado_ws.limits import Limits, Rate
from tornado_ws.session.state import (
    CancelTask,
    Close,
    RequestPresence,
    ResumeChannel,
    ResumeStream,
    SendError,
    SendPong,
    SessionState,
)
from tornado_ws.validation.codec import Codec
from tornado_ws.validation.envelopes import Frame

CODEC = Codec(LAB)
ECHO = next(message for message in LAB.client if message.name == "echo")
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


def make_state(clock: Clock, **limits: object) -> SessionState:
    return SessionState(Limits(**limits), clock)  # type: ignore[arg-type]


def test_inbox_keeps_the_order_of_arrival(clock):
    state = make_state(clock)
    frames = [frame("nudge"), echo(1), frame("say", data={"text": "a"}), frame("nudge")]

    assert [None] * 4 == [state.receive(arriving) for arriving in frames]
    assert frames == list(state.inbox)


def test_resume_does_not_wait_for_other_frames(clock):
    state = make_state(clock)
    state.receive(frame("nudge"))
    resume = frame("$resume", data={"ch": 1, "epoch": "e", "seq": 1, "mark": "m"})

    assert state.receive(resume) == ResumeChannel(data=resume.data)


def test_request_for_presence_does_not_wait_for_other_frames(clock):
    state = make_state(clock)
    state.receive(frame("nudge"))
    request = Codec(BOARD).decode(b'{"type":"$presence","data":{"ch":1}}')

    assert state.receive(request) == RequestPresence(data=request.data)
    assert 1 == len(state.inbox)


def test_ping_is_answered(clock):
    state = make_state(clock)

    assert state.receive(frame("$ping")) == SendPong()
    assert not state.inbox


def test_inbox_is_full_at_four_times_its_limit_while_a_request_is_pending(clock):
    state = make_state(clock, receive_queue_messages=2)
    state.receive(frame("nudge"))
    assert not state.full
    state.receive(frame("nudge"))
    assert state.full

    state.pending.add(CONFIRM, lambda _: None, lambda _: None)
    assert not state.full
    for _ in range(6):
        state.receive(frame("nudge"))
    assert state.full


def test_requests_that_wait_for_others_count_as_queued(clock):
    state = make_state(clock, receive_queue_messages=2)
    state.receive(echo(1))
    state.waiting.append(state.inbox.pop())
    assert not state.full
    state.receive(frame("nudge"))
    assert state.full

    state.drop_frames()
    assert not state.full


@pytest.mark.parametrize("queue", ["inbox", "waiting"])
def test_request_without_a_call_of_its_method_is_withdrawn_once(clock, queue):
    state = make_state(clock)
    state.receive(echo(1))
    state.receive(echo(2))
    frames = getattr(state, queue)
    frames[:] = [state.inbox.pop(0), *([] if queue == "inbox" else [state.inbox.pop()]), *state.inbox]

    assert state.withdraw(1) is ECHO
    assert [2] == [waiting.id for waiting in frames]
    assert state.withdraw(1) is None
    assert state.receive(frame("$cancel", id=1)) is None
    assert isinstance(state.receive(frame("$cancel", id=2)), SendError)
    assert not frames


def test_deadline_counts_from_the_arrival_of_a_request_until_its_answer(clock):
    state = make_state(clock)
    for id, seconds in ((1, 5.0), (2, None), (3, 2.0), (4, 9.0)):
        codec = Codec(replace(LAB, client=(replace(ECHO, timeout=seconds),)))
        state.receive(codec.decode(json.dumps({"type": "echo", "id": id, "data": "a"})))
        clock.now += 1
    assert {1: 1005.0, 3: 1004.0, 4: 1012.0} == state.deadlines

    clock.now = 1004.5
    assert [3] == state.take_expired()
    state.request_answered(3)
    clock.now = 1005.0
    assert [1] == state.take_expired()
    state.withdraw(1)
    state.request_answered(4)
    assert not state.deadlines


def test_id_is_unique_among_open_requests(clock):
    state = make_state(clock)
    state.receive(echo(1))

    effect = state.receive(echo(1))
    assert isinstance(effect, SendError)
    assert (effect.error.code, effect.re) == ("invalid_message", None)

    state.request_answered(1)
    assert state.receive(echo(1)) is None


def test_error_with_the_id_of_an_open_request_names_the_message(clock):
    state = make_state(clock, messages=Rate(count=1, seconds=60))
    state.receive(echo(1))

    with pytest.raises(InvalidFrame) as caught:
        frame("echo", id=1, data=2)
    (invalid,) = state.receive_invalid(caught.value)
    limited = state.receive(echo(1))

    for effect in (invalid, limited):
        assert isinstance(effect, SendError)
        assert (effect.re, effect.error.type) == (None, "echo")  # with `re`, it would answer the open request


def test_number_of_open_streams_is_limited(clock):
    state = make_state(clock, streams=1)
    state.receive(count(1))

    rejected = state.receive(count(2))
    assert isinstance(rejected, SendError)
    assert (rejected.error.code, rejected.re) == ("rate_limited", 2)

    state.request_answered(1)
    state.request_answered(1)
    assert state.receive(count(3)) is None
    assert state.receive(count(4)) is not None


def test_client_grants_credit_to_its_open_streams_only(clock):
    state = make_state(clock)
    state.receive(echo(1))
    state.receive(count(2))
    assert {2: 64} == state.credit

    assert state.receive(frame("$more", id=2, data={"count": 32})) == ResumeStream(id=2)
    for unknown in (1, 3):
        assert state.receive(frame("$more", id=unknown, data={"count": 1})) is None
    assert {2: 96} == state.credit

    state.receive(frame("$more", id=2, data={"count": 2**53 - 1}))
    assert {2: 65_536} == state.credit

    state.request_answered(2)
    assert state.receive(frame("$more", id=2, data={"count": 1})) is None
    assert {} == state.credit


def test_waiting_request_is_cancelled_in_the_inbox(clock):
    state = make_state(clock)
    state.receive(echo(1))
    state.receive(echo(2))

    effect = state.receive(frame("$cancel", id=2))

    assert isinstance(effect, SendError)
    assert (effect.error.code, effect.re) == ("cancelled", 2)
    assert [1] == [waiting.id for waiting in state.inbox]


def test_acknowledged_message_with_the_id_of_a_running_request_is_not_cancelled(clock):
    state = make_state(clock)
    state.receive(count(1))
    state.inbox.clear()
    delivery = Codec(ORDERS).decode(order_frame("nut", 1))
    state.receive(delivery)

    assert state.receive(frame("$cancel", id=1)) == CancelTask(id=1)
    assert [delivery] == state.inbox
    assert 1 in state.credit


def test_running_request_is_cancelled_and_an_answered_one_is_ignored(clock):
    state = make_state(clock)
    state.receive(echo(1))
    state.inbox.pop(0)

    assert state.receive(frame("$cancel", id=1)) == CancelTask(id=1)
    state.request_answered(1)
    assert state.receive(frame("$cancel", id=1)) is None


def test_reply_resolves_its_request_once(clock):
    state = make_state(clock)
    got: list[object] = []
    id = state.pending.add(CONFIRM, got.append, got.append)

    assert state.receive(frame("confirm", re=id, data=True)) is None
    assert state.receive(frame("confirm", re=id, data=False)) is None
    assert got == [True]


def test_error_and_invalid_reply_reject_the_request(clock):
    state = make_state(clock)
    got: list[object] = []
    first, second = (state.pending.add(CONFIRM, got.append, got.append) for _ in range(2))

    state.receive(frame("$error", re=first, data={"code": "internal", "message": "no idea"}))
    state.receive_invalid(InvalidFrame(ErrorData(code="invalid_message", message="expected a boolean"), re=second))

    assert [str(error) for error in got] == [
        'confirm failed: "internal"',
        "reply to confirm is invalid: invalid_message: expected a boolean",
    ]


def test_consecutive_invalid_messages_end_in_a_close(clock):
    state = make_state(clock, invalid_messages=2)
    rejected = InvalidFrame(ErrorData(code="malformed_json", message="expected JSON"), id=7)

    assert state.receive_invalid(rejected) == (SendError(error=rejected.error, re=7),)
    state.receive(frame("nudge"))
    state.receive_invalid(rejected)
    assert state.receive_invalid(rejected)[1:] == (
        Close(code=CloseCode.TOO_MANY_INVALID, reason="2 invalid messages in a row"),
    )


def test_rate_of_the_schema_limits_one_message_type(clock):
    state = make_state(clock)
    limited = frame("limited", data=1)

    assert [None, None] == [state.receive(limited), state.receive(limited)]
    rejected = state.receive(limited)
    assert isinstance(rejected, SendError)
    assert (rejected.error.code, rejected.error.retryable, rejected.error.retry_after_ms) == (
        "rate_limited",
        True,
        5001,
    )
    assert state.receive(frame("nudge")) is None

    clock.now += 5
    assert state.receive(limited) is None


def test_rate_of_the_limits_applies_to_all_messages_and_rejects_requests_by_id(clock):
    state = make_state(clock, messages=Rate(count=1, seconds=60))
    state.receive(frame("nudge"))

    rejected = state.receive(echo(5))

    assert isinstance(rejected, SendError)
    assert rejected.re == 5
    clock.now += 60
    assert state.receive(echo(5)) is None


def test_rate_limited_message_is_named_by_its_id_or_its_type(clock):
    orders = Codec(ORDERS)
    limits = Limits(messages=Rate(count=1))
    order = SessionState(limits, clock)
    note = SessionState(limits, clock)

    for number in range(2):
        ordered = order.receive(orders.decode(order_frame("nut", number)))
        noted = note.receive(orders.decode('{"type":"note","data":"x"}'))

    assert isinstance(ordered, SendError)
    assert isinstance(noted, SendError)
    assert (1, None) == (ordered.re, ordered.error.type)
    assert (None, "note") == (noted.re, noted.error.type)


def cancel_all(id: int, after: int | None = None):
    members = {} if after is None else {"after": after}
    return Codec(ORDERS).decode(json.dumps({"type": "cancel-all", "id": id, "session": "s" * 22, **members}))


def refused(state: SessionState, *frames: Frame) -> list[int | None]:
    """Return the ids of the frames that are rate limited."""
    effects = [state.receive(arriving) for arriving in frames]
    assert {effect.error.code for effect in effects if isinstance(effect, SendError)} <= {"rate_limited"}
    return [effect.re for effect in effects if isinstance(effect, SendError)]


def test_acknowledged_message_does_not_overtake_a_rate_limited_one(clock):
    state = make_state(clock)  # 2 messages in 10 s
    assert [3] == refused(state, cancel_all(1), cancel_all(2, after=1), cancel_all(3, after=2))

    clock.now += 5.0
    assert [4, 5] == refused(state, cancel_all(4, after=3), cancel_all(5, after=4))
    assert [4] == refused(state, cancel_all(3), cancel_all(4, after=3))

    clock.now += 10.0
    assert [] == refused(state, cancel_all(5), cancel_all(6, after=5))  # the client has given up 4


def test_rate_limited_message_does_not_refuse_those_before_it(clock):
    state = make_state(clock)
    first, second, third = cancel_all(1), cancel_all(2, after=1), cancel_all(3, after=2)
    assert [3] == refused(state, first, second, third)

    assert [None, None] == [state.refuse_early(waiting) for waiting in state.inbox]
    clock.now += 5.0
    assert [4] == refused(state, cancel_all(4, after=3))


def test_acknowledged_message_without_a_predecessor_is_not_refused(clock):
    state = make_state(clock)
    assert [3] == refused(state, cancel_all(1), cancel_all(2), cancel_all(3))

    clock.now += 5.0
    assert [] == refused(state, cancel_all(4))


def test_message_that_was_not_handled_refuses_only_its_own_type(clock):
    state = make_state(clock)
    assert [3] == refused(state, cancel_all(1), cancel_all(2, after=1), cancel_all(3, after=2))

    assert state.receive(Codec(ORDERS).decode(order_frame("nut", 4))) is None


def test_rate_limited_message_is_not_counted_as_invalid(clock):
    state = make_state(clock, invalid_messages=1, messages=Rate(count=1, seconds=60))
    state.receive(frame("nudge"))

    for _ in range(10):
        assert isinstance(state.receive(frame("nudge")), SendError)
