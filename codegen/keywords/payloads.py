"""Finds the places of an endpoint document that hold schemas, and what they are called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ..identifiers import pascal
from ..source import json_pointer
from ..source.document import Document, Json

__all__ = ["Place", "Side", "message_class", "places"]

Side: TypeAlias = Literal["client", "server"]


@dataclass(frozen=True, kw_only=True)
class Place:
    """A place that holds a schema."""

    pointer: str
    name: str
    """What the schema is called where its author gave it no name."""
    schema: Json

    @property
    def refers(self) -> bool:
        """Whether it does no more than refer to another one."""
        return isinstance(self.schema, dict) and self.schema.keys() - {"description", "$comment"} == {"$ref"}


def places(document: Document) -> Iterator[Place]:
    """Yield the places of an endpoint in the order in which its model has them."""
    root: Mapping[str, Json] = document.root
    title = pascal(document.name)
    for keyword in ("params", "ticket"):
        if keyword in root:
            yield Place(pointer=f"/{keyword}", name=f"{title}{keyword.title()}", schema=root[keyword])
    for side in ("client", "server"):
        for name, message in root.get(f"{side}Messages", {}).items():
            base = message_class(root, side, name)
            for keyword, suffix in (("payload", ""), ("reply", "Reply"), ("stream", "Item")):
                if keyword in message:
                    pointer = json_pointer.join(f"/{side}Messages", name, keyword)
                    yield Place(pointer=pointer, name=f"{base}{suffix}", schema=message[keyword])


def message_class(root: Mapping[str, Json], side: Side, name: str) -> str:
    """Return what the class of a message is called: the client's gives way to another one of the server."""
    if side == "client":
        for other, message in root.get("serverMessages", {}).items():
            if pascal(other) == pascal(name) and _schemas(message) != _schemas(root["clientMessages"][name]):
                return f"Client{pascal(name)}"
    return pascal(name)


def _schemas(message: Mapping[str, Json]) -> list[Json]:
    return [message.get(keyword) for keyword in ("payload", "reply", "stream")]
