"""Litestar with its msgspec validation, served by uvicorn."""

import sys
from typing import Annotated, Literal

import msgspec
import uvicorn
from litestar import Litestar
from litestar.handlers import websocket_listener


class Line(msgspec.Struct, forbid_unknown_fields=True):
    id: Annotated[int, msgspec.Meta(ge=0)]
    user: Annotated[str, msgspec.Meta(min_length=1, max_length=24)]
    text: Annotated[str, msgspec.Meta(max_length=20000)]


class Echo(msgspec.Struct, forbid_unknown_fields=True):
    type: Literal["echo"]
    data: Line


@websocket_listener("/echo")
async def echo(data: Echo) -> Echo:
    return data


if __name__ == "__main__":
    uvicorn.run(Litestar([echo]), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
