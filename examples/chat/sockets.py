"""WebSocket handlers of the demo: a persistent endpoint for chat, an ephemeral endpoint for exports."""

from __future__ import annotations

import asyncio
import os
import secrets
from pathlib import Path
from typing import final

from generated.chat import ChatHandler, HistoryPage, HistoryQuery, Line, Present, Typing
from generated.export import ExportAction, ExportHandler, ExportTicket, Finished, Progress

from .transcripts import Transcripts

__all__ = ["Chat", "Export", "ExportRoom", "downloads", "transcripts"]

transcripts = Transcripts(Path(os.environ.get("TRANSCRIPTS") or Path(__file__).parent / "transcripts"))

downloads: dict[str, str] = {}
"""Text of each finished export, by file name."""

EXPORT_STEPS = 20


@final  # lets mypy report missing methods
class Chat(ChatHandler):
    """User in a room."""

    async def on_connect(self) -> None:
        await self.join(self.params.room)
        await self.send_presence()

    async def on_disconnect(self, code: int | None, reason: str | None) -> None:
        await self.send_presence()

    async def on_say(self, say: Line) -> None:
        said = transcripts.add(self.params.room, self.params.nick, say.text)
        await self.room(self.params.room).send(said)

    async def on_typing(self) -> None:
        await self.room(self.params.room).send(Typing(nick=self.params.nick), exclude=[self])

    async def on_history(self, query: HistoryQuery) -> HistoryPage:
        lines, more = transcripts.latest(self.params.room, query.limit)
        return HistoryPage(lines=lines, more=more)

    async def send_presence(self) -> None:
        room = self.room(self.params.room)
        await room.send(Present(nicks=sorted({member.params.nick for member in room.members})))


@final
class Export(ExportHandler):
    """Export of a transcript, slow enough to show progress."""

    async def on_connect(self) -> None:
        self.running = asyncio.Event()
        self.running.set()
        self.task = asyncio.create_task(self.export())

    async def on_disconnect(self, code: int | None, reason: str | None) -> None:
        self.task.cancel()

    async def on_pause(self, pause: bool) -> None:
        if pause:
            self.running.clear()
        else:
            self.running.set()

    async def export(self) -> None:
        for done in range(1, EXPORT_STEPS + 1):
            await self.running.wait()
            await asyncio.sleep(0.08)
            await self.send(Progress(done=done, total=EXPORT_STEPS))
        name = f"{secrets.token_urlsafe(12)}.txt"
        downloads[name] = transcripts.text(self.ticket.room)
        await self.send(Finished(href=f"/downloads/{name}", lines=transcripts.count(self.ticket.room)))
        self.close(1000, "exported")


@final
class ExportRoom(ExportAction):
    """Action for ``POST /rooms/<room>/export``, which returns a one-time URL."""

    async def make_ticket(self, room: str) -> ExportTicket:
        return ExportTicket(room=room)
