from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tests.support.lab import LAB, Confirm, Count, Echo, Lab, Note, Nudge
from tornado_ws import ConnectionClosed, LimitReached, Limits, RequestTimeout

ROOM = {"room": "a"}


class Requesting(Lab):
    """Lab that sends a request to the client for each ``nudge``, and the result as a note."""

    async def on_nudge(self) -> None:
        try:
            answer = await self.send_request(Confirm("sure?"), timeout=0.2)
        except Exception as error:
            await self.send(Note(f"{type(error).__name__}: {error}"))
        else:
            await self.send(Note(str(answer)))


@pytest.mark.gen_test
async def test_method_requests_a_reply_while_later_messages_wait(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Requesting))

    async with connect(Requesting, ROOM) as ann:
        ann.answer(Confirm, lambda confirm: confirm.data == "sure?")
        await ann.send(Nudge())
        await ann.send(Nudge())

        assert [Note("True")] * 2 == [await ann.expect(Note) for _ in range(2)]


@pytest.mark.gen_test
async def test_on_connect_can_send_a_request(app, sockets, connect):
    class RequestingFirst(Requesting):
        async def on_connect(self) -> None:
            await self.on_nudge()

    app.add_handlers(".*", sockets.persistent(RequestingFirst))
    client = connect(RequestingFirst, ROOM)
    client.answer(Confirm, lambda confirm: True)

    async with client as ann:
        assert Note("True") == await ann.expect(Note)


@pytest.mark.gen_test
async def test_request_fails_after_its_timeout_an_error_or_an_invalid_reply(app, sockets, connect):
    def refuse(question: object) -> bool:
        raise LookupError("no idea")

    app.add_handlers(".*", sockets.persistent(Requesting))

    async with connect(Requesting, ROOM) as ann:
        await ann.send(Nudge())
        assert (await ann.expect(Note)).data == "RequestTimeout: confirm failed: timeout: no reply within 0.2 s"

        ann.answer(Confirm, refuse)
        await ann.send(Nudge())
        assert (await ann.expect(Note)).data == 'RequestFailed: confirm failed: "internal"'

        ann.answer(Confirm, lambda confirm: "yes")  # type: ignore[arg-type, return-value]
        await ann.send(Nudge())
        assert (await ann.expect(Note)).data.startswith("RequestFailed: reply to confirm is invalid: invalid_message")
        await ann.expect_error("invalid_message")


@pytest.mark.gen_test
async def test_time_of_the_schema_is_the_default_of_a_request(app, make_sockets, connect):
    confirm = replace(LAB.server[-1], timeout=0.05)

    class Bounded(Lab):
        endpoint = replace(LAB, server=(*LAB.server[:-1], confirm))

        async def on_echo(self, echo: str) -> str:
            timeout = float(echo) if echo else None
            with pytest.raises(RequestTimeout) as late:
                await self.send_request(Confirm("sure?"), timeout=timeout)
            return str(late.value.seconds)

    app.add_handlers(".*", make_sockets(limits=Limits(request_timeout=60)).persistent(Bounded))

    async with connect(Bounded, ROOM) as ann:
        assert ["0.05", "0.02"] == [await ann.request(Echo("")), await ann.request(Echo("0.02"))]


@pytest.mark.gen_test
async def test_question_is_cancelled_with_the_method_that_waits_for_its_answer(app, sockets, connect):
    class Asking(Lab):
        async def on_echo(self, echo: str) -> str:
            return str(await self.send_request(Confirm("sure?"), timeout=60))

    asked, cancelled = asyncio.Event(), asyncio.Event()

    async def wait(confirm: Confirm) -> bool:
        asked.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return True

    app.add_handlers(".*", sockets.persistent(Asking))

    async with connect(Asking, ROOM) as ann:
        ann.answer(Confirm, wait)
        request = asyncio.create_task(ann.request(Echo("a")))
        await asyncio.wait_for(asked.wait(), 15)
        request.cancel()

        await asyncio.wait_for(cancelled.wait(), 15)


@pytest.mark.gen_test
async def test_request_fails_when_the_connection_closes(app, sockets, connect):
    failed: asyncio.Future[Exception] = asyncio.get_running_loop().create_future()

    class Waiting(Lab):
        async def on_nudge(self) -> None:
            try:
                await self.send_request(Confirm("sure?"))
            except ConnectionClosed as error:
                failed.set_result(error)

    app.add_handlers(".*", sockets.persistent(Waiting))

    async with connect(Waiting, ROOM) as ann:
        await ann.send(Nudge())
        assert Confirm("sure?") == await ann.expect(Confirm)
        ann.close(4002, "gone")

        error = await asyncio.wait_for(failed, 15)
    assert str(error) == "the connection closed with code 4002 (gone)"


@pytest.mark.gen_test
async def test_cancel_of_the_server_and_a_request_of_the_client_have_separate_ids(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Requesting))

    async with connect(Requesting, ROOM) as ann:
        numbers = ann.stream(Count(3))
        assert await anext(numbers) == 0
        await ann.send(Nudge())  # its request is number 1, like the stream, and is cancelled after its timeout
        assert (await ann.expect(Note)).data.startswith("RequestTimeout")

        assert [1, 2] == [number async for number in numbers]


@pytest.mark.gen_test
async def test_reply_is_read_although_the_inbox_is_full(app, make_sockets, connect):
    sockets = make_sockets(limits=Limits(receive_queue_messages=2))
    app.add_handlers(".*", sockets.persistent(Requesting))

    async with connect(Requesting, ROOM) as ann:
        ann.answer(Confirm, lambda confirm: True)
        for _ in range(6):
            await ann.send(Nudge())

        assert [Note("True")] * 6 == [await ann.expect(Note) for _ in range(6)]


@pytest.mark.gen_test
async def test_requests_in_flight_to_one_client_are_limited(app, make_sockets, connect, until):
    sockets = make_sockets(limits=Limits(requests=3))
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        (connection,) = sockets.connections
        waiting = [asyncio.create_task(connection.send_request(Confirm(str(n)))) for n in range(3)]
        for _ in range(3):
            await ann.expect(Confirm)

        with pytest.raises(LimitReached, match=r"expected at most 3 requests of one client \(limits\.requests\)"):
            await connection.send_request(Confirm("one too many"))
        await ann.expect_nothing(0)

        waiting[0].cancel()
        await until(waiting[0].done)
        ann.answer(Confirm, lambda confirm: True)
        assert await connection.send_request(Confirm("allowed again"))
        ann.abort()
        failures = await asyncio.gather(*waiting[1:], return_exceptions=True)
    assert [ConnectionClosed] * 2 == [type(error) for error in failures]


def test_request_timeout_is_a_timeout_error():
    assert issubclass(RequestTimeout, TimeoutError)
