"""Process with tornado-ws and Redis, without clients: ``redis_ours.py URL ROLE KIND COUNT IN_FLIGHT [asyncio]``.

The protocol of all programs ``redis_*``: the program writes ``ready``. After a line on its standard input, the role
``publish`` publishes COUNT messages to one room, of which IN_FLIGHT wait for their end at any time, and ``receive``
waits for COUNT messages of the other process. Then it writes ``done``, and waits for the end of its standard input.
"""

from __future__ import annotations

import asyncio
import sys

from tornado_ws.channels import Channel, KeptMessage, Position, Publication
from tornado_ws.channels.redis import RedisBackplane
from tornado_ws.endpoint import Replay

URL, ROLE, KIND, COUNT, IN_FLIGHT, *ARGUMENTS = sys.argv[1:]
ROOM = Channel("bench", "room")
HISTORY = Replay(200)
TEXT = b'{"type":"said","data":{"user":"ann","text":"hello everybody, how do you do?"}}'


class Receiver:
    """Counter of the messages, in the place of connections."""

    def __init__(self, count: int) -> None:
        self.left = count
        self.done = asyncio.Event()

    def deliver(self, publication: Publication) -> None:
        self._count()

    def deliver_kept(self, message: KeptMessage) -> None:
        self._count()

    def reset(self, channel: Channel, position: Position) -> None:
        raise AssertionError("a message was lost")

    def _count(self) -> None:
        self.left -= 1
        if self.left == 0:
            self.done.set()


async def main() -> None:
    receiver = Receiver(int(COUNT))
    backplane = RedisBackplane(URL, prefix="bench")
    backplane.attach(receiver)
    await backplane.follow(ROOM, HISTORY)
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    print("ready", flush=True)
    await lines.readline()
    if ROLE == "publish":
        await publish(backplane, int(COUNT))
    else:
        await receiver.done.wait()
    print("done", flush=True)
    await lines.read()
    await backplane.stop()


async def publish(backplane: RedisBackplane, count: int) -> None:
    numbers = iter(range(count))

    async def one_after_another() -> None:
        for _ in numbers:
            history = HISTORY if KIND == "kept" else None
            await backplane.publish(Publication(channel=ROOM, name="said", text=TEXT, history=history))
            if history is None:
                await asyncio.sleep(0)

    await asyncio.gather(*(one_after_another() for _ in range(int(IN_FLIGHT))))


if __name__ == "__main__":
    if ARGUMENTS:
        asyncio.run(main())
    else:
        import uvloop

        uvloop.run(main())
