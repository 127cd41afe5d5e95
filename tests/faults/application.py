"""Application of one process: it publishes numbered items to a room, and records the outcome of each publication.

Arguments: port, URL of Redis, path of the record, and offset of the numbers.
"""

from __future__ import annotations

import asyncio
import contextvars
import json
import logging
import sys
from pathlib import Path
from typing import Any

from generated.feed import FeedHandler, Item
from tornado.web import Application, RequestHandler

from tornado_ws import WebSocketController
from tornado_ws.errors import BackplaneDown
from tornado_ws.limits import Limits

PERIOD = 0.01
"""Seconds between two items of the talk."""
IN_FLIGHT = 20
"""Maximum number of unfinished publications of the talk."""

numbered: contextvars.ContextVar[Any] = contextvars.ContextVar("numbered", default=None)


class Feed(FeedHandler):
    async def on_connect(self) -> None:
        await self.join(self.params.room)

    async def on_note(self, note: int, /) -> None:
        pass


class Talk:
    """Publisher of numbered items."""

    def __init__(self, sockets: WebSocketController, record: Path, offset: int) -> None:
        self._sockets = sockets
        self._record = record.open("a", buffering=1)
        self._next = offset
        self._talking: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        backplane: Any = sockets.context.backplane
        publish = backplane.publish

        async def publish_and_note(publication: Any) -> Any:
            position = await publish(publication)
            numbered.set(position)
            return position

        backplane.publish = publish_and_note

    async def item(self, room: str, filler: int = 0) -> None:
        """Publish one item; record its number, and its position or null."""
        n, self._next = self._next, self._next + 1
        position = None
        try:
            await self._sockets.room(Feed, room).send(Item(n=n, filler="x" * filler))
            position = numbered.get()
        except BackplaneDown:
            pass
        self._record.write(json.dumps([n, position]) + "\n")

    async def burst(self, room: str, count: int, filler: int = 0) -> None:
        """Publish items at once."""
        await asyncio.gather(*(self.item(room, filler) for _ in range(count)))

    async def talk(self, room: str) -> None:
        """Publish items until cancelled."""
        while True:
            if len(self._tasks) < IN_FLIGHT:
                task = asyncio.create_task(self.item(room))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            await asyncio.sleep(PERIOD)

    async def do(self, command: dict[str, Any]) -> dict[str, Any]:
        """Run a command, and return the state of the process."""
        if "burst" in command:
            await self.burst(command["room"], command["burst"], command.get("filler", 0))
        if command.get("talk") is True:
            self._talking = asyncio.create_task(self.talk(command["room"]))
        if command.get("talk") is False and self._talking is not None:
            self._talking.cancel()
            self._talking = None
            if self._tasks:
                await asyncio.wait(self._tasks)
        return {
            "healthy": self._sockets.context.backplane.healthy,
            "connections": len(self._sockets.connections),
        }


class Control(RequestHandler):
    def initialize(self, talk: Talk) -> None:
        self.talk = talk

    async def post(self) -> None:
        self.finish(await self.talk.do(json.loads(self.request.body)))


async def main(port: int, url: str, record: str, offset: int) -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("tornado.access").setLevel(logging.ERROR)
    sockets = WebSocketController(backplane=url, limits=Limits(handshakes=None))
    talk = Talk(sockets, Path(record), offset)
    Application([*sockets.persistent(Feed), (r"/_control", Control, {"talk": talk})]).listen(port, "127.0.0.1")
    print("listening", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])))
