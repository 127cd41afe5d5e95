from __future__ import annotations

import asyncio
import os
import sys
import textwrap

import pytest
from tornado.websocket import websocket_connect

from tests.support.nginx import free_port

PROGRAM = """
    import asyncio, sys
    from tornado.web import Application
    from tests.support.lab import Lab
    from tornado_ws import WebSocketController

    async def main():
        sockets = WebSocketController()
        sockets.listen(Application(sockets.persistent(Lab), debug=True), int(sys.argv[1]), "127.0.0.1")
        print("listening", flush=True)
        await sockets.serve_until_signal()

    asyncio.run(main())
"""


@pytest.mark.gen_test
async def test_reload_in_debug_mode_closes_connections_with_1001(tmp_path):
    program, port = tmp_path / "program.py", free_port()
    program.write_text(textwrap.dedent(PROGRAM), encoding="utf-8")
    run = await asyncio.create_subprocess_exec(
        sys.executable,
        program,
        str(port),
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.getcwd()},
    )
    assert run.stdout is not None
    try:
        assert await run.stdout.readline() == b"listening\n"
        ann = await websocket_connect(f"ws://127.0.0.1:{port}/lab/a")
        reading = asyncio.ensure_future(ann.read_message())
        while not reading.done():  # autoreload compares times with those of its first look
            program.touch()
            await asyncio.sleep(0.1)
        assert reading.result() is None
        ann.close()
        assert (ann.close_code, ann.close_reason) == (1001, "the server is shutting down")
        assert await run.stdout.readline() == b"listening\n"
        bob = await websocket_connect(f"ws://127.0.0.1:{port}/lab/a")
        bob.close()
    finally:
        run.terminate()
        await run.wait()
