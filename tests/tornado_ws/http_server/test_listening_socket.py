from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import asyncio, logging, os, resource, socket, time
from tornado.web import Application, RequestHandler
from tornado_ws.http_server import Bounds, bind, listen

class Got(RequestHandler):
    def get(self):
        self.finish("got")

async def ask(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n")
    return reader, writer

async def main():
    logging.basicConfig(format="%(name)s %(message)s")
    sockets = bind(0, "127.0.0.1", None)
    server = listen(Application([("/", Got)]), sockets, certificate=None, bounds=Bounds())
    port = sockets[0].getsockname()[1]
    reader, writer = await ask(port)
    assert (await reader.read()).endswith(b"got")
    writer.close()

    held = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    try:
        while True:
            held.append(os.open("/dev/null", os.O_RDONLY))
    except OSError:
        os.close(held.pop())
    reader, writer = await ask(port)  # the server needs one descriptor more than the limit allows
    began = time.process_time()
    await asyncio.sleep(1.6)
    print("busy", time.process_time() - began)
    for one in held:
        os.close(one)
    assert (await asyncio.wait_for(reader.read(), 10)).endswith(b"got")
    writer.close()
    server.stop()
    print("answered")

asyncio.run(main())
"""


def test_new_connections_wait_while_no_descriptor_is_free():
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=False)

    busy, answered = run.stdout.splitlines()
    assert answered == "answered"
    assert float(busy.split()[1]) < 0.5, "expected no processor time while waiting"
    lines = [line for line in run.stderr.splitlines() if line]
    hint = "raise the limit of open files (ulimit -n, LimitNOFILE=)"
    assert [f"tornado_ws.server new connections wait: Too many open files; {hint}"] == lines
