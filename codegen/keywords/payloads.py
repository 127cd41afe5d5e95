"""Schemas of the payloads in an endpoint document, with their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ..identifiers import pascal
from ..source import json_pointer
from ..source.document import Document, Json

__all__ = ["ErrorDeclaration", "PayloadSchema", "Side", "error_declarations", "message_class_name", "payload_schemas"]

Side: TypeAlias = Literal["client", "server"]


@dataclass(frozen=True, kw_only=True)
class PayloadSchema:
    """Schema of one payload."""

    pointer: str
    """JSON Pointer in the endpoint document."""
    name: str
    """Name of the schema if its author gave it none."""
    schema: Json

    @property
    def is_reference(self) -> bool:
        """True if the schema is only a reference to another one."""
        return isinstance(self.schema, dict) and self.schema.keys() - {"description", "$comment"} == {"$ref"}


@dataclass(frozen=True, kw_only=True)
class ErrorDeclaration:
    """Declaration of an error of the application."""

    pointer: str
    """JSON Pointer in the endpoint document."""
    code: str
    declaration: Mapping[str, Json]

    @property
    def class_name(self) -> str:
        """Name of the exception."""
        return pascal(self.code)


def error_declarations(root: Mapping[str, Json]) -> Iterator[ErrorDeclaration]:
    """Yield the errors of an endpoint, then those of its messages; several messages may declare an error."""
    messages = root.get("clientMessages", {})
    declaring = [("", root), *((json_pointer.join("/clientMessages", name), one) for name, one in messages.items())]
    for pointer, keywords in declaring:
        for code, declaration in keywords.get("errors", {}).items():
            place = json_pointer.join(pointer, "errors", code)
            yield ErrorDeclaration(pointer=place, code=code, declaration=declaration)


def payload_schemas(document: Document) -> Iterator[PayloadSchema]:
    """Yield the payloads of an endpoint in the order of :attr:`.Endpoint.payloads`."""
    root: Mapping[str, Json] = document.root
    title = pascal(document.name)
    for keyword in ("params", "ticket", "presence"):
        if keyword in root:
            yield PayloadSchema(pointer=f"/{keyword}", name=f"{title}{keyword.title()}", schema=root[keyword])
    for side in ("client", "server"):
        for name, message in root.get(f"{side}Messages", {}).items():
            base = message_class_name(root, side, name)
            for keyword, suffix in (("payload", ""), ("reply", "Reply"), ("stream", "Item")):
                if keyword in message:
                    pointer = json_pointer.join(f"/{side}Messages", name, keyword)
                    yield PayloadSchema(pointer=pointer, name=f"{base}{suffix}", schema=message[keyword])
    errors = {error.code: error for error in reversed(list(error_declarations(root))) if "data" in error.declaration}
    for error in reversed(errors.values()):
        yield PayloadSchema(
            pointer=f"{error.pointer}/data", name=f"{error.class_name}Data", schema=error.declaration["data"]
        )


def message_class_name(root: Mapping[str, Json], side: Side, name: str) -> str:
    """Return the class name of a message, with a prefix if the server has a different message with the same name."""
    if side == "client":
        for other, message in root.get("serverMessages", {}).items():
            if pascal(other) == pascal(name) and _schemas(message) != _schemas(root["clientMessages"][name]):
                return f"Client{pascal(name)}"
    return pascal(name)


def _schemas(message: Mapping[str, Json]) -> list[Json]:
    return [message.get(keyword) for keyword in ("payload", "reply", "stream")]
