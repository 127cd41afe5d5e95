"""python-socketio with msgspec, served by uvicorn."""

import sys
from typing import Annotated

import msgspec
import socketio
import uvicorn


class Line(msgspec.Struct, forbid_unknown_fields=True):
    id: Annotated[int, msgspec.Meta(ge=0)]
    user: Annotated[str, msgspec.Meta(min_length=1, max_length=24)]
    text: Annotated[str, msgspec.Meta(max_length=20000)]


sockets = socketio.AsyncServer(async_mode="asgi", cors_allowed_origins=[])


@sockets.event
async def echo(sid, data):
    line = msgspec.convert(data, Line)
    await sockets.emit("echo", msgspec.to_builtins(line), to=sid)


@sockets.event
async def say(sid, data):
    line = msgspec.convert(data, Line)
    await sockets.emit("say", msgspec.to_builtins(line))


if __name__ == "__main__":
    uvicorn.run(socketio.ASGIApp(sockets), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
