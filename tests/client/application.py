"""Application with handlers of the generated code, served by tornado_ws."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from typing import Any, ClassVar

from generated.board import BoardHandler, BoardPresence
from generated.job import Done, JobAction, JobHandler, JobTicket
from generated.lab import Confirm, Entry, LabHandler, Line, Note, Said
from tornado.web import Application, StaticFileHandler

from tornado_ws import Limits, WebSocketController


class Lab(LabHandler):
    orders: ClassVar[list[int]] = []

    def prepare(self) -> None:
        if "X-Fault" in self.request.headers:
            raise RuntimeError("prepare fails")

    async def on_connect(self) -> None:
        await self.join(self.params.room)

    async def on_say(self, say: Line, /) -> None:
        await self.room(self.params.room).send(Said(text=say.text))

    async def on_order(self, order: int, /) -> None:
        self.orders.append(order)
        await asyncio.sleep(0.001)

    async def on_nudge(self) -> None:
        """Send a request to the page, and a note with its reply."""
        asyncio.create_task(self.confirm())  # noqa: RUF006

    async def confirm(self) -> None:
        await self.send(Note(f"answered {await self.send_request(Confirm('sure?'))}"))

    async def on_typing(self) -> None:
        self.abort()

    async def on_echo(self, echo: str, /) -> str:
        return json.dumps(self.orders) if echo == "orders" else echo

    async def on_brief(self, brief: str, /) -> str:
        """Return the same text, or send a note when cancelled."""
        if brief == "confirm":
            await self.send_request(Confirm("hurry"), timeout=0.05)
        if brief == "slow":
            try:
                await asyncio.sleep(60)
            finally:
                await self.send(Note("cancelled"))
        return brief

    async def on_now(self) -> float:
        return 1.5

    async def on_count(self, count: int, /) -> AsyncIterator[int]:
        for number in range(count):
            yield number

    async def on_tail(self, tail: int, /, *, resume: int | None) -> AsyncIterator[Entry]:
        """Send lines up to a number, five of them at once."""
        for line in range((resume or 0) + 1, tail + 1):
            yield Entry(line=line, text=f"line {line}")
            if line % 5 == 0:
                await asyncio.sleep(0.05)


class Board(BoardHandler):
    async def on_connect(self) -> None:
        await self.join(self.params.room)
        await self.track(BoardPresence(name=self.params.name), room=self.params.room, key=self.params.user or None)

    async def on_drop(self) -> None:
        self.abort()


class Job(JobHandler):
    async def on_connect(self) -> None:
        await self.send(Done(self.ticket.job))

    async def on_stop(self) -> None:
        self.close(4000, "stopped")


class StartJob(JobAction):
    async def make_ticket(self, *args: Any, **kwargs: Any) -> JobTicket:
        return JobTicket(job=42)


async def main(port: int, folder: str, settings: dict[str, Any]) -> None:
    sockets = WebSocketController(**{**settings, "limits": Limits(**settings.get("limits", {}))})
    Application(
        [
            *sockets.persistent(Board),
            *sockets.persistent(Lab),
            *sockets.ephemeral(Job),
            sockets.action(r"(?:/app)?/action", StartJob),
            (r"/(.*)", StaticFileHandler, {"path": folder, "default_filename": "index.html"}),
        ]
    ).listen(port, "127.0.0.1")
    print("listening", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])))
