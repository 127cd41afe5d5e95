"""Serves the demo: ``python -m examples.chat``; PORT says where, TRANSCRIPTS which folder keeps what is said."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from tornado.web import Application, HTTPError, RequestHandler, StaticFileHandler

from tornado_ws import WebSocketController

from .sockets import Chat, Export, ExportRoom, downloads

PAGE = Path(__file__).parent / "web" / "dist"


class Download(RequestHandler):
    """Serves a finished export."""

    def get(self, name: str) -> None:
        """Answer with the text, as a file to save."""
        if name not in downloads:
            raise HTTPError(404)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.set_header("Content-Disposition", 'attachment; filename="transcript.txt"')
        self.finish(downloads[name])


def make_app(sockets: WebSocketController) -> Application:
    """Return the application: sockets beside ordinary handlers."""
    return Application(
        [
            *sockets.persistent(Chat),
            *sockets.ephemeral(Export),
            sockets.action(r"/rooms/([a-z0-9-]{1,40})/export", ExportRoom),
            (r"/downloads/([\w.-]+)", Download),
            (r"/(.*)", StaticFileHandler, {"path": str(PAGE), "default_filename": "index.html"}),
        ]
    )


async def main() -> None:
    """Serve until the process is told to stop, then let the clients go in order."""
    port = int(os.environ.get("PORT", "8888"))
    sockets = WebSocketController()
    try:
        server = make_app(sockets).listen(port, "127.0.0.1", idle_connection_timeout=10)
    except OSError as error:
        sys.exit(f"nothing can be served on port {port}: {error.strerror}; choose another with PORT=")
    print(f"tornado-ws demo on http://127.0.0.1:{port}", flush=True)
    await sockets.serve_until_signal(server)


if __name__ == "__main__":
    asyncio.run(main())
