"""Process with python-socketio and its Redis manager, without clients; ``redis_ours.py`` states its protocol."""

import asyncio
import sys

import socketio
import uvloop

URL, ROLE, KIND, COUNT, IN_FLIGHT = sys.argv[1:]
DATA = {"user": "ann", "text": "hello everybody, how do you do?"}


class Manager(socketio.AsyncRedisManager):
    """Manager that counts the messages of other processes, in the place of clients."""

    def __init__(self) -> None:
        super().__init__(URL)
        self.left = int(COUNT)
        self.done = asyncio.Event()

    async def _handle_emit(self, message):
        await super()._handle_emit(message)
        self.left -= 1
        if self.left == 0:
            self.done.set()


async def main() -> None:
    manager = Manager()
    sockets = socketio.AsyncServer(async_mode="asgi", client_manager=manager)
    manager.set_server(sockets)
    manager.initialize()
    await asyncio.sleep(1)  # until the manager is subscribed
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    print("ready", flush=True)
    await lines.readline()
    if ROLE == "publish":
        await publish(sockets, int(COUNT))
    else:
        await manager.done.wait()
    print("done", flush=True)
    await lines.read()


async def publish(sockets: socketio.AsyncServer, count: int) -> None:
    numbers = iter(range(count))

    async def one_after_another() -> None:
        for _ in numbers:
            await sockets.emit("said", DATA, room="room")

    await asyncio.gather(*(one_after_another() for _ in range(int(IN_FLIGHT))))


if __name__ == "__main__":
    uvloop.run(main())
