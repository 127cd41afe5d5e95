"""Tells authors what validation costs: what a generated type guarantees, and which keywords are judged again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tornado_ws.endpoint import JsonCheck

from . import model
from .emit.python import Models, source
from .emit.python.python_module import MessageClass, Module
from .emit.python.python_printer import Node, flat
from .runtime_schema import judged
from .soundness import Prover, Unproven, prover

__all__ = ["explain"]


def explain(endpoints: Sequence[model.Endpoint], *, models: Models = "msgspec") -> Iterator[str]:
    """Yield lines of text: each endpoint, each of its slots, and what a value there costs beyond being decoded."""
    if models == "pydantic":
        yield "models of Pydantic: each message is judged as a whole before it becomes one; with msgspec:"
    for endpoint in endpoints:
        module = Module(endpoint)
        yield f"{endpoint.source}:"
        with prover(source(module), judged(endpoint.bundle), formats=endpoint.formats) as types:
            lines = [(title, _verdict(types, node, slot)) for title, slot, node in _slots(module)]
        width = max((len(title) for title, _ in lines), default=0)
        yield from (f"  {title:<{width}}  {verdict}" for title, verdict in lines)


def _slots(module: Module) -> Iterator[tuple[str, model.Payload, Node]]:
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
    checks = types.residual_checks(flat(node), slot.pointer)
    if not checks:
        return "proved: what the decoder accepts is valid"
    unproven = types.unproven(flat(node), slot.pointer)
    if JsonCheck(slot.pointer) in checks:
        return f"judged as a whole: {_listed(unproven)}"
    paths = dict.fromkeys(one.location.path for one in unproven)
    parts = [(path, _listed([one for one in unproven if one.location.path == path])) for path in paths]
    return "judged: " + "; ".join(f"{path}: {listed}" if path else listed for path, listed in parts)


def _listed(unproven: list[Unproven]) -> str:
    """Return the keywords that are to be judged, and why where that is not plain."""
    reasons = {one.keyword: one.reason for one in unproven}
    plain = ("not enforced", "not proved")
    return ", ".join(f"{name}" if reason in plain else f"{name} ({reason})" for name, reason in reasons.items())
