"""Program of the tests of a shutdown: it prints its port, and serves until a signal."""

from __future__ import annotations

import asyncio

from tornado.web import Application, RequestHandler

from tests.support.lab import Lab
from tests.support.nginx import free_port
from tornado_ws import WebSocketController


class Shown(Lab):
    """Lab that prints its events. A ``nudge`` takes a minute."""

    async def on_connect(self) -> None:
        print("connected", self.params.room, flush=True)

    async def on_disconnect(self, code: int | None, reason: str | None) -> None:
        print("disconnected", self.params.room, code, flush=True)

    async def on_nudge(self) -> None:
        print("busy", flush=True)
        await asyncio.sleep(60)


class Report(RequestHandler):
    """Request that takes as many seconds as its path states."""

    async def get(self, seconds: str) -> None:
        print("reporting", flush=True)
        await asyncio.sleep(float(seconds))
        await self.finish("report")


async def slow(handler: Shown) -> bool:
    """Admit clients of the room ``slow`` after a minute, and of ``stubborn`` when they are cancelled."""
    room = handler.request.path.rpartition("/")[2]
    if room in ("slow", "stubborn"):
        print("guarded", flush=True)
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            if room == "slow":
                raise
            await asyncio.sleep(0.2)
    return True


async def main() -> None:
    sockets = WebSocketController()
    port = free_port()
    routes = [("/report/(.*)", Report), *sockets.persistent(Shown, guards=[slow])]
    sockets.listen(Application(routes), port, "127.0.0.1")
    print(port, flush=True)
    await sockets.serve_until_signal(timeout=30.0, spread=0.0)
    print("stopped", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
