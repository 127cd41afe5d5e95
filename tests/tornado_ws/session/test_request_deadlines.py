"""Requests with a ``timeout`` in the schema, in virtual time."""

from __future__ import annotations

import asyncio
import logging

import pytest

from tests.support.calls import Page, in_virtual_time

EACH_LANE = pytest.mark.parametrize("type_", ["brief", "bounded"], ids=["in order", "concurrent"])


@EACH_LANE
@in_virtual_time
async def test_method_is_cancelled_and_the_request_answered_with_timeout(type_, caplog):
    page = Page()
    page.call(type_, "a 60", "b 1")
    await asyncio.sleep(20)

    assert (5, 1, "timeout") in page.answers
    assert (5, "cancelled", "a") in page.methods.events
    assert page.answer_to(2) == ("timeout" if type_ == "brief" else "b")
    error = next(frame["data"] for _, frame in page.received if frame["re"] == 1)
    assert {"code": "timeout", "message": "no reply within 5 s", "retryable": True} == error
    assert (logging.WARNING, f"Methods.on_{type_} has not ended within 5 s, and is cancelled") in [
        (record.levelno, record.getMessage()) for record in caplog.records
    ]
    assert {"timeout": 2 if type_ == "brief" else 1} == page.errors
    assert [] == page.methods.errors
    assert page.session.idle


@EACH_LANE
@in_virtual_time
async def test_time_counts_from_the_arrival(type_, caplog):
    page = Page()
    page.send({"type": "note", "data": "note 4"})
    page.call(type_, "a 3")
    await asyncio.sleep(20)

    assert [(5, 1, "timeout")] == page.answers
    assert [(4, "begin", "a"), (5, "cancelled", "a")] == page.methods.events[2:]


@in_virtual_time
async def test_request_that_waits_too_long_is_answered_and_never_begins(caplog):
    page = Page()
    page.call("work", "a 7")
    page.call("brief", "b 1", id=10)
    page.call("bounded", "c 1", id=20)
    await asyncio.sleep(20)

    assert [(5, 10, "timeout"), (5, 20, "timeout"), (7, 1, "a")] == page.answers
    assert ["a"] == page.methods.names("begin")
    assert {f"Methods.on_{name} has not begun within 5 s" for name in ("brief", "bounded")} == {
        record.getMessage() for record in caplog.records
    }


@in_virtual_time
async def test_request_that_waits_for_concurrent_ones_is_answered_in_time():
    page = Page()
    page.call("bounded", "a 60 stubborn", "b 60 stubborn", "c 60 stubborn", "d 1")
    await asyncio.sleep(6)

    assert [(5, id, "timeout") for id in (1, 2, 3, 4)] == sorted(page.answers)
    assert ["a", "b", "c"] == page.methods.names("begin")


@EACH_LANE
@in_virtual_time
async def test_method_that_suppresses_its_cancellation_does_not_delay_the_answer(type_):
    page = Page()
    page.call(type_, "a 30 stubborn")
    await asyncio.sleep(60)

    assert [(5, 1, "timeout")] == page.answers
    assert ["a"] == page.methods.names("end")
    assert 0 == page.statistics.sent[type_]


@EACH_LANE
@in_virtual_time
async def test_id_may_be_used_again_while_the_method_still_runs(type_):
    page = Page()
    page.call(type_, "a 8 stubborn")
    await asyncio.sleep(6)
    page.call(type_, "b 1")
    await asyncio.sleep(20)

    assert [(5, 1, "timeout"), (9 if type_ == "brief" else 7, 1, "b")] == page.answers


@EACH_LANE
@in_virtual_time
async def test_exception_after_the_time_is_logged_and_not_answered(type_, caplog):
    page = Page()
    page.call(type_, "a 30 raise-late")
    await asyncio.sleep(60)

    assert [(5, 1, "timeout")] == page.answers
    assert [LookupError] == [type(error) for error in page.methods.errors]
    assert f"Methods.on_{type_} raised, reference" in caplog.text


@EACH_LANE
@in_virtual_time
async def test_timeout_error_of_the_method_is_internal(type_):
    page = Page()
    page.call(type_, "a 1 time-out")
    await asyncio.sleep(60)

    assert [(1, 1, "internal")] == page.answers
    assert [TimeoutError] == [type(error) for error in page.methods.errors]


@EACH_LANE
@in_virtual_time
async def test_cancellation_by_the_client_comes_before_the_time(type_):
    page = Page()
    page.call(type_, "a 30")
    page.call(type_, "b 30 clean-up", id=10)
    await asyncio.sleep(1)
    page.send({"type": "$cancel", "id": 1})
    await asyncio.sleep(3.5)
    page.send({"type": "$cancel", "id": 10})  # the clean-up ends after the time
    await asyncio.sleep(20)

    assert [(1, 1, "cancelled"), (5, 10, "timeout")] == page.answers
    assert ["a", "b"] == page.methods.names("cancelled")


@in_virtual_time
async def test_one_timer_serves_all_requests_of_a_connection():
    page = Page(receive_queue_messages=1000)
    page.call("work", "a 1")
    page.call("brief", *(f"b{n} 0" for n in range(500)), id=10)
    await asyncio.sleep(0.5)
    timers = [handle for handle in asyncio.get_running_loop()._scheduled if not handle.cancelled()]  # type: ignore[attr-defined]
    assert 2 == len(timers)  # with that of the method

    await asyncio.sleep(20)
    assert {str} == {type(answer) for _, _, answer in page.answers}
    assert 501 == len(page.answers)
    assert not page.session._state.deadlines


@in_virtual_time
async def test_deadlines_in_any_order_are_kept():
    page = Page()
    for at in range(4):
        page.call("bounded", f"x{at} 60", id=at)
        await asyncio.sleep(1)
    page.send({"type": "$cancel", "id": 1})
    await asyncio.sleep(20)

    assert [(4, 1, "cancelled"), (5, 0, "timeout"), (7, 2, "timeout"), (8, 3, "timeout")] == page.answers


@EACH_LANE
@in_virtual_time
async def test_time_ends_with_the_connection(type_, caplog):
    page = Page(closing_timeout=8)
    page.call(type_, "a 7")
    await asyncio.sleep(1)
    page.leave()
    await asyncio.sleep(20)

    assert ["a"] == page.methods.names("end")
    assert "" == caplog.text


@in_virtual_time
async def test_deadline_of_a_dropped_request_starts_no_timer_again(monkeypatch):
    page = Page()
    page.call("work", "a 60")
    page.call("brief", "b 1", id=10)
    page.session.close(1000, "")  # drops the request that waits
    calls: list[object] = []
    loop = asyncio.get_running_loop()
    call_later = loop.call_later

    def counted(delay, function, *args):
        calls.append(function)
        if len(calls) > 50:
            raise RuntimeError("the timer starts again and again")
        return call_later(delay, function, *args)

    monkeypatch.setattr(loop, "call_later", counted)
    await asyncio.sleep(20)

    assert len(calls) < 5
