"""Renderer for the class, component and index of an endpoint."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ... import model
from ...identifiers import Name, camel, pascal, snake
from ...limits.message_size import has_larger_messages
from ...version import VERSION
from ..js_literals import comment_lines, string
from ..templates import Code, template

__all__ = ["render"]


@dataclass(frozen=True, kw_only=True)
class RuntimeFeature:
    """Optional member of a generated class, from a module of the runtime."""

    function: str
    """Function that creates the member."""
    type: str
    """Type of the member."""
    member: str
    description: str
    module: str = ""
    """Module of the function; by default, it has the name of the function."""
    arguments: str = "this"
    """Arguments of the function."""


REQUESTS = RuntimeFeature(
    function="requests", type="Request", member="request", description="Send a request and wait for its reply."
)
RESULTS = RuntimeFeature(
    function="results", type="Try", member="try", description="Send a request and wait for its reply or its error."
)
STREAMS = RuntimeFeature(
    function="streams", type="Stream", member="stream", description="Send a request and iterate over its items."
)
RESUMABLE_STREAMS = replace(STREAMS, function="resumableStreams", module="resumable-streams")
STREAM_STATES = RuntimeFeature(
    function="streamStates",
    type="MakeStreamState",
    member="streamState",
    description="Send a request, and return its items as reactive state.",
    module="stream-states.svelte",
    arguments="this, this.stream",
)
DELIVERIES = RuntimeFeature(
    function="deliveries",
    type="Deliver",
    member="deliver",
    description="Send a message until the server has acknowledged it.",
)
REPLIES = RuntimeFeature(
    function="replies", type="Answer", member="answer", description="Answer requests of the server."
)
PRESENCE = RuntimeFeature(
    function="presence",
    type="Presence",
    member="presence",
    description="Users in the rooms of this connection: key to the metadata of each of their devices.",
)


class RuntimeNames:
    """Local names for exports of the runtime; a name of the endpoint takes precedence."""

    def __init__(self, endpoint: model.Endpoint) -> None:
        title = pascal(endpoint.name)
        self._taken = {title, camel(endpoint.name), f"{title}Protocol", f"{title}Socket", f"{title}SocketProps"}

    def local(self, name: str) -> Code:
        """Return the local name for the export ``name``."""
        return Code(f"{name}_" if name in self._taken else name)

    def specifier(self, name: str) -> Code:
        """Return the import specifier for the export ``name``."""
        return Code(name if name not in self._taken else f"{name} as {name}_")


def render(endpoint: model.Endpoint) -> Iterator[tuple[str, str]]:
    """Yield the name and text of each file."""
    names = RuntimeNames(endpoint)
    title = pascal(endpoint.name)
    features, extensions = tuple(_features(endpoint)), tuple(_extensions(endpoint))
    for template_name, file in (
        ("client.svelte.ts.jinja", "client.svelte.ts"),
        ("Socket.svelte.jinja", f"{title}Socket.svelte"),
        ("index.ts.jinja", "index.ts"),
    ):
        source = template(
            __package__,
            template_name,
            code=Code,  # for constants of this module only, never for text of a schema
            comment=lambda text: Code(" ".join(comment_lines(text))),
            doc_lines=_doc_lines,
            literal=string,
            local=names.local,
            specifier=names.specifier,
        )
        text = source.render(
            version=Code(VERSION),
            endpoint=endpoint,
            title=title,
            constant=Code(camel(endpoint.name)),
            options=_options(endpoint),
            features=features,
            imports=list(_imports(endpoint, features, extensions, names)),
            messages=[(_snippet(message.name), message) for message in endpoint.server if message.reply is None],
            extensions=[Code(function) for function in extensions],
            params_optional=_params_optional(endpoint),
        )
        yield file, text


def _features(endpoint: model.Endpoint) -> Iterator[RuntimeFeature]:
    if any(message.reply for message in endpoint.client):
        yield REQUESTS
        if endpoint.errors or any(message.reply and message.errors for message in endpoint.client):
            yield RESULTS
    if any(message.stream for message in endpoint.client):
        yield RESUMABLE_STREAMS if any(message.cursor for message in endpoint.client) else STREAMS
        yield STREAM_STATES
    if any("acknowledged" in message.policies for message in endpoint.client):
        yield DELIVERIES
    if any(message.reply for message in endpoint.server):
        yield REPLIES
    if endpoint.presence is not None:
        yield PRESENCE


def _extensions(endpoint: model.Endpoint) -> Iterator[str]:
    """Yield the functions that change the client, from modules with the names of :func:`_module`."""
    if endpoint.bigint:
        yield "bigints"
    if any(error.data for error in endpoint.all_errors):
        yield "applicationErrors"
    if any("replay" in message.policies for message in endpoint.server):
        yield "channels"
    if any("rate" in message.policies for message in endpoint.client):
        yield "pacing"
    if has_larger_messages(endpoint):
        yield "sizes"


def _options(endpoint: model.Endpoint) -> str:
    return "TicketOptions" if endpoint.kind == "ephemeral" else "LiveOptions"


def _imports(
    endpoint: model.Endpoint, features: Iterable[RuntimeFeature], extensions: Iterable[str], names: RuntimeNames
) -> Iterator[Code]:
    """Yield the imports from the runtime, sorted by module."""
    modules = {feature.module or feature.function: (feature.function, feature.type) for feature in features}
    if endpoint.kind == "ephemeral":
        modules["live.svelte"] = ("Live", "")
        modules["ticket"] = ("withTicket", _options(endpoint))
    else:
        modules["live.svelte"] = ("Live", _options(endpoint))
    modules.update({_module(function): (function, "") for function in extensions})
    for module, (value, type_) in sorted(modules.items()):
        types = f", type {names.specifier(type_)}" if type_ else ""
        yield Code(f"import {{ {names.specifier(value)}{types} }} from '../runtime/{module}.js';")
    if endpoint.params is not None and endpoint.kind != "ephemeral":
        yield Code(f"import type {{ {names.specifier('PerAttempt')} }} from '../runtime/per-attempt.js';")


def _module(function: str) -> str:
    """Return the module of an extension."""
    return snake(function).replace("_", "-")


def _params_optional(endpoint: model.Endpoint) -> bool:
    """Return True if no parameter is required."""
    if endpoint.params is None:
        return True
    type_ = model.follow(endpoint.params.type, {definition.name: definition for definition in endpoint.definitions})
    return not isinstance(type_, model.Record) or not any(field.required for field in type_.fields)


def _snippet(message: str) -> Name:
    """Return the name of the snippet that renders a message; ``constructor`` is a property of every object of props."""
    return Name("constructor_" if message == "constructor" else message.replace("-", "_").replace(".", "_"))


def _doc_lines(described: model.Endpoint | model.Message) -> list[Code]:
    lines = comment_lines(described.description) if described.description else []
    if isinstance(described, model.Message) and described.deprecated:
        lines.append(Code("@deprecated"))
    return lines
