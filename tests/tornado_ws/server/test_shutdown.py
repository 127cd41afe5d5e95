from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from tornado.httpclient import HTTPClientError

from tests.support.lab import Echo, Lab, Nudge
from tests.support.layers import ROOT
from tests.support.peer import Peer
from tornado_ws import CloseCode

ROOM = {"room": "a"}


@pytest.mark.gen_test
async def test_drain_waits_for_methods_closes_all_connections_and_refuses_new_ones(app, sockets, connect):
    begun, go_on = asyncio.Event(), asyncio.Event()

    class Slow(Lab):
        async def on_echo(self, echo: str) -> str:
            begun.set()
            await go_on.wait()
            return echo

    app.add_handlers(".*", sockets.persistent(Slow))

    async with connect(Slow, ROOM) as ann, connect(Slow, ROOM) as bob:
        reply = asyncio.create_task(ann.request(Echo("a")))
        await begun.wait()
        draining = asyncio.create_task(sockets.drain(20.0, spread=3.0))
        await asyncio.sleep(0.02)
        with pytest.raises(HTTPClientError) as refused:
            await connect(Slow, ROOM).__aenter__()

        assert refused.value.code == 503
        go_on.set()
        assert await reply == "a"
        for client in (ann, bob):
            closed = await client.expect_close(CloseCode.GOING_AWAY)
            assert closed.reason in {f"retry after {seconds}" for seconds in range(4)}
        assert await draining == 0
        assert not sockets.connections


@pytest.mark.gen_test
async def test_drain_aborts_connections_after_its_timeout(app, sockets, connect):
    begun, cancelled = asyncio.Event(), asyncio.Event()

    class Stubborn(Lab):
        async def on_nudge(self) -> None:
            begun.set()
            try:
                await asyncio.sleep(60)
            finally:
                cancelled.set()

    app.add_handlers(".*", sockets.persistent(Stubborn))

    async with connect(Stubborn, ROOM) as ann, connect(Stubborn, ROOM) as bob:
        await ann.send(Nudge())
        await begun.wait()

        assert await sockets.drain(1.0) == 1
        assert cancelled.is_set()
        await ann.expect_close(CloseCode.GOING_AWAY)
        await bob.expect_close(CloseCode.GOING_AWAY)


@pytest.mark.gen_test
async def test_close_aborts_all_connections(app, sockets, connect, until):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        sockets.close()
        await ann.expect_close(CloseCode.GOING_AWAY)

    await until(lambda: not sockets.connections)
    assert len(sockets.context.deadlines) == 0


@pytest.mark.gen_test
async def test_signal_drains_and_closes(app, sockets, connect, http_server):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        serving = asyncio.create_task(sockets.serve_until_signal(http_server, timeout=1.0, spread=0.0))
        await asyncio.sleep(0.02)
        os.kill(os.getpid(), signal.SIGTERM)

        closed = await ann.expect_close(CloseCode.GOING_AWAY)
        await serving
        assert closed.reason == "retry after 0"
        with pytest.raises(OSError, match="refused"):
            await connect(Lab, ROOM).__aenter__()


class Program:
    """Server in a process of its own (:mod:`tests.support.drained_server`)."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self.process = process
        self.port = port

    async def line(self) -> str:
        """Return the next line of its output; empty at its end."""
        assert self.process.stdout is not None
        async with asyncio.timeout(15):
            return (await self.process.stdout.readline()).decode().strip()

    async def end(self) -> tuple[list[str], str, int]:
        """Wait for its end, and return the rest of its output, its errors and its exit code."""
        async with asyncio.timeout(15):
            output, errors = await self.process.communicate()
        assert self.process.returncode is not None
        return output.decode().splitlines(), errors.decode(), self.process.returncode


@asynccontextmanager
async def program() -> AsyncIterator[Program]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.drained_server"), stdout=PIPE, stderr=PIPE, cwd=ROOT
    )
    running = Program(process, 0)
    try:
        running.port = int(await running.line())
        yield running
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


@pytest.mark.gen_test
@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
async def test_second_signal_ends_the_drain_at_once_without_a_traceback(second):
    async with program() as server:
        async with (
            await Peer.connect(server.port, path="/lab/busy") as busy,
            await Peer.connect(server.port, path="/lab/idle") as idle,
        ):
            assert {"connected busy", "connected idle"} == {await server.line(), await server.line()}
            await busy.text('{"type":"nudge"}')
            assert await server.line() == "busy"
            server.process.send_signal(signal.SIGTERM)
            assert await idle.receive_close_frame() == 1001
            await idle.close()
            assert await server.line() == "disconnected idle 1001"

            began = asyncio.get_running_loop().time()
            server.process.send_signal(second)
            assert await busy.receive_close() == 1001
            output, errors, code = await server.end()

        assert output == ["disconnected busy 1001", "stopped"]
        assert errors == ""
        assert code == 0
        assert asyncio.get_running_loop().time() - began < 5  # the method takes a minute, and the drain 30 s


@pytest.mark.gen_test
@pytest.mark.parametrize("room", ["slow", "stubborn"])
async def test_handshakes_under_way_are_refused_when_the_drain_begins(room):
    async with program() as server:
        shaking = asyncio.create_task(Peer.connect(server.port, path=f"/lab/{room}"))
        assert await server.line() == "guarded"

        server.process.send_signal(signal.SIGTERM)

        async with await shaking as refused:
            assert refused.response.startswith("HTTP/1.1 503 ")
        output, errors, code = await server.end()
        assert output == ["stopped"]
        assert "Traceback" not in errors
        assert code == 0


@pytest.mark.gen_test
async def test_http_requests_in_progress_are_answered_before_the_end():
    async with program() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET /report/1 HTTP/1.1\r\nHost: a\r\n\r\n")
        assert await server.line() == "reporting"
        server.process.send_signal(signal.SIGTERM)

        answer = await reader.read()
        assert answer.endswith(b"report")
        assert b"connection: close" in answer.lower()
        assert await server.end() == (["stopped"], "", 0)
        writer.close()


@pytest.mark.gen_test
async def test_second_signal_ends_http_requests_in_progress():
    async with program() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET /report/60 HTTP/1.1\r\nHost: a\r\n\r\n")
        assert await server.line() == "reporting"
        server.process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.5)
        server.process.send_signal(signal.SIGTERM)

        assert await reader.read() == b""
        writer.close()
        output, errors, code = await server.end()
        assert output == ["stopped"]
        assert errors.startswith("requests that did not end in time: 1\n")
        assert code == 0


@pytest.mark.gen_test
async def test_no_client_is_admitted_after_drain_has_returned(app, sockets, connect, until):
    guarded, go_on = asyncio.Event(), asyncio.Event()
    connected = []

    class Counted(Lab):
        async def on_connect(self) -> None:
            connected.append(self)

    async def stubborn(handler: Lab) -> bool:
        guarded.set()
        while not go_on.is_set():
            with suppress(asyncio.CancelledError):
                await go_on.wait()
        return True

    app.add_handlers(".*", sockets.persistent(Counted, guards=[stubborn]))
    shaking = asyncio.create_task(connect(Counted, ROOM).__aenter__())
    await guarded.wait()

    assert await sockets.drain(0.1) == 0
    go_on.set()

    with pytest.raises(HTTPClientError) as refused:
        await shaking
    assert refused.value.code == 503
    assert not connected
    assert not sockets.connections
    await until(lambda: len(sockets.context.quota) == 0)
