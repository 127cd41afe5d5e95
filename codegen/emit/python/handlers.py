"""The constant of an endpoint, and the classes that users subclass."""

from __future__ import annotations

from collections.abc import Iterator

from ... import model
from ...contract import contract
from ...message_size import UNKNOWN, message_bytes
from ..templates import Code
from .classes import described
from .literals import docstring, literal
from .python_identifiers import parameter
from .python_module import MessageClass, Module
from .python_printer import Group, Named, Node, annotated, call, flat, keyword, lay, subscript, tuple_of, unbounded
from .residual_check_calls import FindChecks, residual_checks

__all__ = ["action", "constant", "handler"]

NONE = Code("None")
INDENT = 4


def constant(module: Module, find_checks: FindChecks) -> Code:
    """Return the constant that states the endpoint."""
    endpoint = module.endpoint
    stated: list[Named] = [keyword("name", literal(endpoint.name)), keyword("kind", literal(endpoint.kind))]
    if endpoint.path is not None:
        stated.append(keyword("path", literal(endpoint.path)))
    if endpoint.params is not None and module.params is not None:
        stated.append(keyword("params", _slot(module, endpoint.params, module.params, find_checks)))
    if endpoint.ticket is not None and module.ticket is not None:
        stated.append(keyword("ticket", _slot(module, endpoint.ticket, module.ticket, find_checks)))
    if endpoint.kind == "ephemeral":
        stated.append(keyword("ttl", literal(endpoint.ttl)))
    if endpoint.errors:
        stated.append(keyword("errors", tuple_of(*(literal(error.code) for error in endpoint.errors))))
    if endpoint.formats:
        stated.append(keyword("formats", Code("True")))
    for side, carriers in (("client", module.client), ("server", module.server)):
        stated.append(keyword(side, tuple_of(*(_message(module, carrier, find_checks) for carrier in carriers))))
    if (longest := message_bytes(endpoint)) != UNKNOWN:
        stated.append(keyword("message_bytes", literal(longest)))
    stated += [keyword("contract", literal(contract(endpoint))), keyword("schema", Code("_SCHEMA"))]
    made = annotated(module.constant, Code("typing.Final"), call("tornado_ws.Endpoint", *stated, spread=True))
    doc = f"\n{docstring(endpoint.description)}" if endpoint.description.strip() else ""
    return Code(f"{made}{doc}")


def handler(module: Module) -> Code:
    """Return the abstract handler of the endpoint."""
    endpoint = module.endpoint
    base, first, served = "tornado_ws.PersistentHandler", module.params, endpoint.path or ""
    if endpoint.kind == "ephemeral":
        base, first, served = "tornado_ws.EphemeralHandler", module.ticket, f"the one-time URLs of ``{endpoint.name}``"
    else:
        served = f"``{served}``"
    bases = (subscript(base, unbounded(first or NONE), Code("ServerMessage")), Code("abc.ABC"))
    doc = f"Serves {served}: subclass it and write the ``on_…`` methods."
    return _class(module.handler, bases, doc, module, [_method(carrier) for carrier in module.client])


def action(module: Module) -> Iterator[Code]:
    """Yield the abstract action that makes one-time URLs, if the endpoint has any."""
    endpoint = module.endpoint
    if endpoint.kind == "ephemeral":
        bases = (subscript("tornado_ws.Action", unbounded(module.ticket or NONE)), Code("abc.ABC"))
        doc = f"Answers a POST with a one-time URL of ``{endpoint.name}``: subclass it and write :meth:`make_ticket`."
        yield _class(module.action, bases, doc, module, [])


def _class(name: str, bases: tuple[Node, ...], doc: str, module: Module, methods: list[Code]) -> Code:
    head = lay(call(f"class {name}", *bases), after=1)
    body = "\n".join(("", f"    endpoint = {module.constant}", *methods))
    return Code(f"{head}:\n    {docstring(doc, indent=INDENT)}\n{body}")


def _method(carrier: MessageClass) -> Code:
    """Return the abstract method that handles a message."""
    message = carrier.message
    name = "on_" + message.name.replace("-", "_").replace(".", "_")
    arguments: list[Node] = [Code("self")]
    if carrier.payload is not None:
        arguments += [Named(Code(f"{parameter(message)}: "), unbounded(carrier.payload)), Code("/")]
    start, result = "async def", unbounded(carrier.reply or NONE)
    if carrier.stream is not None:
        start, result = "def", subscript("collections.abc.AsyncIterator", unbounded(carrier.stream))
    doc = docstring(described(message, otherwise=f"Handle ``{message.name}``."), indent=2 * INDENT)
    return Code(f"\n    @abc.abstractmethod\n    {_signature(f'{start} {name}', arguments, result)}\n        {doc}")


def _signature(head: str, arguments: list[Node], result: Node) -> Code:
    listed = call(head, *arguments)
    short = lay(listed, indent=INDENT, after=len(f" -> {flat(result)}:"))
    if "\n" not in short:
        return Code(f"{short} -> {flat(result)}:")
    long = lay(call(head, *arguments, spread=True), indent=INDENT)
    return Code(f"{long} -> {lay(result, indent=INDENT, before=INDENT + 5, after=1, bare=True)}:")


def _message(module: Module, carrier: MessageClass, find_checks: FindChecks) -> Group:
    message = carrier.message
    stated: list[Node] = [literal(message.name), carrier.cls]
    if message.payload is not None and carrier.payload is not None:
        stated.append(_slot(module, message.payload, carrier.payload, find_checks))
    if message.reply is not None and carrier.reply is not None:
        stated.append(keyword("reply", _slot(module, message.reply, carrier.reply, find_checks)))
    if message.stream is not None and carrier.stream is not None:
        stated.append(keyword("stream", _slot(module, message.stream, carrier.stream, find_checks)))
    if message.volatile:
        stated.append(keyword("volatile", Code("True")))
    if message.replay:
        stated.append(keyword("replay", literal(message.replay)))
    if message.latest is not None:
        stated.append(keyword("latest", literal(message.latest)))
    if message.rate is not None:
        rate = tuple_of(literal(message.rate.count), literal(float(message.rate.seconds)))
        stated.append(keyword("rate", rate))
    return call("tornado_ws.MessageType", *stated)


def _slot(module: Module, slot: model.Payload, node: Node, find_checks: FindChecks) -> Group:
    checks = residual_checks(find_checks(flat(node), slot.pointer))
    return call(module.slot_head, node, literal(slot.pointer), *checks)
