"""Turns an endpoint document into the model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from .. import model
from ..identifiers import pascal
from ..source import json_pointer
from ..source.diagnostics import Problem, SchemaProblems
from ..source.document import Document, Json
from . import discriminators
from .bundle import bundle
from .discriminators import mark
from .naming import Naming
from .number_precision import inexact
from .payloads import Place, Side, message_class, places
from .regex_support import spell, unsupported
from .schema_index import Index, Node
from .type_inference import Types
from .validator_builder import Checks

__all__ = ["read"]

RATE = re.compile(r"(\d+)/(\d*)(ms|s|m|h)")
SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
DEFAULT_TTL = 120.0


def read(document: Document, documents: Iterable[Document], *, formats: bool) -> model.Endpoint:
    """Return the endpoint that ``document`` describes.

    Raises:
        SchemaProblems: With all that is wrong.

    Args:
        document: A valid endpoint document.
        documents: All files of the folder.
        formats: Whether ``format`` refuses values.

    """
    return _Reader(document, documents, formats=formats).endpoint()


class _Reader:
    def __init__(self, document: Document, documents: Iterable[Document], *, formats: bool) -> None:
        self._document = document
        self._root: Mapping[str, Json] = document.root
        self._places = {place.pointer: place for place in places(document)}
        self._bundle = bundle(
            document,
            inline={place.name: place.pointer for place in self._places.values() if not place.refers},
            references=[place.pointer for place in self._places.values() if place.refers],
            documents=documents,
        )
        mark(self._bundle.root)
        self._index = Index(self._bundle.root)
        naming = Naming(self._declared(), self._reserved())
        self._types = Types(self._index, naming)
        self._formats = formats
        self._checks = Checks(self._index, naming, formats=formats)

    def endpoint(self) -> model.Endpoint:
        root = self._root
        params, ticket = self._slot("/params"), self._slot("/ticket")
        client, server = tuple(self._messages("client")), tuple(self._messages("server"))
        slots = [params, ticket, *(slot for one in (*client, *server) for slot in (one.payload, one.reply, one.stream))]
        definitions = discriminators.assign(self._definitions(), [slot.type for slot in slots if slot is not None])
        problems = [*self._endless(), *unsupported(self._bundle, formats=self._formats), *inexact(self._bundle)]
        if problems:
            raise SchemaProblems(problems)
        spell(self._bundle.root)
        places = [one.pointer for one in (*definitions, *(slot for slot in slots if slot is not None))]
        return model.Endpoint(
            name=self._document.name,
            source=self._document.source,
            kind=root["kind"],
            path=root.get("path"),
            params=params,
            ticket=ticket,
            ttl=float(root.get("ttl", DEFAULT_TTL)),
            client=client,
            server=server,
            errors=tuple(self._errors()),
            definitions=definitions,
            checks=self._checks.named,
            bundle=self._bundle.root,
            description=root.get("description", ""),
            formats=self._formats,
            origins={pointer: self._origin(pointer) for pointer in places},
        )

    def _origin(self, pointer: str) -> model.Origin:
        document, at = self._bundle.origin(pointer)
        line, column = document.line_and_column(at)
        return model.Origin(file=document.text.file, line=line, column=column, pointer=document.original_pointer(at))

    def _endless(self) -> Iterator[Problem]:
        for pointer in self._checks.endless():
            document, at = self._bundle.origin(pointer)
            message, hint = "the schema refers to itself without going deeper", "no value could ever be judged by it"
            yield document.problem(at, "endless_reference", message, hint=hint)

    def _slot(self, pointer: str) -> model.Payload | None:
        place = self._places.get(pointer)
        if place is None:
            return None
        node = self._node(place)
        target = self._index.follow(node, "$ref") if place.refers else node
        check = self._checks.call(target) if place.refers else self._checks.of(node)
        return model.Payload(
            type=self._types.of(node),
            check=check,
            pointer=target.pointer,
            description=str(node.keywords.get("description", target.keywords.get("description", ""))),
        )

    def _node(self, place: Place) -> Node:
        if place.refers:
            start = self._index.node("")
            return Node(pointer="", scope=start.scope, schema=self._bundle.references[place.pointer])
        return self._index.node(json_pointer.join("/$defs", place.name))

    def _messages(self, side: Side) -> Iterator[model.Message]:
        for name, message in self._root.get(f"{side}Messages", {}).items():
            pointer = json_pointer.join(f"/{side}Messages", name)
            yield model.Message(
                name=name,
                payload=self._slot(f"{pointer}/payload"),
                reply=self._slot(f"{pointer}/reply"),
                stream=self._slot(f"{pointer}/stream"),
                volatile=message.get("volatile", False),
                replay=int(message.get("replay", 0)),
                latest=message.get("latest"),
                rate=_rate(message.get("rate")),
                description=message.get("description", ""),
                deprecated=message.get("deprecated", False),
            )

    def _errors(self) -> Iterator[model.ErrorCode]:
        for code, error in self._root.get("errors", {}).items():
            yield model.ErrorCode(
                code=code, description=error.get("description", ""), retryable=error.get("retryable", False)
            )

    def _definitions(self) -> tuple[model.Definition, ...]:
        """Return the definitions in the order of the bundle."""
        order = {name: at for at, name in enumerate(self._bundle.root["$defs"])}
        return tuple(
            sorted(
                self._types.definitions(),
                key=lambda definition: order.get(json_pointer.parse(definition.pointer)[1], -1),
            )
        )

    def _declared(self) -> dict[str, str]:
        own = {json_pointer.join("/$defs", name): pascal(name) for name in self._root.get("$defs", {})}
        inline = (place for place in self._places.values() if not place.refers)
        return own | {json_pointer.join("/$defs", place.name): place.name for place in inline}

    def _reserved(self) -> Iterator[str]:
        """Yield the names that generated modules give to other things."""
        title = pascal(self._document.name)
        yield from ("ClientMessage", "ServerMessage", title)
        yield from (f"{title}{suffix}" for suffix in ("Action", "Handler", "Protocol", "Socket"))
        for side in ("client", "server"):
            yield from (message_class(self._root, side, name) for name in self._root.get(f"{side}Messages", {}))


def _rate(text: str | None) -> model.Rate | None:
    matched = RATE.fullmatch(text or "")
    if matched is None:
        return None
    count, times, unit = matched.groups()
    return model.Rate(count=int(count), seconds=int(times or 1) * SECONDS[unit])
