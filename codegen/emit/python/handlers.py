"""Constant of an endpoint, and the abstract classes that users subclass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ... import model
from ...contract import contract
from ...limits.message_size import UNKNOWN, message_bytes
from ..templates import Code
from .classes import full_description
from .literals import docstring, literal
from .message_class import MessageClass
from .python_identifiers import parameter
from .python_module import PythonModule
from .python_printer import (
    Group,
    NamedNode,
    Node,
    annotated_assignment,
    call,
    format_node,
    keyword,
    signature,
    single_line,
    subscript,
    tuple_of,
    union_of,
    without_constraints,
)
from .residual_check_calls import FindChecks, residual_checks

__all__ = ["abstract_action", "abstract_handler", "endpoint_constant"]

NONE = Code("None")
INDENT = 4
RESUME = """

Args:
    resume: Position of the last item that the client has; the stream goes on after it. None: from the start."""
"""Section of the docstring of a method whose stream can go on after a lost connection."""


def endpoint_constant(module: PythonModule, find_checks: FindChecks) -> Code:
    """Return the statement that defines the endpoint."""
    endpoint = module.endpoint
    arguments: list[NamedNode] = [keyword("name", literal(endpoint.name)), keyword("kind", literal(endpoint.kind))]
    if endpoint.path is not None:
        arguments.append(keyword("path", literal(endpoint.path)))
    if endpoint.params is not None and module.params is not None:
        arguments.append(keyword("params", _payload(module, endpoint.params, module.params, find_checks)))
    if endpoint.ticket is not None and module.ticket is not None:
        arguments.append(keyword("ticket", _payload(module, endpoint.ticket, module.ticket, find_checks)))
    if endpoint.presence is not None and module.presence is not None:
        arguments.append(keyword("presence", _payload(module, endpoint.presence, module.presence, find_checks)))
    if endpoint.kind == "ephemeral":
        arguments.append(keyword("ttl", literal(endpoint.ttl)))
    arguments += _errors(module, endpoint.errors, find_checks)
    if endpoint.options.formats:
        arguments.append(keyword("formats", Code("True")))
    for side, message_classes in (("client", module.client), ("server", module.server)):
        types = (_message_type(module, message_class, find_checks) for message_class in message_classes)
        arguments.append(keyword(side, tuple_of(*types)))
    if module.stand_ins:
        classes = (
            call("tornado_ws.models.StandIn", name, literal(record.pointer), Code("_INSTANCES"))
            for record, name in module.stand_ins
        )
        arguments.append(keyword("stand_ins", tuple_of(*classes)))
    if (longest := message_bytes(endpoint)) != UNKNOWN:
        arguments.append(keyword("message_bytes", literal(longest)))
    arguments.append(keyword("contract", literal(contract(endpoint))))
    if endpoint.compatible:
        arguments.append(keyword("compatible", tuple_of(*map(literal, endpoint.compatible))))
    arguments.append(keyword("schema", Code("_SCHEMA")))
    value = call("tornado_ws.Endpoint", *arguments, one_per_line=True)
    statement = annotated_assignment(module.constant, Code("typing.Final"), value)
    doc = f"\n{docstring(endpoint.description)}" if endpoint.description.strip() else ""
    return Code(f"{statement}{doc}")


def abstract_handler(module: PythonModule) -> Code:
    """Return the abstract handler of the endpoint."""
    endpoint = module.endpoint
    if endpoint.kind == "ephemeral":
        base, first = "tornado_ws.EphemeralHandler", module.ticket
        route = f"the one-time URLs of ``{endpoint.name}``"
    else:
        base, first = "tornado_ws.PersistentHandler", module.params
        route = f"``{endpoint.path or ''}``"
    sent = Code("ServerMessage")
    bases: list[Node] = [subscript(base, without_constraints(first or NONE), sent)]
    if module.presence is not None:
        bases.append(subscript("tornado_ws.PresenceHandler", without_constraints(module.presence), sent))
    bases.append(Code("abc.ABC"))
    doc = f"Handler for {route}. Subclasses implement the ``on_…`` methods."
    methods = [_method(module, message_class) for message_class in module.client]
    return _class(module.handler, bases, doc, module, methods)


def abstract_action(module: PythonModule) -> Iterator[Code]:
    """Yield the abstract action that creates one-time URLs, if the endpoint is ephemeral."""
    endpoint = module.endpoint
    if endpoint.kind == "ephemeral":
        bases = (subscript("tornado_ws.Action", without_constraints(module.ticket or NONE)), Code("abc.ABC"))
        doc = f"Action that creates one-time URLs of ``{endpoint.name}``. Subclasses implement :meth:`make_ticket`."
        yield _class(module.action, bases, doc, module, [])


def _class(name: str, bases: Sequence[Node], doc: str, module: PythonModule, methods: list[Code]) -> Code:
    head = format_node(call(f"class {name}", *bases), after=1)
    body = "\n".join(("", f"    endpoint = {module.constant}", *methods))
    return Code(f"{head}:\n    {docstring(doc, indent=INDENT)}\n{body}")


def _method(module: PythonModule, message_class: MessageClass) -> Code:
    """Return the abstract method that handles a message."""
    message = message_class.message
    name = "on_" + message.name.replace("-", "_").replace(".", "_")
    parameters: list[Node] = [Code("self")]
    if message_class.payload is not None:
        annotation = without_constraints(message_class.payload)
        parameters += [NamedNode(Code(f"{parameter(message)}: "), annotation), Code("/")]
    if message_class.cursor is not None:
        parameters += [
            Code("*"),
            NamedNode(Code("resume: "), union_of(without_constraints(message_class.cursor), NONE)),
        ]
    start, result = "async def", without_constraints(message_class.reply or NONE)
    if message_class.reply is not None:
        errors = (module.errors[error.code].cls for error in (*message.errors, *module.endpoint.errors))
        result = union_of(result, *errors)
    if message_class.stream is not None:
        start, result = "def", subscript("collections.abc.AsyncIterator", without_constraints(message_class.stream))
    description = full_description(message, default=f"Handle ``{message.name}``.")
    if message_class.cursor is not None:
        description += RESUME
    doc = docstring(description, indent=2 * INDENT)
    return Code(f"\n    @abc.abstractmethod\n    {signature(f'{start} {name}', parameters, result)}\n        {doc}")


def _message_type(module: PythonModule, message_class: MessageClass, find_checks: FindChecks) -> Group:
    message = message_class.message
    arguments: list[Node] = [literal(message.name), message_class.cls]
    if message.payload is not None and message_class.payload is not None:
        arguments.append(_payload(module, message.payload, message_class.payload, find_checks))
    if message.reply is not None and message_class.reply is not None:
        arguments.append(keyword("reply", _payload(module, message.reply, message_class.reply, find_checks)))
    if message.stream is not None and message_class.stream is not None:
        arguments.append(keyword("stream", _payload(module, message.stream, message_class.stream, find_checks)))
    if message.cursor is not None and message_class.cursor is not None:
        arguments.append(keyword("cursor", _payload(module, message.cursor, message_class.cursor, find_checks)))
    arguments += [keyword(name, _policy(value)) for name, value in message.policies.items()]
    arguments += _errors(module, message.errors, find_checks)
    return call("tornado_ws.MessageType", *arguments)


def _errors(module: PythonModule, errors: Iterable[model.ErrorCode], find_checks: FindChecks) -> Iterator[NamedNode]:
    """Yield the argument with the errors of the endpoint or of a message, if there are any."""
    types = []
    for error in errors:
        error_class = module.errors[error.code]
        arguments: list[Node] = [error_class.cls]
        if error.data is not None and error_class.data is not None:
            arguments.append(_payload(module, error.data, error_class.data, find_checks))
        types.append(call("tornado_ws.ErrorType", *arguments))
    if types:
        yield keyword("errors", tuple_of(*types))


def _policy(value: model.PolicyValue) -> Node:
    match value:
        case tuple():
            return tuple_of(*map(literal, value))
        case model.Replay():
            bounds = keyword("count", literal(value.count)), keyword("seconds", literal(value.seconds))
            return call("tornado_ws.Replay", *bounds)
        case _:
            return literal(value)


def _payload(module: PythonModule, payload: model.Payload, annotation: Node, find_checks: FindChecks) -> Group:
    checks = residual_checks(find_checks(single_line(annotation), payload.pointer))
    return call(module.payload_constructor, annotation, literal(payload.pointer), *checks)
