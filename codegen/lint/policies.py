"""Rules for combinations of keywords: of the two kinds of endpoint, and of policies of messages."""

from __future__ import annotations

from collections.abc import Iterator

from ..source import json_pointer
from ..source.diagnostics import Problem
from ..source.document import Document

__all__ = ["check"]

FOREIGN = {
    "persistent": {
        "ticket": "persistent endpoints have params; tickets belong to one-time URLs",
        "ttl": "a persistent endpoint has no one-time URLs",
    },
    "ephemeral": {
        "path": "an ephemeral endpoint is reached by one-time URLs",
        "params": "ephemeral endpoints have a ticket; put there what the server should know",
    },
}
"""Keywords of the other kind, and what to know about that."""

EXCLUSIVE = (
    ("reply", "stream", "a request has one reply, or a stream"),
    ("reply", "volatile", "a request that may be dropped leaves somebody waiting"),
    ("stream", "volatile", "a request that may be dropped leaves somebody waiting"),
    ("reply", "replay", "a request is asked once"),
    ("reply", "latest", "every request wants its answer"),
    ("replay", "volatile", "what may be dropped cannot be replayed"),
)
"""Keywords of one message that contradict each other."""


def check(document: Document) -> Iterator[Problem]:
    """Yield the problems of keywords that do not go together."""
    root = document.root
    kind = str(root["kind"])
    if kind == "persistent" and "path" not in root:
        hint = f'add "path": "/{document.name}"'
        yield document.problem("/kind", "missing_keyword", "a persistent endpoint has a path", hint=hint)
    for keyword, hint in FOREIGN.get(kind, {}).items():
        if keyword in root:
            message = f"{keyword} says nothing in an endpoint of kind {kind}"
            yield document.problem(f"/{keyword}", "wrong_kind", message, key=True, hint=hint)
    for side in ("clientMessages", "serverMessages"):
        for name, message in root.get(side, {}).items():
            stated = {keyword for keyword, value in message.items() if keyword != "volatile" or value}
            for one, other, why in EXCLUSIVE:
                if {one, other} <= stated:
                    pointer = json_pointer.join(f"/{side}", name, other)
                    text = f"{one} and {other} contradict each other"
                    yield document.problem(pointer, "contradiction", text, key=True, hint=why)
