"""Context of a trace that a client sends with its handshake (W3C Trace Context and Baggage)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from opentelemetry import propagate
from opentelemetry.context import Context

__all__ = ["page_context"]

PREFIX: Final = "traceparent."
"""Prefix of the entry in the subprotocols of a page, because pages cannot send headers."""
CHARACTERS: Final = {"traceparent": 128, "tracestate": 512, "baggage": 8192}
"""Maximum length of each header."""
OTHER_CHARACTERS: Final = 1024
"""Maximum length of a header of another propagator."""
MAX_MEMBERS: Final = {"tracestate": 32, "baggage": 180}
"""Maximum number of members of the lists."""
MEMBER_CHARACTERS: Final = 4096
"""Maximum length of each member, without spaces around its parts."""

_VENDOR = r"[a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13}"
_TOKEN, _VALUE, _SPACE = r"[!#-'*+.0-9A-Z^-z|~-]++", r"[!#-+\--:<-[\]-~]*+", r"[ \t]*+"
_PAIR = rf"{_TOKEN}{_SPACE}={_SPACE}{_VALUE}{_SPACE}"
_MEMBERS: Final = {
    "tracestate": re.compile(rf"({_VENDOR})=[ -+\--<>-~]{{0,255}}[!-+\--<>-~]"),
    "baggage": re.compile(rf"({_TOKEN}){_SPACE}={_SPACE}{_VALUE}{_SPACE}(?:;{_SPACE}(?:{_PAIR}|{_TOKEN}{_SPACE}))*+"),
}
"""Members of the lists. Possessive, so that the time is linear."""
_SPACES: Final = re.compile(r"[ \t]+")


def page_context(headers: Mapping[str, str], subprotocols: Sequence[str], on_invalid: Callable[[str], None]) -> Context:
    """Return the context that a client sends: in headers, or as the subprotocol ``traceparent.<value>``.

    OpenTelemetry logs a line for each invalid or long member of a header, and splits a run of spaces in quadratic time.
    So it receives only valid headers, without optional spaces.

    Args:
        headers: Headers of the handshake.
        subprotocols: Subprotocols that the client offers.
        on_invalid: Function that receives the name of each header that is malformed or too long.
    """
    sent = {name.lower(): value for name, value in headers.items()}
    for entry in subprotocols:
        if entry.startswith(PREFIX):
            sent.setdefault("traceparent", entry.removeprefix(PREFIX))
    carrier: dict[str, str] = {}
    for name in sorted(field.lower() for field in propagate.get_global_textmap().fields):
        if (value := sent.get(name)) is None:
            continue
        if (valid := _normalized(name, value)) is None:
            on_invalid(name)
        else:
            carrier[name] = valid
    return propagate.extract(carrier, context=Context())


def _normalized(name: str, value: str) -> str | None:
    """Return a header without optional spaces; None if it is malformed or too long."""
    if len(value) > CHARACTERS.get(name, OTHER_CHARACTERS) or not value.isascii():
        return None
    if (pattern := _MEMBERS.get(name)) is None:
        return value.strip(" \t")
    members = [member for part in value.split(",") if (member := part.strip(" \t"))]
    found = [match[1] for member in members if (match := pattern.fullmatch(member))]
    if not len(found) == len(members) <= MAX_MEMBERS[name]:
        return None
    if name == "baggage":
        members = [_SPACES.sub("", member) for member in members]  # around "=" and ";", as the pattern requires
    elif len(set(found)) < len(found):
        return None
    return None if any(len(member) > MEMBER_CHARACTERS for member in members) else ",".join(members)
