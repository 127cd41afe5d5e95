"""Requests that run beside the other messages of their connection, in virtual time."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import pytest

from tests.support.calls import NOT_COMPILED, USER, Page, in_virtual_time
from tests.support.lab import LAB, Echo, Lab, Said, Say
from tornado_ws import RequestFailed

ROOM = {"room": "a"}


@in_virtual_time
async def test_requests_run_in_order_unless_they_are_concurrent():
    page = Page()
    page.call("work", "a 3", "b 1")
    page.call("query", "c 3", "d 1", id=10)
    page.send({"type": "note", "data": "e 0"})
    await asyncio.sleep(20)

    assert [(3, 1, "a"), (4, 2, "b"), (5, 11, "d"), (7, 10, "c")] == page.answers
    assert (4, "end", "e") in page.methods.events


@in_virtual_time
async def test_concurrent_request_begins_after_the_messages_before_it():
    page = Page()
    page.send({"type": "note", "data": "note 2"})
    page.call("query", "query 1")
    await asyncio.sleep(10)

    assert [(0, "begin", "note"), (2, "end", "note"), (2, "begin", "query"), (3, "end", "query")] == page.methods.events


@in_virtual_time
async def test_request_that_waits_for_another_does_not_hold_back_messages_of_other_types():
    page = Page()
    page.call("single", "a 5", "b 5")
    page.call("query", "c 1", id=10)
    page.call("work", "d 1", id=20)
    page.send({"type": "note", "data": "e 0"})
    await asyncio.sleep(20)

    assert [(1, 10, "c"), (1, 20, "d"), (5, 1, "a"), (10, 2, "b")] == sorted(page.answers)
    assert (1, "end", "e") in page.methods.events


@in_virtual_time
async def test_number_of_concurrent_requests_of_one_type_is_limited_and_further_ones_wait_in_order():
    page = Page()
    page.call("pair", "a 3", "b 1", "c 1", "d 1", "e 1")
    await asyncio.sleep(20)

    assert ["a", "b", "c", "d", "e"] == page.methods.names("begin")
    assert [(1, 2, "b"), (2, 3, "c"), (3, 1, "a"), (3, 4, "d"), (4, 5, "e")] == page.answers


@in_virtual_time
async def test_number_of_concurrent_requests_of_all_types_is_limited():
    page = Page(concurrent_requests=3)
    page.call("query", "a 2", "b 2")
    page.call("pair", "c 2", "d 2", id=10)
    page.call("query", "e 2", id=20)
    assert page.session.running_method == ""
    await asyncio.sleep(1)

    assert ["a", "b", "c"] == page.methods.names("begin")
    await asyncio.sleep(2)
    assert ["a", "b", "c", "d", "e"] == page.methods.names("begin")


@in_virtual_time
async def test_flood_of_requests_stops_reading_until_some_have_ended():
    page = Page(concurrent_requests=4, receive_queue_messages=8)
    page.call("query", *(f"q{n} 1" for n in range(100)))
    await asyncio.sleep(0.5)

    assert 4 == len(page.methods.names("begin"))
    assert 100 - 4 - 8 == len(page.unread)
    await asyncio.sleep(30)
    assert [f"q{n}" for n in range(100)] == page.methods.names("begin")
    assert [*range(1, 101)] == sorted(id for _, id, _ in page.answers)
    assert page.session.idle


@in_virtual_time
async def test_flood_of_requests_that_never_end_holds_no_more_than_the_limits():
    page = Page(concurrent_requests=4, receive_queue_messages=8)
    page.call("query", *(f"q{n} 1000000 stubborn" for n in range(100)))
    page.call("single", *(f"s{n} 1000000 stubborn" for n in range(100)), id=200)
    await asyncio.sleep(100)

    assert ["q0", "q1", "q2", "q3"] == page.methods.names("begin")
    assert 200 - 4 - 8 == len(page.unread)
    page.leave()
    await asyncio.sleep(30)
    assert page.session.closed


@in_virtual_time
async def test_reply_to_a_request_of_the_server_is_read_although_requests_wait():
    page = Page(concurrent_requests=1, receive_queue_messages=2)
    page.call("query", "a 60", "b 1", "c 1", "d 1")
    await asyncio.sleep(1)
    assert 1 == len(page.unread)

    confirm = page.session._codec.endpoint.server[0]
    id, reply = page.session.request(confirm.cls("sure?"), confirm)
    page.send({"type": "confirm", "re": id, "data": "yes"})
    assert "yes" == await asyncio.wait_for(reply, 1)


@in_virtual_time
async def test_request_is_cancelled_while_it_runs_and_only_once():
    page = Page()
    page.call("query", "a 60 clean-up", "b 2")
    await asyncio.sleep(1)
    page.send(*[{"type": "$cancel", "id": 1}] * 3)
    await asyncio.sleep(10)

    assert [(1, "cancelled", "a"), (2, "clean", "a")] == [e for e in page.methods.events if e[2] == "a"][1:]
    assert [(2, 1, "cancelled"), (2, 2, "b")] == sorted(page.answers)


@in_virtual_time
async def test_request_that_runs_in_order_is_cancelled_only_once():
    page = Page()
    page.call("work", "a 60 clean-up")
    await asyncio.sleep(1)
    page.send(*[{"type": "$cancel", "id": 1}] * 3)
    await asyncio.sleep(10)

    assert [(1, "cancelled", "a"), (2, "clean", "a")] == page.methods.events[1:]
    assert [(2, 1, "cancelled")] == page.answers


@in_virtual_time
async def test_request_is_cancelled_before_its_task_has_begun():
    page = Page()
    await asyncio.sleep(1)
    page.call("query", "a 60")
    page.send({"type": "$cancel", "id": 1})
    await asyncio.sleep(1)

    assert [(1, 1, "cancelled")] == page.answers
    assert [] == page.methods.events
    assert page.session.idle


@in_virtual_time
async def test_request_is_cancelled_while_it_waits():
    page = Page()
    page.call("single", "a 5", "b 5", "c 5")
    await asyncio.sleep(1)
    page.send({"type": "$cancel", "id": 2})
    await asyncio.sleep(20)

    assert [(1, 2, "cancelled"), (5, 1, "a"), (10, 3, "c")] == page.answers


@in_virtual_time
async def test_cancellation_after_the_answer_has_no_effect():
    page = Page()
    page.call("query", "a 1")
    await asyncio.sleep(2)
    page.send({"type": "$cancel", "id": 1})
    page.call("query", "b 1")
    await asyncio.sleep(2)

    assert [(1, 1, "a"), (3, 1, "b")] == page.answers


@in_virtual_time
async def test_id_of_a_request_that_runs_or_waits_is_refused():
    page = Page()
    page.call("single", "a 5", "b 5")
    await asyncio.sleep(1)
    page.call("query", "c 1", "d 1")
    await asyncio.sleep(0)

    errors = [frame["data"]["message"] for _, frame in page.received if frame["type"] == "$error"]
    assert ["the id belongs to an open request"] * 2 == errors


@in_virtual_time
async def test_exceptions_are_reported_for_each_request_alone(caplog):
    page = Page()
    page.call("query", "a 1 raise", "b 1 declare", "c 1 time-out", "d 1 cancel-self", "e 1 return-error")
    await asyncio.sleep(5)

    answers = {id: answer for _, id, answer in page.answers}
    assert {1: "internal", 2: "sold_out", 3: "internal", 4: "internal", 5: "sold_out"} == answers
    assert [LookupError, TimeoutError] == [type(error) for error in page.methods.errors]
    assert 3 == len([record for record in caplog.records if record.levelno == logging.ERROR])


@in_virtual_time
async def test_each_request_has_a_copy_of_the_context_of_the_connection():
    seen: list[str] = []
    page = Page()

    async def handle(target: object, command: str) -> str:
        seen.append(USER.get())
        USER.set(command)
        await asyncio.sleep(1)
        seen.append(USER.get())
        return command

    page.session._dispatcher._calls._methods["query"] = handle
    page.call("query", "a", "b")
    await asyncio.sleep(5)

    assert ["", "", "a", "b"] == seen


@in_virtual_time
async def test_methods_run_to_their_end_after_the_client_has_closed_the_connection():
    page = Page(closing_timeout=5)
    page.call("single", "a 2", "b 2")
    await asyncio.sleep(1)
    page.leave()
    await asyncio.sleep(10)

    assert ["a", "b"] == page.methods.names("end")
    assert (4, "disconnect", "") == page.methods.events[-1]
    assert page.session.closed


@in_virtual_time
async def test_methods_are_cancelled_when_the_time_after_the_close_is_over():
    page = Page(closing_timeout=5)
    page.call("query", "a 60", "b 60 clean-up")
    page.call("single", "c 60", "d 60", id=10)
    page.call("work", "e 60", id=20)
    await asyncio.sleep(1)
    page.leave()
    await asyncio.sleep(20)

    assert ["a", "b", "c", "e"] == sorted(page.methods.names("cancelled"))
    assert ["a", "b", "c", "e"] == sorted(page.methods.names("begin"))
    assert (7, "disconnect", "") == page.methods.events[-1]


@in_virtual_time
async def test_methods_are_cancelled_at_once_if_the_connection_is_lost():
    page = Page()
    page.call("query", "a 60", "b 60 raise-late")
    await asyncio.sleep(1)
    page.leave(clean=False)
    await asyncio.sleep(1)

    assert [(1, "cancelled", "a"), (1, "cancelled", "b"), (1, "disconnect", "")] == sorted(page.methods.events[2:])
    assert [] == page.answers


@in_virtual_time
async def test_methods_that_suppress_their_cancellation_are_abandoned(caplog):
    page = Page(closing_timeout=5)
    page.call("query", "a 60 stubborn", "b 60 stubborn")
    page.call("work", "c 60 stubborn", id=10)
    await asyncio.sleep(1)
    page.leave()
    await asyncio.sleep(20)

    assert (11, "disconnect", "c a b") in page.methods.events
    text = "Methods.on_query suppresses its cancellation; the connection is abandoned"
    assert [text, text, text.replace("query", "work")] == sorted(record.getMessage() for record in caplog.records)
    await asyncio.sleep(60)
    assert ["a", "b", "c"] == sorted(page.methods.names("end"))
    assert 1 == len(page.methods.names("disconnect"))


@in_virtual_time
async def test_server_that_shuts_down_abandons_methods_that_suppress_their_cancellation():
    page = Page()
    page.call("query", "a 60 stubborn")
    await asyncio.sleep(1)
    page.leave(clean=False)
    await asyncio.sleep(0.1)
    page.session.abandon()
    await asyncio.sleep(0.1)

    assert page.session.closed


@in_virtual_time
async def test_requests_that_wait_are_dropped_when_the_server_closes_the_connection():
    page = Page()
    page.call("single", "a 2", "b 2")
    await asyncio.sleep(1)
    page.session.close(1000, "")
    await asyncio.sleep(10)

    assert ["a"] == page.methods.names("begin")
    assert page.session.idle


@pytest.mark.parametrize("type_", ["query", "single"])
@in_virtual_time
async def test_session_is_idle_when_no_request_runs_or_waits(type_):
    page = Page()
    page.call(type_, "a 2", "b 3")
    await asyncio.sleep(1)
    assert not page.session.idle
    assert f"on_{type_}" == page.session.running_method

    await page.session.when_idle()
    assert 2 == len(page.answers)
    assert page.session.idle
    assert "" == page.session.running_method


@in_virtual_time
async def test_session_becomes_idle_although_messages_arrive_meanwhile():
    page = Page()
    page.call("query", "a 2")
    page.call("work", "b 1", id=10)
    await asyncio.sleep(0)
    idle = asyncio.ensure_future(page.session.when_idle())
    await asyncio.sleep(1.5)
    page.call("work", "c 2", id=20)
    await asyncio.wait_for(idle, 10)

    assert 3.5 == asyncio.get_running_loop().time()


@in_virtual_time
async def test_request_counts_until_the_client_has_read_enough():
    page = Page(closing_timeout=5)
    page.writable = asyncio.get_running_loop().create_future()
    page.call("single", "a 1", "b 1", "c 1")
    await asyncio.sleep(3)
    assert ["a"] == page.methods.names("begin")

    page.writable, writable = None, page.writable
    writable.set_result(None)
    await asyncio.sleep(1.5)
    assert ["a", "b", "c"] == page.methods.names("begin")
    page.writable = asyncio.get_running_loop().create_future()
    await asyncio.sleep(1)
    page.leave(clean=False)
    await asyncio.sleep(0.1)
    assert page.session.closed


@in_virtual_time
async def test_times_and_numbers_are_measured():
    page = Page()
    page.call("query", "a 2", "b 3", "c 1 raise")
    await asyncio.sleep(10)

    received = page.statistics.received["query"]
    assert (3, 3, 6.0) == (received.count, sum(received.times.counts), received.times.total)
    assert 2 == page.statistics.sent["query"]


@NOT_COMPILED
def test_requests_that_wait_do_not_begin_at_the_end_of_the_program():
    pages: list[Page] = []

    @in_virtual_time
    async def program() -> None:
        pages.append(Page())
        pages[0].call("single", "a 60", "b 60")
        await asyncio.sleep(1)

    program()

    assert [(0, "begin", "a"), (1, "cancelled", "a")] == pages[0].methods.events


@pytest.mark.gen_test
async def test_requests_of_a_real_connection_run_beside_its_messages_and_end_in_time(app, sockets, connect, until):
    cancelled: list[str] = []

    class Concurrent(Lab):
        endpoint = replace(
            LAB,
            client=tuple(
                replace(message, concurrent=2, timeout=0.1) if message.name == "echo" else message
                for message in LAB.client
            ),
        )

        async def on_echo(self, echo: str) -> str:
            if echo == "late":
                try:
                    await asyncio.sleep(60)
                finally:
                    cancelled.append(echo)
            await asyncio.sleep(0.01)
            return echo

    app.add_handlers(".*", sockets.persistent(Concurrent))

    async with connect(Concurrent, ROOM) as ann:
        late = asyncio.create_task(ann.request(Echo("late")))
        others = [asyncio.create_task(ann.request(Echo(text))) for text in ("a", "b")]
        await ann.send(Say(text="hi"))
        assert Said(text="hi") == await ann.expect(Said)
        assert ["a", "b"] == await asyncio.gather(*others)
        with pytest.raises(RequestFailed, match=r"echo failed: timeout: no reply within 0\.1 s"):
            await late
        await ann.send_text('{"type":"echo","id":100,"data":"late"}')
        assert "c" == await ann.request(Echo("c"))
        ann.abort()

    await until(lambda: cancelled == ["late", "late"])


@in_virtual_time
async def test_nothing_of_a_session_is_kept_after_its_end():
    page = Page()
    page.call("bounded", "a 2", "b 60")
    await asyncio.sleep(1)
    page.leave(clean=False)
    await asyncio.sleep(1)

    timers = [handle for handle in asyncio.get_running_loop()._scheduled if not handle.cancelled()]  # type: ignore[attr-defined]
    assert [] == timers
    assert {asyncio.current_task()} == {task for task in asyncio.all_tasks() if "keep_watch" not in repr(task)}


@in_virtual_time
async def test_client_is_confirmed_while_the_session_reads_nothing():
    page = Page(receive_queue_messages=2)
    page.session.confirm_unread()
    page.call("single", "a 60", "b 60", "c 60", "d 60")
    await asyncio.sleep(1)
    assert [] == page.received

    page.session.confirm_unread()

    assert page.unread
    assert [{"type": "$pong", "data": {"received": 4 - len(page.unread)}}] == [frame for _, frame in page.received]
