"""Server of the demo: ``python -m examples.chat``.

The environment variable PORT sets the port (8888), TRANSCRIPTS the folder of the transcripts.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from tornado.web import Application, HTTPError, RequestHandler, StaticFileHandler

from tornado_ws import ConfigurationError, WebSocketController

from .sockets import Chat, Export, ExportRoom, Search, downloads

PAGE = Path(__file__).parent / "web" / "dist"


class Download(RequestHandler):
    """Handler for the download of an export."""

    def get(self, name: str) -> None:
        """Send the transcript as a file."""
        if name not in downloads:
            raise HTTPError(404)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.set_header("Content-Disposition", 'attachment; filename="transcript.txt"')
        self.finish(downloads[name])


def make_app(sockets: WebSocketController) -> Application:
    """Return the application: WebSocket endpoints beside ordinary handlers."""
    return Application(
        [
            *sockets.persistent(Chat),
            *sockets.persistent(Search),
            *sockets.ephemeral(Export),
            sockets.action(r"/rooms/([a-z0-9-]{1,40})/export", ExportRoom),
            (r"/downloads/([\w.-]+)", Download),
            (r"/(.*)", StaticFileHandler, {"path": str(PAGE), "default_filename": "index.html"}),
        ]
    )


async def main() -> None:
    """Serve until SIGTERM or SIGINT, then close all connections gracefully."""
    port = int(os.environ.get("PORT", "8888"))
    sockets = WebSocketController()
    try:
        sockets.listen(make_app(sockets), port)
    except ConfigurationError as error:
        sys.exit(f"{error} in PORT")
    print(f"tornado-ws demo on http://localhost:{port}", flush=True)
    await sockets.serve_until_signal()


if __name__ == "__main__":
    asyncio.run(main())
