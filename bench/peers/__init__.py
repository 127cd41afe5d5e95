"""Compared servers, each in its own file and in its usual style."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..load.protocols import CHANX, PLAIN, SOCKET_IO, MessageProtocol

__all__ = ["PEERS", "Peer"]

HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Peer:
    """Server program. Its first argument is the port; it serves until it is killed."""

    label: str
    program: str
    """Name of the file in this folder."""
    packages: tuple[str, ...]
    """Packages for the table of versions, the most important first."""
    arguments: tuple[str, ...] = ()
    """Arguments after the port."""
    protocol: MessageProtocol = PLAIN
    path: str = "/echo"
    monitored: bool = False
    """True for a server of :mod:`bench.monitoring`, which others do not measure."""
    pure: bool = False
    """True if tornado-ws runs without compiled modules."""

    @property
    def node(self) -> bool:
        """True if the program runs on Node."""
        return self.program.endswith(".mjs")

    @property
    def file(self) -> Path:
        """Path of the program."""
        return HERE / self.program


OURS = ("tornado", "msgspec", "uvloop")
PEERS = {
    "ours": Peer(label="tornado-ws, coroutine handler", program="ours.py", packages=OURS),
    "ours-plain": Peer(label="tornado-ws, plain handler", program="ours.py", packages=OURS, path="/plain"),
    "ours-asyncio": Peer(
        label="tornado-ws, coroutine handler, without uvloop", program="ours.py", packages=OURS, arguments=("asyncio",)
    ),
    "ours-pure": Peer(label="tornado-ws, coroutine handler, not compiled", program="ours.py", packages=OURS, pure=True),
    "ours-monitored": Peer(
        label="tornado-ws, with metrics and traces",
        program="ours.py",
        packages=(*OURS, "prometheus_client", "opentelemetry-sdk"),
        arguments=("monitored",),
        monitored=True,
    ),
    "picows": Peer(label="picows, raw", program="picows_raw.py", packages=("picows", "uvloop")),
    "tornado": Peer(label="Tornado + msgspec", program="tornado_msgspec.py", packages=("tornado", "msgspec")),
    "tornado-asyncio": Peer(
        label="Tornado + msgspec, without uvloop",
        program="tornado_msgspec.py",
        packages=("tornado", "msgspec"),
        arguments=("asyncio",),
    ),
    "aiohttp": Peer(label="aiohttp + msgspec", program="aiohttp_msgspec.py", packages=("aiohttp", "msgspec", "uvloop")),
    "websockets": Peer(
        label="websockets + msgspec", program="websockets_msgspec.py", packages=("websockets", "msgspec", "uvloop")
    ),
    "fastapi": Peer(
        label="FastAPI + pydantic", program="fastapi_pydantic.py", packages=("fastapi", "pydantic", "uvicorn")
    ),
    "litestar": Peer(
        label="Litestar + msgspec", program="litestar_msgspec.py", packages=("litestar", "msgspec", "uvicorn")
    ),
    "chanx": Peer(
        label="chanx + pydantic", program="chanx_fastapi.py", packages=("chanx", "fastapi", "uvicorn"), protocol=CHANX
    ),
    "socketio": Peer(
        label="python-socketio + msgspec",
        program="socketio_python.py",
        packages=("python-socketio", "uvicorn"),
        protocol=SOCKET_IO,
    ),
    "ws": Peer(label="Node ws + ajv", program="ws_ajv.mjs", packages=("ws", "ajv")),
    "socket.io": Peer(
        label="Socket.IO on Node + ajv", program="socketio_node.mjs", packages=("socket.io", "ajv"), protocol=SOCKET_IO
    ),
}
