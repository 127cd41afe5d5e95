"""WebSocket handlers of the demo: persistent endpoints for chat and search, an ephemeral endpoint for exports."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import final

from generated.chat import (
    ChatHandler,
    ChatPresence,
    HistoryPage,
    HistoryQuery,
    Line,
    Repeat,
    Repeated,
    Said,
    Typing,
)
from generated.export import ExportAction, ExportHandler, ExportTicket, Finished, Progress
from generated.search import Find, SearchHandler
from tornado_ws import ConnectionClosed, RequestFailed

from .transcripts import Transcripts

__all__ = ["Chat", "Export", "ExportRoom", "Search", "downloads", "transcripts"]

transcripts = Transcripts(Path(os.environ.get("TRANSCRIPTS") or Path(__file__).parent / "transcripts"))

downloads: dict[str, str] = {}
"""Text of each finished export, by file name."""

EXPORT_STEPS = 20
REPEATED_WITHIN = timedelta(minutes=1)
"""Time within which the user is asked about a line that repeats the last one of the room."""


@final  # lets mypy report missing methods
class Chat(ChatHandler):
    """User in a room."""

    async def on_connect(self) -> None:
        await self.join(self.params.room)
        at = datetime.now(UTC).isoformat(timespec="seconds")
        await self.track(ChatPresence(at=at), room=self.params.room, key=self.params.nick)

    async def on_say(self, say: Line) -> None:
        last = transcripts.last(self.params.room)
        if last is not None and self.repeats(last, say) and not await self.wants_to_repeat(last):
            raise Repeated(nick=last.nick, text=last.text, at=last.at)
        said = transcripts.add(self.params.room, self.params.nick, say.text)
        await self.room(self.params.room).send(said)

    async def on_typing(self) -> None:
        await self.room(self.params.room).send(Typing(nick=self.params.nick), exclude=[self])

    async def on_history(self, query: HistoryQuery) -> HistoryPage:
        lines, more = transcripts.latest(self.params.room, query.limit)
        return HistoryPage(lines=lines, more=more)

    def repeats(self, last: Said, say: Line) -> bool:
        is_recent = datetime.now(UTC) - datetime.fromisoformat(last.at) < REPEATED_WITHIN
        return is_recent and (last.nick, last.text) == (self.params.nick, say.text)

    async def wants_to_repeat(self, last: Said) -> bool:
        try:
            return await self.send_request(Repeat(nick=last.nick, text=last.text, at=last.at))
        except (RequestFailed, ConnectionClosed):  # no answer in time, or a client without questions
            return False


@final
class Search(SearchHandler):
    """Search in the transcript of a room."""

    async def on_find(self, find: Find, *, resume: str | None) -> AsyncIterator[Said]:
        for line in transcripts.containing(self.params.room, find.text, before=resume):
            yield line


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
