"""Policies: keywords of messages that determine how the runtime delivers them.

An entry of :data:`POLICIES` declares a keyword once. The meta-schema, the reader, the lint rules, both emitters and the
documentation use this table. ``tests/codegen/model/test_policies.py`` compares the runtime and the page with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from .types import Json

__all__ = ["POLICIES", "Policy", "PolicyValue", "Replay"]


@dataclass(frozen=True, kw_only=True)
class Replay:
    """Value of ``replay``: bounds of the kept messages of one channel."""

    count: int
    """Maximum number of messages."""
    seconds: float
    """Seconds until a message is dropped."""


PolicyValue: TypeAlias = bool | int | float | str | tuple[int, float] | Replay
"""Value of a policy, in the model and in ``tornado_ws.MessageType``."""

RATE = re.compile(r"(\d+)/(\d*)(ms|s|m|h)")
SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
REPLAY_SECONDS = 600
"""Default of ``replay.seconds``."""
REPLAY_COUNT: Mapping[str, Json] = {"minimum": 1, "maximum": 100000}


@dataclass(frozen=True, kw_only=True)
class Policy:
    """Declaration of one keyword, such as ``volatile``."""

    keyword: str
    """Name of the keyword, of the field of ``tornado_ws.MessageType``, and of the property on the page."""
    sides: tuple[Literal["client", "server"], ...]
    """Senders of the messages that may have the keyword."""
    schema: Mapping[str, Json]
    """JSON Schema of the value in the meta-schema, with the description and the example of the documentation."""
    default: PolicyValue | None
    """Value for messages without the keyword."""
    convert: Callable[[Json], PolicyValue]
    """Conversion of a valid JSON value."""
    enforced_by: tuple[str, ...]
    """Functions of ``tornado_ws`` that act on the value, such as ``session/state.py:SessionState.receive``."""
    enforced_on_page: tuple[str, ...] = ()
    """Files in ``emit/svelte/runtime`` that act on the value. If there are any, the client has the value."""
    conflicts: Mapping[str, str] = field(default_factory=dict)
    """Keywords that cannot be combined with this one, each with a hint."""
    requires: tuple[str, str] | None = None
    """Keyword without which this one has no effect, and a hint."""
    other_direction: str = ""
    """Hint for messages in the other direction."""
    malformed: str = "malformed_value"
    """Problem code of a value that does not match the ``pattern`` of the schema."""


def _rate(value: Json) -> tuple[int, float]:
    """Return the count and the seconds of a rate such as ``5/10s``."""
    matched = RATE.fullmatch(value)
    assert matched is not None, value
    count, periods, unit = matched.groups()
    return int(count), int(periods or 1) * SECONDS[unit]


def _replay(value: Json) -> Replay:
    """Return the bounds of kept messages; a number is the count."""
    if isinstance(value, Mapping):
        return Replay(count=int(value["count"]), seconds=float(value.get("seconds", REPLAY_SECONDS)))
    return Replay(count=int(value), seconds=float(REPLAY_SECONDS))


def _concurrent(value: Json) -> bool | int:
    """Return the limit of concurrent requests; True for none."""
    return value if isinstance(value, bool) else int(value)


POLICIES: tuple[Policy, ...] = (
    Policy(
        keyword="volatile",
        sides=("client", "server"),
        schema={
            "description": "True if the message is not queued while offline and is dropped first for a slow client, "
            "the oldest first.",
            "type": "boolean",
            "default": False,
            "examples": [True],
        },
        default=False,
        convert=bool,
        enforced_by=("session/session.py:Session.send", "server/endpoint_server.py:EndpointServer.publish"),
        enforced_on_page=("socket.ts", "live.svelte.ts"),
        conflicts={
            "reply": "a dropped request would never get a reply",
            "stream": "a dropped request would never get a reply",
            "replay": "a message that may be dropped cannot be replayed",
        },
    ),
    Policy(
        keyword="rate",
        sides=("client",),
        schema={
            "description": "Rate limit per connection: a count per time (ms, s, m, h), such as 20/s or 5/10s.",
            "type": "string",
            "pattern": "^[1-9][0-9]{0,8}/([1-9][0-9]{0,8})?(ms|s|m|h)$",
            "patternErrorMessage": "a count per time, such as 20/s or 5/10s",
            "examples": ["20/s", "5/m"],
        },
        default=None,
        convert=_rate,
        enforced_by=("session/state.py:SessionState.receive",),
        enforced_on_page=("pacing.ts",),
        other_direction="rate limits apply to clients; move the message to clientMessages",
        malformed="malformed_rate",
    ),
    Policy(
        keyword="replay",
        sides=("server",),
        schema={
            "description": f"Messages kept per room for clients that reconnect: number, for {REPLAY_SECONDS} seconds; "
            "or count and seconds.",
            "type": ["integer", "object"],
            **REPLAY_COUNT,
            "properties": {
                "count": {"description": "Number of newest messages.", "type": "integer", **REPLAY_COUNT},
                "seconds": {
                    "description": "Seconds until a message is dropped.",
                    "type": "number",
                    "minimum": 1,
                    "maximum": 86400,
                    "default": REPLAY_SECONDS,
                },
            },
            "required": ["count"],
            "additionalProperties": False,
            "examples": [{"count": 200, "seconds": 3600}],
        },
        default=None,
        convert=_replay,
        enforced_by=("server/endpoint_server.py:EndpointServer.publish",),
        enforced_on_page=("channels.ts",),
        conflicts={
            "reply": "a request is sent once and cannot be replayed",
            "latest": "a message that may be replaced cannot be replayed",
        },
        other_direction="only server messages are replayed; move the message to serverMessages",
    ),
    Policy(
        keyword="latest",
        sides=("server",),
        schema={
            "description": "JSON Pointer into the payload; slow clients receive only the newest message per value.",
            "type": "string",
            "pattern": "^(/([^~/]|~[01])*)*$",
            "patternErrorMessage": "a JSON Pointer, such as /id",
            "examples": ["/id"],
        },
        default=None,
        convert=str,
        enforced_by=("session/coalescing.py:latest_key",),
        conflicts={"reply": "every request needs its own reply and cannot be coalesced"},
        other_direction="only server messages are coalesced; move the message to serverMessages",
        malformed="malformed_pointer",
    ),
    Policy(
        keyword="acknowledged",
        sides=("client",),
        schema={
            "description": "True if the client sends the message until the server has acknowledged it, and the server "
            "handles it once.",
            "type": "boolean",
            "default": False,
            "examples": [True],
        },
        default=False,
        convert=bool,
        enforced_by=("validation/decoder.py:_kind",),
        enforced_on_page=("deliveries.ts",),
        conflicts={
            "reply": "the reply to a request is its acknowledgement",
            "stream": "the items of a stream are its acknowledgement",
            "volatile": "a message that may be dropped cannot be acknowledged",
        },
        other_direction="only client messages are acknowledged; move the message to clientMessages",
    ),
    Policy(
        keyword="concurrent",
        sides=("client",),
        schema={
            "description": "True if requests of a connection run beside its other messages; a number: at most that "
            "many at a time.",
            "type": ["boolean", "integer"],
            "minimum": 1,
            "maximum": 1000,
            "default": False,
            "examples": [4],
        },
        default=False,
        convert=_concurrent,
        enforced_by=(
            "session/dispatcher.py:Dispatcher._call",
            "session/concurrent_calls.py:ConcurrentCalls._may_start",
        ),
        conflicts={"stream": "streams always run beside other messages; remove concurrent"},
        requires=("reply", "messages without a reply are handled in the order in which they were sent"),
        other_direction="the page answers all requests concurrently; only client messages have concurrent",
    ),
    Policy(
        keyword="timeout",
        sides=("client", "server"),
        schema={
            "description": "Seconds until a request without a reply fails with the error timeout and is cancelled.",
            "type": "number",
            "exclusiveMinimum": 0,
            "maximum": 86400,
            "examples": [30],
        },
        default=None,
        convert=float,
        enforced_by=("session/state.py:SessionState._open_request", "server/handler.py:SocketHandler.send_request"),
        enforced_on_page=("requests.ts",),
        conflicts={"stream": "a stream has no end that can be expected; use asyncio.timeout in its method"},
        requires=("reply", "only a request has a time until its reply"),
    ),
    Policy(
        keyword="resume",
        sides=("client",),
        schema={
            "description": "JSON Pointer into the items of the stream to their position, a required string or number: "
            "after a lost connection, the stream goes on after the last item instead of failing.",
            "type": "string",
            "pattern": "^(/([^~/]|~[01])*)*$",
            "patternErrorMessage": "a JSON Pointer, such as /line",
            "examples": ["/line"],
        },
        default=None,
        convert=str,
        enforced_by=("session/dispatcher.py:_stream", "validation/decoder.py:_frame_decoder"),
        enforced_on_page=("resumable-streams.ts",),
        requires=("stream", "only a stream goes on after a lost connection"),
        other_direction="only streams of the server are resumed; move the message to clientMessages",
        malformed="malformed_pointer",
    ),
)
"""All policies, in the order of the documentation and of generated code."""
