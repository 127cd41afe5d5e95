"""Streams that go on after the position of a client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from tornado.httpserver import HTTPServer
from tornado.web import Application
from tornado.websocket import WebSocketClientConnection, websocket_connect

from tests.support.logs import Logs, LogsHandler
from tornado_ws import ConfigurationError, IncompleteHandler, WebSocketController


@pytest.fixture
def logs(
    app: Application, sockets: WebSocketController, http_server: HTTPServer, http_port: int
) -> Callable[[], AbstractAsyncContextManager[WebSocketClientConnection]]:
    """Return a function that connects without the subprotocol."""
    app.add_handlers(".*", sockets.persistent(Logs))

    @asynccontextmanager
    async def connect() -> AsyncIterator[WebSocketClientConnection]:
        client = await websocket_connect(f"ws://127.0.0.1:{http_port}/logs")
        yield client
        client.close()

    return connect


async def receive(client: WebSocketClientConnection) -> Any:
    async with asyncio.timeout(5):
        text = await client.read_message()
    return None if text is None else json.loads(text)


async def until_end(client: WebSocketClientConnection) -> list[int]:
    items = []
    while (frame := await receive(client))["type"] != "$end":
        items.append(frame["data"])
    return items


@pytest.mark.gen_test
async def test_method_receives_the_position(logs: Any) -> None:
    async with logs() as client:
        for resume, expected in (
            ({}, [1, 2, 3, 4]),
            ({"resume": 2}, [3, 4]),
            ({"resume": None}, [1, 2, 3, 4]),
            ({"resume": 4}, []),
        ):
            await client.write_message(json.dumps({"type": "follow", "id": 1, **resume, "data": 4}))
            assert expected == await until_end(client)


@pytest.mark.gen_test
async def test_request_without_data_receives_the_position(logs: Any) -> None:
    async with logs() as client:
        await client.write_message('{"type": "tick", "id": 1}')
        assert {"type": "tick", "re": 1, "data": 1} == await receive(client)
        await client.write_message('{"type": "tick", "id": 2, "resume": 7}')
        assert {"type": "tick", "re": 2, "data": 8} == await receive(client)


@pytest.mark.gen_test
async def test_invalid_position_is_answered_and_the_method_is_not_called(logs: Any) -> None:
    async with logs() as client:
        await client.write_message('{"type": "follow", "id": 3, "resume": 0, "data": 4}')

        answer = await receive(client)
        assert ("$error", 3) == (answer["type"], answer["re"])
        assert {
            "code": "invalid_message",
            "message": "resume: expected at least 1",
            "keyword": "minimum",
            "expected": 1,
        } == answer["data"]


@pytest.mark.gen_test
async def test_stream_after_a_position_has_the_credit_of_a_new_one(logs: Any) -> None:
    async with logs() as client:
        await client.write_message('{"type": "follow", "id": 1, "resume": 100, "data": 500}')

        first = [(await receive(client))["data"] for _ in range(64)]
        await client.write_message('{"type": "$more", "id": 1, "data": {"count": 2}}')
        more = [(await receive(client))["data"] for _ in range(2)]

        assert [*range(101, 167)] == first + more
        await client.write_message('{"type": "$cancel", "id": 1}')
        assert "cancelled" == (await receive(client))["data"]["code"]


@pytest.mark.gen_test
async def test_shutdown_does_not_wait_for_the_stream_and_only_closes_it(
    logs: Any, sockets: WebSocketController
) -> None:
    async with logs() as client:
        await client.write_message('{"type": "tick", "id": 1}')
        assert 1 == (await receive(client))["data"]

        assert 0 == await sockets.drain(timeout=5, spread=0)

        assert await receive(client) is None
        assert 1001 == client.close_code


@pytest.mark.gen_test
async def test_end_of_the_program_does_not_answer_the_stream(logs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async with logs() as client:
        await client.write_message('{"type": "tick", "id": 1}')
        await receive(client)
        (task,) = [task for task in asyncio.all_tasks() if "Streams._run" in repr(task)]
        monkeypatch.setattr("tornado_ws.session.streams.program_ends", lambda: True)

        task.cancel()
        await client.write_message('{"type": "follow", "id": 2, "data": 1}')

        assert 2 == (await receive(client))["re"]


def test_method_without_the_keyword_is_refused(sockets: WebSocketController) -> None:
    class WithoutKeyword(Logs):
        async def on_tick(self) -> AsyncIterator[int]:  # type: ignore[override]
            yield 1

    with pytest.raises(ConfigurationError) as caught:
        sockets.persistent(WithoutKeyword)

    assert "expected on_tick(self, resume), got on_tick(self)" in str(caught.value)


def test_missing_method_is_shown_with_the_keyword(sockets: WebSocketController) -> None:
    class Missing(LogsHandler):
        async def on_tick(self, *, resume: int | None) -> AsyncIterator[int]:
            yield 1

    with pytest.raises(IncompleteHandler) as caught:
        sockets.persistent(Missing)

    assert "write async def on_follow(self, follow: int, *, resume: int | None) -> AsyncIterator[int]" in str(
        caught.value
    )
