"""Report of the cost of validation: decoding only, or keywords that the schema validates after decoding."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tornado_ws.endpoint import JsonCheck

from . import model
from .deep_stack import with_deep_stack
from .emit.python import Models, types_source
from .emit.python.message_class import MessageClass
from .emit.python.python_module import PythonModule
from .emit.python.python_printer import Node, single_line
from .limits.message_size import client_payloads, message_bytes
from .limits.validation_time import validation_time
from .soundness import Prover, Unproven, prover

__all__ = ["Cost", "costs", "report"]

OBVIOUS_REASONS = ("", "not enforced", "not proved")
"""Reasons that add no information to the name of the keyword."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Cost of validating one payload on the server, in addition to decoding."""

    title: str
    """Name of the payload, such as ``client say`` or ``client history (reply)``."""
    parts: tuple[tuple[str, str], ...]
    """Pointer to each part that the schema validates again, and its keywords; empty if decoding is enough."""
    validates_everything: bool
    """True if the schema validates the whole value again."""
    longest: float | None = None
    """Estimated time for the slowest message within the size limit, in seconds; None if clients do not send it."""

    def __str__(self) -> str:
        return self._work if self.longest is None else f"{self._work} (at most {math.ceil(self.longest * 1e3)} ms)"

    @property
    def _work(self) -> str:
        if not self.parts:
            return "decoding only"
        listed = "; ".join(f"{pointer}: {keywords}" if pointer else keywords for pointer, keywords in self.parts)
        again = "whole value again, for " if self.validates_everything else ""
        return f"decoding, then {again}{listed}"


def report(endpoints: Sequence[model.Endpoint], *, models: Models = "msgspec") -> Iterator[str]:
    """Yield the lines of the report: one for each endpoint and each of its payloads."""
    if models == "pydantic":
        yield "Pydantic models: the schema validates each message as a whole. With msgspec:"
    for endpoint in endpoints:
        yield f"{endpoint.source}: client messages of at most {message_bytes(endpoint):,} bytes"
        found = costs(endpoint)
        width = max((len(cost.title) for cost in found), default=0)
        yield from (f"  {cost.title:<{width}}  {cost}" for cost in found)


@with_deep_stack
def costs(endpoint: model.Endpoint) -> list[Cost]:
    """Return the cost of each payload of an endpoint, with msgspec."""
    module = PythonModule(endpoint)
    size = message_bytes(endpoint)
    longest = {id(payload): validation_time(endpoint, payload).seconds(size) for payload in client_payloads(endpoint)}
    with prover(types_source(module), module.schema, formats=endpoint.options.formats) as types:
        return [
            replace(_cost(types, title, node, payload), longest=longest.get(id(payload)))
            for title, payload, node in _payloads(module)
        ]


def _payloads(module: PythonModule) -> Iterator[tuple[str, model.Payload, Node]]:
    """Yield the title, payload and type of each payload of an endpoint."""
    endpoint = module.endpoint
    for title, payload, node in (
        ("params", endpoint.params, module.params),
        ("ticket", endpoint.ticket, module.ticket),
        ("presence", endpoint.presence, module.presence),
    ):
        if payload is not None and node is not None:
            yield title, payload, node
    for side, classes in (("client", module.client), ("server", module.server)):
        for message_class in classes:
            for suffix, payload, node in _payloads_of(message_class):
                if payload is not None and node is not None:
                    yield f"{side} {message_class.message.name}{suffix}", payload, node


def _payloads_of(message_class: MessageClass) -> tuple[tuple[str, model.Payload | None, Node | None], ...]:
    message = message_class.message
    return (
        ("", message.payload, message_class.payload),
        (" (reply)", message.reply, message_class.reply),
        (" (stream item)", message.stream, message_class.stream),
    )


def _cost(types: Prover, title: str, node: Node, payload: model.Payload) -> Cost:
    checks = types.residual_checks(single_line(node), payload.pointer)
    unproven = types.unproven(single_line(node), payload.pointer) if checks else []
    if JsonCheck(payload.pointer) in checks:
        return Cost(title=title, parts=(("", _keywords(unproven)),), validates_everything=True)
    paths = dict.fromkeys(found.location.path for found in unproven)
    parts = tuple((path, _keywords([found for found in unproven if found.location.path == path])) for path in paths)
    return Cost(title=title, parts=parts, validates_everything=False)


def _keywords(unproven: list[Unproven]) -> str:
    """Return the keywords to validate, with the reason where it is not obvious."""
    reasons = {found.keyword: found.reason for found in unproven}
    return ", ".join(name if reason in OBVIOUS_REASONS else f"{name} ({reason})" for name, reason in reasons.items())
