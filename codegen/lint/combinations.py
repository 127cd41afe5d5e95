"""Rules for combinations of keywords, by kind of endpoint and within a message."""

from __future__ import annotations

from collections.abc import Iterator, Set

from ..model import policies
from ..source import json_pointer
from ..source.diagnostics import Problem
from ..source.document import Document

__all__ = ["check"]

OTHER_KIND = {
    "persistent": {
        "ticket": "tickets belong to one-time URLs; a persistent endpoint has params",
        "ttl": "ttl is the lifetime of one-time URLs; a persistent endpoint has none",
    },
    "ephemeral": {
        "path": "clients of an ephemeral endpoint connect to a one-time URL",
        "params": "declare the data of an ephemeral endpoint in ticket",
    },
}
"""Keywords of the other kind of endpoint, with a hint."""

RESPONSES = ("reply", "stream", "a request has either a reply or a stream")
"""Conflicting keywords of one message, with a hint."""


def check(document: Document) -> Iterator[Problem]:
    """Yield the problems with missing, disallowed and conflicting keywords."""
    root = document.root
    kind = str(root["kind"])
    if kind == "persistent" and "path" not in root:
        hint = f'add "path": "/{document.name}"'
        yield document.problem("/kind", "missing_keyword", "missing keyword `path`", hint=hint)
    for keyword, hint in OTHER_KIND.get(kind, {}).items():
        if keyword in root:
            message = f"`{keyword}` is not allowed in {'an' if kind == 'ephemeral' else 'a'} {kind} endpoint"
            yield document.problem(f"/{keyword}", "disallowed_keyword", message, key=True, hint=hint)
    for side in ("clientMessages", "serverMessages"):
        for name, message in root.get(side, {}).items():
            declared = message.keys() - {
                policy.keyword for policy in policies.POLICIES if message.get(policy.keyword) is False
            }
            for one, other, reason in (RESPONSES, *_conflicts()):
                if {one, other} <= declared:
                    pointer = json_pointer.join(f"/{side}", name, other)
                    text = f"`{one}` and `{other}` cannot be combined"
                    yield document.problem(pointer, "conflicting_keywords", text, key=True, hint=reason)
            yield from _missing_requirements(document, side, name, declared)


def _missing_requirements(document: Document, side: str, name: str, declared: Set[str]) -> Iterator[Problem]:
    """Yield the problems with keywords of a message that have no effect without another one."""
    for policy in policies.POLICIES:
        if policy.requires is None or side not in {f"{one}Messages" for one in policy.sides}:
            continue
        required, reason = policy.requires
        if policy.keyword in declared and required not in declared and not declared & policy.conflicts.keys():
            text = f"`{policy.keyword}` is not allowed without `{required}`"
            place = json_pointer.join(f"/{side}", name, policy.keyword)
            yield document.problem(place, "disallowed_keyword", text, key=True, hint=reason)


def _conflicts() -> Iterator[tuple[str, str, str]]:
    for policy in policies.POLICIES:
        yield from ((keyword, policy.keyword, hint) for keyword, hint in policy.conflicts.items())
