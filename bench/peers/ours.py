"""tornado-ws, with handlers generated from bench/schemas."""

import asyncio
import gc
import sys

from tornado.routing import Rule
from tornado.web import Application, RequestHandler

from bench.generated.archive import ArchiveHandler
from bench.generated.archive import Say as Kept
from bench.generated.broadcast import BroadcastHandler, Say
from bench.generated.gathering import Entered, GatheringHandler, User
from bench.generated.mirror import MIRROR, Echo, MirrorHandler
from tornado_ws import Limits, WebSocketController
from tornado_ws.validation.codec import Codec
from tornado_ws.websocket import StrictWebSocketHandler


class Mirror(MirrorHandler):
    async def on_echo(self, echo: Echo) -> None:
        await self.send(echo)


class Broadcast(BroadcastHandler):
    async def on_say(self, say: Say) -> None:
        await self.broadcast(say)


class Archive(ArchiveHandler):
    async def on_say(self, say: Kept) -> None:
        await self.broadcast(say)


class Gathering(GatheringHandler):
    async def on_watch(self) -> None:
        await self.join("all")

    async def on_enter(self, enter: User) -> None:
        await self.join("all")
        await self.track(enter, room="all", key=enter.name)

    async def on_announce(self, announce: User) -> None:
        await self.room("all").send(Entered(name=announce.name))


class Plain(StrictWebSocketHandler):
    """Codec and connection without a coroutine."""

    codec = Codec(MIRROR)

    def open(self) -> None:
        self.send_text = self.connection.send_text

    def receive_text(self, data: bytes) -> None:
        self.send_text(self.codec.encode(self.codec.decode(data).data))


class Objects(RequestHandler):
    """Number of handlers in memory."""

    def get(self) -> None:
        gc.collect()
        self.write(
            str(
                sum(
                    isinstance(object_, Mirror | Broadcast | Archive | Gathering | Plain)
                    for object_ in gc.get_objects()
                )
            )
        )


def monitored() -> list[Rule]:
    """Return the routes of the same echo with metrics and with traces."""
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    from tornado_ws.opentelemetry import trace
    from tornado_ws.prometheus import metrics

    measured, traced = (WebSocketController(limits=Limits(handshakes=None)) for _ in range(2))
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(InMemorySpanExporter()))
    trace(traced, tracer_provider=provider)
    return [
        *metrics(measured),
        *measured.persistent(Mirror, path="/echo-with-metrics"),
        *traced.persistent(Mirror, path="/echo-with-traces"),
    ]


async def main() -> None:
    sockets = WebSocketController(
        compression="compressed" in sys.argv,
        limits=Limits(handshakes=None),  # all clients have the same address
    )
    application = Application(
        [
            *sockets.persistent(Mirror),
            *sockets.persistent(Broadcast),
            *sockets.persistent(Archive),
            *sockets.persistent(Gathering),
            ("/plain", Plain),
            ("/objects", Objects),
        ]
    )
    if "monitored" in sys.argv:
        application.add_handlers(".*", monitored())
    server = application.listen(int(sys.argv[1]), "127.0.0.1")
    await sockets.serve_until_signal(server, spread=2.0)


if __name__ == "__main__":
    if "asyncio" in sys.argv:
        asyncio.run(main())
    else:
        import uvloop

        uvloop.run(main())
