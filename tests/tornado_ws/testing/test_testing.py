from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from tests.support.lab import Confirm, Count, Echo, Job, Lab, Note, Nudge, Said, Say
from tornado_ws import ConnectionClosed, RequestTimeout
from tornado_ws.testing import Client

ROOM = {"room": "a"}
ROOT = Path(__file__).parents[3]
PROJECT = """\
import pytest
from tornado.web import Application

{plugins}


@pytest.fixture
def app() -> Application:
    return Application()


@pytest.mark.gen_test
async def test_something(connect) -> None:
    assert connect.origin
"""


def project(folder: Path, *options: str, plugins: str = "") -> str:
    """Run the tests of somebody else, with nothing of ours but the plugin; return what pytest says."""
    (folder / "conftest.py").write_text(PROJECT.format(plugins=plugins).partition("@pytest.mark")[0], encoding="utf-8")
    (folder / "test_it.py").write_text(PROJECT.format(plugins=""), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": "-p no:cacheprovider"}
    command = [sys.executable, "-m", "pytest", "-q", "--rootdir", str(folder), *options]
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)
    return ran.stdout + ran.stderr


@pytest.mark.gen_test
async def test_expect_returns_the_next_of_its_kind_and_keeps_the_others(app, sockets, connect):
    class Both(Lab):
        async def on_nudge(self) -> None:
            await self.send(Note("first"))
            await self.send(Said(text="second"))

    app.add_handlers(".*", sockets.persistent(Both))

    async with connect(Both, ROOM) as ann:
        await ann.send(Nudge())

        assert Said(text="second") == await ann.expect(Said)
        assert Note("first") == await ann.expect(Note)


@pytest.mark.gen_test
async def test_what_does_not_come_fails_with_what_came_instead(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, ROOM) as ann:
        await ann.send(Say(text="hi"))
        await ann.send_text("{")
        with pytest.raises(AssertionError, match=r"expected note within 0.2 s, got said, \$error \(malformed_json"):
            await ann.expect(Note, timeout=0.2)
        with pytest.raises(AssertionError, match=r"expected \$error internal, got malformed_json"):
            await ann.expect_error("internal")
        with pytest.raises(AssertionError, match=r"expected close 4000 within 0\.05 s, got said"):
            await ann.expect_close(4000, timeout=0.05)
        with pytest.raises(AssertionError, match="expected nothing, got said"):
            await ann.expect_nothing(0)


@pytest.mark.gen_test
async def test_expecting_ends_when_the_connection_does(app, sockets, connect):
    class Closing(Lab):
        async def on_nudge(self) -> None:
            self.close(4001, "enough")

    app.add_handlers(".*", sockets.persistent(Closing))

    async with connect(Closing, ROOM) as ann:
        await ann.send(Nudge())
        with pytest.raises(AssertionError, match=r"expected note, got close 4001 \(enough\)"):
            await ann.expect(Note, timeout=4)
        with pytest.raises(AssertionError, match=r"expected close code 1000, got 4001 \(enough\)"):
            await ann.expect_close(1000)
        with pytest.raises(ConnectionClosed, match="the connection closed with code 4001"):
            await ann.send(Nudge())


@pytest.mark.gen_test
async def test_a_request_that_is_not_answered_times_out(app, sockets, connect):
    class Slow(Lab):
        async def on_echo(self, echo: str) -> str:
            await asyncio.sleep(60)
            return echo

    app.add_handlers(".*", sockets.persistent(Slow))

    async with connect(Slow, ROOM) as ann:
        with pytest.raises(RequestTimeout, match=r"echo failed: timeout: no reply within 0\.05 s"):
            await ann.request(Echo("a"), timeout=0.05)
        ann.abort()


@pytest.mark.gen_test
async def test_a_client_that_vanishes_says_no_good_bye(app, sockets, connect, until):
    ends = []

    class Told(Lab):
        async def on_disconnect(self, code: int | None, reason: str | None) -> None:
            ends.append((code, reason))

    app.add_handlers(".*", sockets.persistent(Told))

    async with connect(Told, ROOM) as ann:
        ann.abort()
        await until(lambda: ends)

    assert [(None, None)] == ends


@pytest.mark.gen_test
async def test_a_request_of_the_server_can_be_expected_like_a_message(app, sockets, connect):
    class Asking(Lab):
        async def on_nudge(self) -> None:
            await self.send_request(Confirm("sure?"))

    app.add_handlers(".*", sockets.persistent(Asking))

    async with connect(Asking, ROOM) as ann:
        await ann.send(Nudge())
        assert Confirm("sure?") == await ann.expect(Confirm)


@pytest.mark.gen_test
async def test_answers_may_be_asynchronous(app, sockets, connect):
    class Asking(Lab):
        async def on_nudge(self) -> None:
            await self.send(Note(str(await self.send_request(Confirm("sure?")))))

    async def think(question: str) -> bool:
        await asyncio.sleep(0.01)
        return True

    app.add_handlers(".*", sockets.persistent(Asking))

    async with connect(Asking, ROOM) as ann:
        ann.answer(Confirm, think)
        await ann.send(Nudge())
        assert Note("True") == await ann.expect(Note)


def test_an_ephemeral_endpoint_has_no_path_of_its_own(connect):
    with pytest.raises(TypeError, match="long-job is ephemeral: give the url that an action has answered"):
        connect(Job)


@pytest.mark.gen_test
async def test_a_client_is_used_as_a_context_manager():
    with pytest.raises(RuntimeError, match="use the client in 'async with'"):
        await Client(Lab.endpoint, "ws://127.0.0.1:1/").send(Nudge())


@pytest.mark.gen_test
async def test_leaving_closes_without_a_trace(app, sockets, connect, until):
    app.add_handlers(".*", sockets.persistent(Lab))

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        async with connect(Lab, ROOM) as ann:
            stream = ann.stream(Count(100))
            await anext(stream)
        await stream.aclose()
    await until(lambda: not sockets.connections)

    assert ann.closed is not None
    assert ann.closed.code == 1000
    assert not sockets.connections


@pytest.mark.slow
def test_projects_in_which_warnings_are_errors_can_use_it(tmp_path):
    said = project(tmp_path, "-W", "error", "-p", "tornado_ws.testing")

    assert "1 passed in" in said, said


@pytest.mark.slow
def test_projects_that_ask_for_it_in_a_conftest_see_no_warnings_of_pytest_tornado(tmp_path):
    said = project(tmp_path, plugins='pytest_plugins = ["tornado_ws.testing"]')

    assert "1 passed in" in said, said
    assert "warning" not in said
