"""websockets with msgspec."""

import asyncio
import sys
from typing import Annotated

import msgspec
import uvloop
from websockets.asyncio.server import serve


class Line(msgspec.Struct, forbid_unknown_fields=True):
    id: Annotated[int, msgspec.Meta(ge=0)]
    user: Annotated[str, msgspec.Meta(min_length=1, max_length=24)]
    text: Annotated[str, msgspec.Meta(max_length=20000)]


class Echo(msgspec.Struct, tag_field="type", tag="echo", forbid_unknown_fields=True):
    data: Line


class Other(msgspec.Struct, tag_field="type", tag="other", forbid_unknown_fields=True):
    pass


decode = msgspec.json.Decoder(Echo | Other).decode
encode = msgspec.json.Encoder().encode


async def echo(socket):
    async for message in socket:
        await socket.send(encode(decode(message)), text=True)


async def main():
    async with serve(echo, "127.0.0.1", int(sys.argv[1])):
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main())
