"""Class of the client of an endpoint."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from ..templates import Code
from .literals import docstring
from .message_class import MessageClass
from .python_module import PythonModule
from .python_printer import (
    Group,
    NamedNode,
    Node,
    call,
    format_node,
    signature,
    subscript,
    union_of,
    without_constraints,
)

__all__ = ["EVENT_VARIABLE", "client_class"]

NONE: Final = Code("None")
INDENT: Final = 4
EVENT_VARIABLE: Final = Code('_EventT = typing.TypeVar("_EventT", bound="ServerMessage | tornado_ws.ClientEvent")')
"""Statement of the type variable of the method ``on``."""
REMOVER: Final = subscript("collections.abc.Callable", Group(Code(""), "[]", ()), NONE)
"""Type of the functions that remove a function of the application."""
TIMEOUT: Final = Code("timeout: float | None = None")
SLASH: Final = Code("/")
STAR: Final = Code("*")


def client_class(module: PythonModule) -> Code:
    """Return the class of the client, with a method for each kind of message that the endpoint has."""
    endpoint = module.endpoint
    if endpoint.kind == "ephemeral":
        base = subscript("tornado_ws.EphemeralClient", Code("ServerMessage"))
        route = f"the one-time URLs of ``{endpoint.name}``"
    else:
        params = () if module.params is None else (without_constraints(module.params),)
        name = "PersistentClientWithParams" if params else "PersistentClient"
        base = subscript(f"tornado_ws.{name}", *params, Code("ServerMessage"))
        route = f"``{endpoint.path or ''}``"
    head = format_node(call(f"class {module.client_class}", base), after=1)
    doc = docstring(f"Client for {route}, used with ``async with``.", indent=INDENT)
    methods = "\n\n".join(_methods(module))
    return Code(f"{head}:\n    {doc}\n\n    endpoint = {module.constant}\n\n{methods}")


def _methods(module: PythonModule) -> Iterator[Code]:
    client, server = module.client, module.server
    yield _on()
    if module.presence is not None:
        yield _presence(without_constraints(module.presence))
    plain = [one for one in client if not (one.reply or one.stream or one.message.policies.get("acknowledged"))]
    if plain:
        doc = "Send a message, or queue it until there is a connection, and until its ``rate`` allows it."
        yield _method("async def send", [_message(plain), SLASH], NONE, doc, "await self._send(message)")
    if acknowledged := [one for one in client if one.message.policies.get("acknowledged")]:
        doc = "Send a message, over all connections, until the server has handled it."
        parameters = [_message(acknowledged), SLASH, STAR, TIMEOUT]
        yield _method("async def deliver", parameters, NONE, doc, "await self._deliver(message, timeout)")
    if requests := [one for one in client if one.reply]:
        doc, body = "Send a request and return its reply.", "return await self._request(message, timeout)"
        rest = [SLASH, STAR, TIMEOUT]
        signatures = [([_message([one]), *rest], without_constraints(one.reply or NONE)) for one in requests]
        yield _overloaded("async def request", signatures, [Code("message: typing.Any"), *rest], doc, body)
    if streams := [one for one in client if one.stream]:
        doc, body = (
            "Send a request and iterate over its items; closing the iterator cancels it.",
            "return self._stream(message)",
        )
        signatures = [([_message([one]), SLASH], _items(without_constraints(one.stream or NONE))) for one in streams]
        yield _overloaded("def stream", signatures, [Code("message: typing.Any"), SLASH], doc, body)
    if questions := [one for one in server if one.reply]:
        doc, body = (
            "Answer requests of the server, and return a function that ends this.",
            "return self._answer(request, function)",
        )
        signatures = [(_answer_parameters(one), REMOVER) for one in questions]
        general: list[Node] = [Code("request: typing.Any"), Code("function: typing.Any"), SLASH]
        yield _overloaded("def answer", signatures, general, doc, body)


def _on() -> Code:
    event = Code("_EventT")
    function = subscript("collections.abc.Callable", Group(Code(""), "[]", (event,)), Code("object"))
    parameters: list[Node] = [
        NamedNode(Code("event: "), subscript("type", event)),
        NamedNode(Code("function: "), function),
        SLASH,
    ]
    doc = "Call a function for each message or event of a class, and return a function that ends this."
    return _method("def on", parameters, REMOVER, doc, "return self._on(event, function)")


def _presence(metadata: Node) -> Code:
    users = subscript("collections.abc.Mapping", Code("str"), subscript("collections.abc.Sequence", metadata))
    doc = "Metadata of the devices of each user in the rooms of this client, by the key of the user."
    return Code(f"    @property\n{_method('def presence', [], users, doc, 'return self._presence')}")


def _answer_parameters(message_class: MessageClass) -> list[Node]:
    reply = without_constraints(message_class.reply or NONE)
    result = union_of(reply, subscript("collections.abc.Awaitable", reply))
    function = subscript("collections.abc.Callable", Group(Code(""), "[]", (message_class.cls,)), result)
    return [
        NamedNode(Code("request: "), subscript("type", message_class.cls)),
        NamedNode(Code("function: "), function),
        SLASH,
    ]


def _message(message_classes: Sequence[MessageClass]) -> Node:
    return NamedNode(Code("message: "), union_of(*(one.cls for one in message_classes)))


def _items(item: Node) -> Node:
    return subscript("collections.abc.AsyncGenerator", item, NONE)


def _overloaded(
    head: str, signatures: Sequence[tuple[list[Node], Node]], general: list[Node], doc: str, body: str
) -> Code:
    """Return a method with a signature for each message; with overloads if there are several."""
    if len(signatures) == 1:
        ((parameters, result),) = signatures
        return _method(head, parameters, result, doc, body)
    overloads = [
        f"    @typing.overload\n    {signature(head, [Code('self'), *parameters], result)} ...\n\n"
        for parameters, result in signatures
    ]
    return Code("".join(overloads) + _method(head, general, Code("typing.Any"), doc, body))


def _method(head: str, parameters: list[Node], result: Node, doc: str, body: str) -> Code:
    line = signature(head, [Code("self"), *parameters], result)
    return Code(f"    {line}\n        {docstring(doc, indent=2 * INDENT)}\n        {body}")
