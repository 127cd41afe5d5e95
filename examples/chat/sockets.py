"""The two sockets of the demo: a persistent one to talk, an ephemeral one to export."""

from __future__ import annotations

import asyncio
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import final

from generated.chat import ChatHandler, HistoryPage, HistoryQuery, Line, Present, Said, Typing
from generated.export import ExportAction, ExportHandler, ExportTicket, Finished, Progress

from .transcripts import Transcripts

__all__ = ["Chat", "Export", "ExportRoom", "downloads", "transcripts"]

DATA = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share"

transcripts = Transcripts(Path(os.environ.get("TRANSCRIPTS") or Path(DATA, "tornado-ws-demo")))

downloads: dict[str, str] = {}
"""Finished exports: the text by the name in its address."""


@final  # so that mypy names a method that is missing
class Chat(ChatHandler):
    """A user in a room."""

    async def on_connect(self) -> None:
        await self.join(self.params.room)
        await self.tell_who_is_there()

    async def on_disconnect(self, code: int | None, reason: str | None) -> None:
        await self.tell_who_is_there()

    async def on_say(self, say: Line) -> None:
        said = Said(nick=self.params.nick, text=say.text, at=datetime.now(UTC).isoformat(timespec="seconds"))
        transcripts.add(self.params.room, said)
        await self.room(self.params.room).send(said)

    async def on_typing(self) -> None:
        await self.room(self.params.room).send(Typing(nick=self.params.nick), exclude=[self])

    async def on_history(self, query: HistoryQuery) -> HistoryPage:
        lines, more = transcripts.latest(self.params.room, query.limit)
        return HistoryPage(lines=lines, more=more)

    async def tell_who_is_there(self) -> None:
        room = self.room(self.params.room)
        await room.send(Present(nicks=sorted({member.params.nick for member in room.members})))


@final
class Export(ExportHandler):
    """Writes the transcript of a room, slowly enough to watch."""

    async def on_connect(self) -> None:
        self.going = asyncio.Event()
        self.going.set()
        self.work = asyncio.create_task(self.export())

    async def on_disconnect(self, code: int | None, reason: str | None) -> None:
        self.work.cancel()

    async def on_pause(self, pause: bool) -> None:
        if pause:
            self.going.clear()
        else:
            self.going.set()

    async def export(self) -> None:
        steps = 20
        for done in range(steps + 1):
            await self.going.wait()
            await self.send(Progress(done=done, total=steps))
            await asyncio.sleep(0.08)
        name = f"{secrets.token_urlsafe(12)}.txt"
        downloads[name] = transcripts.text(self.ticket.room)
        await self.send(Finished(href=f"/downloads/{name}", lines=transcripts.count(self.ticket.room)))
        self.close(1000, "exported")


@final
class ExportRoom(ExportAction):
    """Answers ``POST /rooms/<room>/export``."""

    async def make_ticket(self, room: str) -> ExportTicket:
        return ExportTicket(room=room)
