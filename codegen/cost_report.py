"""Tells authors what validation costs: what a generated type guarantees, and which keywords are judged again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from . import model
from .emit.python import Models, source
from .emit.python.python_module import MessageClass, PythonModule
from .emit.python.python_printer import Node, single_line
from .runtime_schema import judged
from .soundness import Prover, Unproven, prover

__all__ = ["explain"]


def explain(endpoints: Sequence[model.Endpoint], *, models: Models = "msgspec") -> Iterator[str]:
    """Yield lines of text: each endpoint, each of its slots, and what a value there costs beyond being decoded."""
    if models == "pydantic":
        yield "models of Pydantic: each message is judged as a whole before it becomes one; with msgspec:"
    for endpoint in endpoints:
        module = PythonModule(endpoint)
        yield f"{endpoint.source}:"
        with prover(source(module), judged(endpoint.bundle), formats=endpoint.formats) as types:
            lines = [(title, _verdict(types, node, slot)) for title, slot, node in _slots(module)]
        width = max((len(title) for title, _ in lines), default=0)
        yield from (f"  {title:<{width}}  {verdict}" for title, verdict in lines)


def _slots(module: PythonModule) -> Iterator[tuple[str, model.Payload, Node]]:
    """Yield every slot of an endpoint, what it is called here, and its type."""
    endpoint = module.endpoint
    for title, slot, node in (("params", endpoint.params, module.params), ("ticket", endpoint.ticket, module.ticket)):
        if slot is not None and node is not None:
            yield title, slot, node
    for side, carriers in (("client", module.client), ("server", module.server)):
        for carrier in carriers:
            for suffix, slot, node in _of(carrier):
                if slot is not None and node is not None:
                    yield f"{side} {carrier.message.name}{suffix}", slot, node


def _of(carrier: MessageClass) -> tuple[tuple[str, model.Payload | None, Node | None], ...]:
    message = carrier.message
    return (
        ("", message.payload, carrier.payload),
        (", its reply", message.reply, carrier.reply),
        (", its items", message.stream, carrier.stream),
    )


def _verdict(types: Prover, node: Node, slot: model.Payload) -> str:
    checks = types.unproved(single_line(node), slot.pointer)
    if not checks:
        return "proved: what the decoder accepts is valid"
    gaps = types.gaps(single_line(node), slot.pointer)
    if "" in checks:
        return f"judged as a whole: {_listed(gaps)}"
    paths = dict.fromkeys(gap.place.path for gap in gaps)
    parts = [(path, _listed([gap for gap in gaps if gap.place.path == path])) for path in paths]
    return "judged: " + "; ".join(f"{path}: {listed}" if path else listed for path, listed in parts)


def _listed(gaps: list[Unproven]) -> str:
    """Return the keywords that are to be judged, and why where that is not plain."""
    reasons = {gap.keyword: gap.reason for gap in gaps}
    plain = ("not enforced", "not proved")
    return ", ".join(f"{name}" if reason in plain else f"{name} ({reason})" for name, reason in reasons.items())
