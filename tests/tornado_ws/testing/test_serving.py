from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest
from tornado.web import Application

from tests.support.lab import Echo, Lab
from tests.support.layers import ROOT
from tornado_ws import WebSocketController
from tornado_ws.testing import serving

ROOM = {"room": "a"}

TESTS = """
    import pytest, unittest
    from tornado.web import Application
    from tests.support.lab import Echo, Lab
    from tornado_ws import WebSocketController
    from tornado_ws.testing import serving

    async def ask():
        application = Application(WebSocketController().persistent(Lab))
        async with serving(application) as connect, connect(Lab, {"room": "a"}) as ann:
            assert await ann.request(Echo("hi")) == "hi"

    @MARK
    async def test_client_in_the_loop_of_the_test():
        await ask()

    class TestCase(unittest.IsolatedAsyncioTestCase):
        async def test_client_in_the_loop_of_unittest(self):
            await ask()

    @pytest.fixture
    def app():
        return Application(WebSocketController().persistent(Lab))

    @MARK
    async def test_fixture_of_another_loop_is_refused(connect):
        with pytest.raises(RuntimeError, match="use|write `async with serving"):
            connect(Lab, {"room": "a"})

    @pytest.fixture
    def anyio_backend():
        return "asyncio"
"""


@pytest.mark.parametrize(("plugin", "mark"), [("asyncio", "pytest.mark.asyncio"), ("anyio", "pytest.mark.anyio")])
def test_applications_are_served_in_tests_of_other_plugins(tmp_path, plugin, mark):
    (tmp_path / "test_other.py").write_text(textwrap.dedent(TESTS).replace("MARK", mark), encoding="utf-8")
    other = {"asyncio": "anyio", "anyio": "asyncio"}[plugin]

    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tornado_ws.testing", "-p", f"no:{other}", tmp_path],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert "3 passed" in run.stdout, run.stdout + run.stderr


@pytest.mark.gen_test
async def test_controllers_are_closed_at_the_end():
    sockets = WebSocketController()

    async with serving(Application(sockets.persistent(Lab))) as connect:
        ann = await connect(Lab, ROOM).__aenter__()
        assert await ann.request(Echo("hi")) == "hi"
    closed = await ann.expect_close()

    assert closed.code == 1001
    assert not sockets.connections
    await ann.__aexit__(None, None, None)
