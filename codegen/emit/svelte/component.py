"""Puts the files of one endpoint together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ... import model
from ...identifiers import Name, camel, pascal
from ...version import VERSION
from ..js_literals import comment_lines, string
from ..templates import Code, template

__all__ = ["render"]


@dataclass(frozen=True, kw_only=True)
class Feature:
    """A module of the runtime that not every endpoint needs."""

    make: str
    """What the module exports, and is called like: a function that makes the member."""
    type: str
    """The member's type."""
    member: str
    description: str


REQUESTS = Feature(
    make="requests", type="Request", member="request", description="Send a request and wait for its reply."
)
STREAMS = Feature(
    make="streams", type="Stream", member="stream", description="Send a request and iterate over what answers it."
)
ANSWERS = Feature(make="answers", type="AnswerWith", member="answer", description="Answer requests of the server.")


class Imported:
    """Names of the runtime; where the endpoint has the same name, they are called something else."""

    def __init__(self, endpoint: model.Endpoint) -> None:
        title = pascal(endpoint.name)
        self._taken = {title, camel(endpoint.name), f"{title}Protocol", f"{title}Socket", f"{title}SocketProps"}

    def here(self, name: str) -> Code:
        """Return what ``name`` is called here."""
        return Code(f"{name}_" if name in self._taken else name)

    def clause(self, name: str) -> Code:
        """Return what an import says."""
        return Code(name if name not in self._taken else f"{name} as {name}_")


def render(endpoint: model.Endpoint) -> Iterator[tuple[str, str]]:
    """Yield the files' names and texts."""
    imported = Imported(endpoint)
    title = pascal(endpoint.name)
    features = tuple(_features(endpoint))
    for name, file in (
        ("client.svelte.ts.jinja", "client.svelte.ts"),
        ("Socket.svelte.jinja", f"{title}Socket.svelte"),
        ("index.ts.jinja", "index.ts"),
    ):
        module = template(
            __package__,
            name,
            clause=imported.clause,
            code=Code,  # for words of this module, never for text of a schema
            comment=lambda text: Code(" ".join(comment_lines(text))),
            doc_lines=_doc_lines,
            here=imported.here,
            literal=string,
        )
        text = module.render(
            version=Code(VERSION),
            endpoint=endpoint,
            title=title,
            constant=Code(camel(endpoint.name)),
            options="TicketOptions" if endpoint.kind == "ephemeral" else "LiveOptions",
            features=features,
            imports=list(_imports(endpoint, features, imported)),
            messages=[(_snippet(message.name), message) for message in endpoint.server if message.reply is None],
            replay=_replays(endpoint),
            optional=_is_optional(endpoint),
        )
        yield file, text


def _features(endpoint: model.Endpoint) -> Iterator[Feature]:
    if any(message.reply for message in endpoint.client):
        yield REQUESTS
    if any(message.stream for message in endpoint.client):
        yield STREAMS
    if any(message.reply for message in endpoint.server):
        yield ANSWERS


def _replays(endpoint: model.Endpoint) -> bool:
    return any(message.replay for message in endpoint.server)


def _imports(endpoint: model.Endpoint, features: tuple[Feature, ...], imported: Imported) -> Iterator[Code]:
    """Yield the imports from the runtime, in the order of its modules."""
    options = "TicketOptions" if endpoint.kind == "ephemeral" else "LiveOptions"
    modules = {feature.make: (feature.make, feature.type) for feature in features}
    modules["live.svelte"] = ("Live", options)
    if _replays(endpoint):
        modules["resume"] = ("resume", "")
    for module, (value, type_) in sorted(modules.items()):
        types = f", type {imported.clause(type_)}" if type_ else ""
        yield Code(f"import {{ {imported.clause(value)}{types} }} from '../runtime/{module}.js';")


def _is_optional(endpoint: model.Endpoint) -> bool:
    """Tell whether no parameter has to be given."""
    if endpoint.params is None:
        return True
    type_ = endpoint.params.type
    found = [one for one in endpoint.definitions if isinstance(type_, model.Ref) and one.name == type_.name]
    return not any(field.required for one in found if isinstance(one, model.Record) for field in one.fields)


def _snippet(message: str) -> Name:
    """Return the name of a message's snippet."""
    return Name(message.replace("-", "_").replace(".", "_"))


def _doc_lines(described: model.Endpoint | model.Message) -> list[Code]:
    lines = comment_lines(described.description) if described.description else []
    if isinstance(described, model.Message) and described.deprecated:
        lines.append(Code("@deprecated"))
    return lines
