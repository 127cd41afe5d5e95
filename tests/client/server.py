"""Server that implements the wire format, with failures that tests control with POST /_control."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import sys
from dataclasses import asdict, dataclass, field
from typing import Any

from tornado.web import Application, RequestHandler, StaticFileHandler
from tornado.websocket import WebSocketClosedError, WebSocketHandler


@dataclass
class State:
    """State that tests set and read."""

    contract: str = ""
    epoch: str = "e1"
    discarded: int = 0
    """Number of messages that are no longer kept."""
    heartbeat: float = 25.0
    """Interval of heartbeats, in seconds."""
    mute: bool = False
    """True if the server sends no frames."""
    silent: bool = False
    """True if the server accepts connections without sending $hello."""
    refuse: int = 0
    """Code to close each new connection with; 0: keep it open."""
    reason: str = ""
    ticket_status: int = 200
    ticket_response: str = ""
    """Response of the action instead of a ticket."""
    ticket_protocols: list[str] | None = None
    retry_after: str = ""
    redirect: str = ""
    """URL to which the action redirects."""
    policy: str = ""
    """Content-Security-Policy of the page."""
    tickets: int = 0
    """Number of ticket requests."""
    opened: int = 0
    """Number of connections opened so far."""
    paths: list[str] = field(default_factory=list)
    """Paths of the connections, with their queries."""
    protocols: list[list[str]] = field(default_factory=list)
    """Subprotocols that the connections offered."""
    received: list[Any] = field(default_factory=list)
    """Frames of the clients, except heartbeats."""
    items: int = 0
    """Number of items sent in streams."""
    pings: int = 0
    confirms: bool = True
    """True if pings are answered."""
    headers: dict[str, str] = field(default_factory=dict)
    """Headers of the last POST to the action."""


STATE = State()
CONNECTIONS: set[Lab] = set()
KEYS: set[str] = set()
KEPT: list[str] = []
CHANNEL = 3
"""Number of the only channel with kept messages."""

ERRORS = {
    "long": {"code": "too_long", "message": "too long", "data": {"limit": 3}},
    "wrong limit": {"code": "too_long", "message": "too long", "data": {"limit": "3"}},
    "no limit": {"code": "too_long", "message": "too long"},
    "new error": {"code": "closed", "message": "closed", "data": {"limit": 3}},
}
"""Errors of the application, by the data of the request."""


class Lab(WebSocketHandler):
    frames = 0
    """Number of frames received."""
    streams: dict[int, int]
    """Credit of each stream, in items, by the id of its request."""

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        STATE.protocols.append(subprotocols)
        return subprotocols[0] if subprotocols else None

    def check_origin(self, origin: str) -> bool:
        return True

    def send_frame(self, **frame: Any) -> None:
        self.send_text(json.dumps(frame))

    def send_text(self, text: str) -> None:
        if not STATE.mute:
            with contextlib.suppress(WebSocketClosedError):
                self.write_message(text)

    def open(self, *args: str) -> None:
        STATE.opened += 1
        STATE.paths.append(self.request.uri or "")
        self.streams = {}
        if STATE.refuse:
            self.close(STATE.refuse, STATE.reason or None)
            return
        if self.request.path.startswith("/_/connect/"):
            if self.path_args[0] not in KEYS:
                self.close(4404, "unknown ticket")
                return
            KEYS.discard(self.path_args[0])
        CONNECTIONS.add(self)
        if self.selected_subprotocol == "tornado-ws.1" and not STATE.silent:
            hello = {"connection": secrets.token_hex(4), "contracts": [STATE.contract]}
            self.send_frame(type="$hello", data={**hello, "heartbeat": STATE.heartbeat})
            if self.request.path.startswith("/lab/"):
                self.send_frame(type="$joined", data={"ch": CHANNEL, "channel": "room", **position()})

    async def on_message(self, text: str | bytes) -> None:
        frame = json.loads(text)
        self.frames += 1
        if frame["type"] == "$ping":
            STATE.pings += 1
            if STATE.confirms:
                self.send_frame(type="$pong", data={"received": self.frames})
            return
        STATE.received.append(frame)
        if STATE.mute:
            return
        data, id_ = frame.get("data"), frame.get("id")
        match frame["type"]:
            case "say" if data["text"] == "refuse me":
                self.send_frame(type="$error", data={"code": "rate_limited", "message": "slower", "retryAfterMs": 50})
            case "say":
                say(data)
            case "echo" if data in ERRORS:
                self.send_frame(type="$error", re=id_, data=ERRORS[data])
            case "echo" if data == "fail":
                self.send_frame(type="$error", re=id_, data={"code": "room_full", "message": "no room"})
            case "echo":
                self.send_frame(type="echo", re=id_, data=7 if data == "wrong" else data)
            case "now":
                self.send_frame(type="now", re=id_, data=1.5)
            case "count":
                await self.count(id_, data)
            case "$cancel":
                self.streams.pop(frame["id"], None)
            case "$more" if frame["id"] in self.streams:
                self.streams[frame["id"]] += data["count"]
            case "$resume":
                self.resume(**frame["data"])

    async def count(self, id_: int, stop: int) -> None:
        """Send a stream of numbers; it is endless for a negative number, and 13 fails after 3 items."""
        self.streams[id_] = 64

        async def run() -> None:
            number = 0
            while id_ in self.streams and (stop < 0 or number < stop):
                if stop == 13 and number == 3:
                    self.send_frame(type="$error", re=id_, data={"code": "internal", "message": "unexpected error"})
                    return
                if not self.streams[id_]:
                    await asyncio.sleep(0.001)
                    continue
                self.send_frame(type="count", re=id_, data=number)
                self.streams[id_] -= 1
                STATE.items += 1
                number += 1
                if number % 10 == 0 or stop < 0:
                    await asyncio.sleep(0.005)
            if id_ in self.streams:
                self.send_frame(type="$end", re=id_)

        self.task = asyncio.create_task(run())

    def resume(self, ch: int, epoch: str, seq: int, mark: str) -> None:
        recovered = epoch == STATE.epoch and seq >= STATE.discarded
        if recovered:
            for text in KEPT[seq - STATE.discarded :]:
                self.send_text(text)
        answer = {"recovered": True} if recovered else {"recovered": False, **position()}
        self.send_frame(type="$resumed", data={"ch": ch, **answer})

    def on_close(self) -> None:
        CONNECTIONS.discard(self)
        self.streams.clear()


def position() -> dict[str, Any]:
    """Return the position of the channel; the mark of a message is its number."""
    seq = STATE.discarded + len(KEPT)
    return {"epoch": STATE.epoch, "seq": seq, "mark": str(seq)}


def say(data: Any) -> None:
    seq = STATE.discarded + len(KEPT) + 1
    KEPT.append(json.dumps({"type": "said", "ch": CHANNEL, "seq": seq, "mark": str(seq), "data": data}))
    for connection in list(CONNECTIONS):
        connection.send_text(KEPT[-1])


class Page(StaticFileHandler):
    """Files of the page, with a policy that the test sets."""

    def set_extra_headers(self, path: str) -> None:
        if STATE.policy:
            self.set_header("Content-Security-Policy", STATE.policy)


class Login(RequestHandler):
    def get(self) -> None:
        self.finish("<html>sign in</html>")


class Action(RequestHandler):
    def post(self) -> None:
        STATE.tickets += 1
        STATE.headers = {name.lower(): value for name, value in self.request.headers.items()}
        if STATE.retry_after:
            self.set_header("Retry-After", STATE.retry_after)
        if STATE.redirect:
            self.redirect(STATE.redirect)
            return
        self.set_status(STATE.ticket_status)
        if STATE.ticket_status != 200 or STATE.ticket_response:
            self.finish(STATE.ticket_response)
            return
        key = secrets.token_urlsafe(8)
        KEYS.add(key)
        url, protocols = f"/_/connect/{key}", STATE.ticket_protocols
        if self.get_argument("plain", ""):
            self.finish({"url": url} if protocols is None else {"url": url, "protocols": protocols})
        else:
            table: list[Any] = [{"url": 1}, url]
            if protocols is not None:
                table = [{"url": 1, "protocols": 2}, url, [*range(3, 3 + len(protocols))], *protocols]
            self.finish({"type": "success", "status": 200, "data": json.dumps(table)})


class Control(RequestHandler):
    def post(self) -> None:
        for name, value in json.loads(self.request.body or b"{}").items():
            match name:
                case "close":
                    for connection in list(CONNECTIONS):
                        connection.close(*value)
                case "drop":
                    for connection in list(CONNECTIONS):
                        connection.ws_connection.stream.close()  # type: ignore[union-attr, attr-defined]
                case "raw":
                    for connection in list(CONNECTIONS):
                        connection.send_text(value)
                case "binary":
                    for connection in list(CONNECTIONS):
                        connection.write_message(bytes(value), binary=True)
                case "say":
                    say({"text": value})
                case "notes":
                    for number in range(value):
                        for connection in list(CONNECTIONS):
                            connection.send_frame(type="note", data=str(number))
                case "reset":
                    for connection in list(CONNECTIONS):
                        connection.close(1000)
                    CONNECTIONS.clear()
                    KEPT.clear()
                    STATE.__init__(contract=value)  # type: ignore[misc]
                case _:
                    setattr(STATE, name, value)
        self.finish({**asdict(STATE), "online": len(CONNECTIONS)})


async def main(port: int, folder: str, contract: str) -> None:
    STATE.contract = contract
    Application(
        [
            (r"/lab/([^/]*)", Lab),
            (r"/_/connect/(.+)", Lab),
            (r"/action", Action),
            (r"/_control", Control),
            (r"/login", Login),
            (r"/(.*)", Page, {"path": folder, "default_filename": "index.html"}),
        ]
    ).listen(port, "127.0.0.1")
    print("listening", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], sys.argv[3]))
