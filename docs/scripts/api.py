"""Tables of the public names, from their docstrings."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from pathlib import Path

import griffe

from .roles import without_roles

__all__ = ["GROUPS", "names_table"]

ROOT = Path(__file__).parents[2]

GROUPS: Mapping[str, str] = {
    "api-handlers": "PersistentHandler EphemeralHandler PresenceHandler SocketHandler Room Action",
    "api-controller": "WebSocketController Limits Rate Heartbeat Bounds Refusal COMPILED",
    "api-guards": (
        "Guard authenticated bearer bearer_token allow_addresses Binding same_session same_address same_origin"
    ),
    "api-backplanes": "Backplane MemoryBackplane tornado_ws.channels.redis.RedisBackplane",
    "api-monitoring": (
        "LOG_ATTRIBUTES tornado_ws.prometheus.metrics tornado_ws.prometheus.SocketsCollector "
        "tornado_ws.opentelemetry.trace"
    ),
    "api-errors": (
        "TornadoWsError ApplicationError ErrorWithData InvalidMessage RequestFailed RequestTimeout ConnectionClosed "
        "ConnectFailed LimitReached BackplaneDown GuardRefused TooManyTickets WrongThread ConfigurationError "
        "IncompleteHandler InvalidFrame ErrorData CloseCode"
    ),
    "api-client": (
        "PersistentClient PersistentClientWithParams EphemeralClient ClientEvent "
        + " ".join(
            f"tornado_ws.client.{name}"
            for name in (
                *("ClientOptions", "Backoff", "Status", "ClientState", "ChannelResumed", "ChannelReset"),
                *("PresenceChanged", "Unconfirmed", "Refused", "Invalid"),
            )
        )
    ),
    "api-generated": (
        "Message Request ServerRequest Stream Wrapper Constants untagged AdditionalProperties Endpoint MessageType "
        "ErrorType Payload Replay Tag InlineSchema AttributeCheck JsonCheck MemberCheck ObjectCheck ValueCheck"
    ),
    "api-testing": " ".join(
        f"tornado_ws.testing.{name}"
        for name in (
            *("Captured", "Client", "Clock", "CloseInfo", "Connect", "FailingBackplane", "Link"),
            *("capture", "clock", "connect", "faulty", "fuzz", "io_loop", "serving"),
        )
    ),
}
"""Names by part of the page; those without a module are in ``tornado_ws``."""


def names_table(group: str) -> str:
    """Return the table of a group of names, with links to their sources."""
    rows = ["| name | |", "| --- | --- |"]
    for name in GROUPS[group].split():
        definition = _package()[name.removeprefix("tornado_ws.")]
        docstring = "" if definition.docstring is None else definition.docstring.value
        summary = re.split(r"(?<=\.)\s", docstring, maxsplit=1)[0]
        path = Path(str(definition.filepath)).relative_to(ROOT).as_posix()
        rows.append(f"| [`{name}`](../../{path}) | {' '.join(without_roles(summary).split())} |")
    return "\n".join(rows)


@functools.cache
def _package() -> griffe.Object | griffe.Alias:
    """Return the package, which is read and not imported."""
    return griffe.load("tornado_ws", search_paths=[ROOT])
