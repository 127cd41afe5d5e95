"""Echo server for Autobahn's fuzzing client: it returns text and binary messages without validation.

python bench/echo_raw.py --port 9001 [--compress]
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

from tornado.web import Application

sys.path.insert(0, str(Path(__file__).parents[1]))  # this checkout, even if another version is installed
sys.path.insert(0, str(Path(__file__).parent / ".compiled"))  # the compiled package, if `python -m bench` has built it

from tornado_ws.websocket import StrictWebSocketHandler

MESSAGE_BYTES = 16 << 20


class Echo(StrictWebSocketHandler):
    compress = False

    def get_compression_options(self) -> dict[str, Any] | None:
        return {} if self.compress else None

    def check_origin(self, origin: str) -> bool:
        return True

    def receive_text(self, data: bytes) -> Awaitable[object] | None:
        if self.connection is not None:
            self.connection.send_text(data)
            return self.connection.wait_writable()
        return None

    def receive_binary(self, data: bytes) -> Awaitable[object] | None:
        if self.connection is not None:
            self.connection.send_binary(data)
            return self.connection.wait_writable()
        return None


async def serve(port: int, compress: bool) -> None:
    Echo.compress = compress
    app = Application([(r"/.*", Echo)], websocket_max_message_size=MESSAGE_BYTES)
    app.listen(port, "127.0.0.1")
    await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--compress", action="store_true")
    arguments = parser.parse_args()
    asyncio.run(serve(arguments.port, arguments.compress))


if __name__ == "__main__":
    main()
