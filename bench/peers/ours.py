"""tornado-ws: handlers of the classes that codegen made of bench/schemas."""

import asyncio
import sys

from tornado.web import Application

from bench.generated.mirror import Echo, MirrorHandler
from bench.generated.speech import Say, SpeechHandler
from tornado_ws import WebSocketController


class Mirror(MirrorHandler):
    async def on_echo(self, echo: Echo) -> None:
        await self.send(echo)


class Speech(SpeechHandler):
    async def on_say(self, say: Say) -> None:
        await self.broadcast(say)


async def main() -> None:
    sockets = WebSocketController(
        connection="tornado" if "tornado" in sys.argv else "strict", compression="compressed" in sys.argv
    )
    application = Application([*sockets.persistent(Mirror), *sockets.persistent(Speech)])
    await sockets.serve_until_signal(application.listen(int(sys.argv[1]), "127.0.0.1"))


if __name__ == "__main__":
    if "asyncio" in sys.argv:
        asyncio.run(main())
    else:
        import uvloop

        uvloop.run(main())
