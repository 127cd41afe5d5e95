"""What a module holds: the names and the types of one endpoint."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeGuard

from ... import model
from ...identifiers import Name, constant, pascal
from ..templates import Code
from .aliases import Loose, in_order, leaves
from .annotations import Mixture, Types
from .classes import CLOSED, FROZEN, KW_ONLY, alias, class_, described, mixture, struct, typed_dict, wrapper
from .literals import literal
from .python_identifiers import message_class
from .python_printer import Node, either, flat, subscript, unbounded
from .unions import is_struct

__all__ = ["MessageClass", "Module"]

NEVER = Code("typing.Never")


@dataclass(frozen=True, kw_only=True)
class MessageClass:
    """A message, and the class that carries it."""

    message: model.Message
    cls: Name
    record: model.Record | None
    """The payload, if it is one that a struct can be."""
    payload: Node | None
    reply: Node | None
    stream: Node | None

    @property
    def is_record(self) -> bool:
        """Whether payload and message have one class."""
        return self.record is not None and self.record.name == self.cls


class Module:
    """The names and types of one endpoint."""

    slot_head = Code("tornado_ws.Payload")
    """What a slot is made with."""

    def __init__(self, endpoint: model.Endpoint) -> None:
        """Give a name to everything in ``endpoint``."""
        title = pascal(endpoint.name)
        self.endpoint = endpoint
        self.constant = constant(endpoint.name)
        self.handler = Name(f"{title}Handler")
        self.action = Name(f"{title}Action")
        self._definitions = {definition.name: definition for definition in endpoint.definitions}
        own = {self.constant, self.handler, self.action, "ClientMessage", "ServerMessage"}
        classes = {
            message_class(message, others)
            for messages, others in ((endpoint.client, endpoint.server), (endpoint.server, ()))
            for message in messages
            if not self._is_record(message, others)
        }
        self._names = {name: _free(name, own | classes) for name in self._definitions}
        self._taken = {*own, *classes, *self._names.values()}
        """Names that no field may hide."""
        self._types = Types(endpoint.definitions, self._names, {*own, *classes})
        self._prepare()
        self.client = tuple(self._carrier(message, endpoint.server) for message in endpoint.client)
        self.server = tuple(self._carrier(message, ()) for message in endpoint.server)
        self.params = self._slot(endpoint.params, f"{title}Params")
        self.ticket = self._slot(endpoint.ticket, f"{title}Ticket")
        for definition in self._definitions.values():
            if self._is_class(definition):
                self._struct(definition, None)  # so that all mixtures are met
        self._loose = tuple(self._loosen())
        self._taken |= {one.name for one in self._loose}

    @property
    def imports(self) -> tuple[Code, ...]:
        """What types are made of, beside those of Python."""
        return Code("msgspec"), Code("tornado_ws")

    @property
    def names(self) -> list[Name]:
        """What the module exports, sorted."""
        mine = {self.constant, self.handler, Name("ClientMessage"), Name("ServerMessage")}
        action = {self.action} if self.endpoint.kind == "ephemeral" else set()
        carriers = {carrier.cls for carrier in (*self.client, *self.server)}
        return sorted(mine | action | carriers | {*self._names.values(), *(one.name for one in self._loose)})

    def types(self) -> Iterator[Code]:
        """Yield the code of every type and message; what others need at once comes first."""
        carriers = {carrier.cls: carrier for carrier in (*self.client, *self.server)}
        for definition in self._definitions.values():
            if self._is_class(definition):
                yield self._struct(definition, carriers.get(self._names[definition.name]))
        yield from in_order(self._loose)
        for carrier in carriers.values():
            if not carrier.is_record:
                yield self._message(carrier)
        yield self._union("ClientMessage", (carrier.cls for carrier in self.client), "What clients send.")
        sent = (carrier.cls for carrier in self.server if carrier.reply is None)
        yield self._union("ServerMessage", sent, "What the server sends.")

    def _struct(self, record: model.Record, carrier: MessageClass | None) -> Code:
        name = self._names[record.name]
        description, bases = described(record), []
        if carrier is not None and carrier.is_record:
            description = description or described(carrier.message)
            bases = [_asks(carrier, quoted=True)] if carrier.reply or carrier.stream else []
        return self._record_class(record, name, bases, description)

    def _message(self, carrier: MessageClass) -> Code:
        bases = [_asks(carrier)] if carrier.reply or carrier.stream else []
        description = described(carrier.message)
        if carrier.payload is None:
            return self._empty(carrier.cls, bases, description)
        if carrier.record is not None:
            return self._inheriting(carrier.cls, carrier.payload, bases, description)
        return self._wrapping(carrier.cls, carrier.payload, bases, description)

    def _prepare(self) -> None:
        """Get ready to annotate, once everything has its name."""

    def _is_class(self, definition: model.Definition) -> TypeGuard[model.Record]:
        """Tell whether a definition becomes a class."""
        return is_struct(definition)

    def _annotation(self, type_: model.Type, hint: str) -> Node:
        """Return the annotation of a slot; ``hint`` is a name for it, should it need one."""
        return self._types.annotation(type_, hint)

    def _record_class(self, record: model.Record, name: Name, bases: list[Node], description: str) -> Code:
        """Return the class of a record."""
        return struct(record, name, self._types, taken=self._taken, bases=bases, description=description)

    def _empty(self, name: Name, bases: Iterable[Node], description: str) -> Code:
        """Return the class of a message without payload."""
        return class_(name, (Code("msgspec.Struct"), *bases, FROZEN, KW_ONLY, CLOSED), description)

    def _inheriting(self, name: Name, payload: Node, bases: Iterable[Node], description: str) -> Code:
        """Return the class of a message whose payload has one."""
        return class_(name, (payload, *bases, FROZEN, KW_ONLY), description)

    def _wrapping(self, name: Name, payload: Node, bases: Iterable[Node], description: str) -> Code:
        """Return the class of a message whose payload has none."""
        return wrapper(name, payload, bases, description)

    def _union(self, name: str, classes: Iterable[Name], description: str) -> Code:
        members = list(classes)
        return alias(Name(name), either(*members) if members else NEVER, description)

    def _carrier(self, message: model.Message, others: Iterable[model.Message]) -> MessageClass:
        cls = message_class(message, others)
        return MessageClass(
            message=message,
            cls=cls,
            record=self._record(message.payload),
            payload=self._slot(message.payload, f"{cls}Data"),
            reply=self._slot(message.reply, f"{cls}Reply"),
            stream=self._slot(message.stream, f"{cls}Item"),
        )

    def _loosen(self) -> Iterator[Loose]:
        for definition in self._definitions.values():
            name = self._names[definition.name]
            if isinstance(definition, model.Alias) and self._types.is_mixture(definition):
                yield _mixed(self._types.mix(name, definition.type, described(definition)))
            elif isinstance(definition, model.Alias):
                yield _aliased(name, self._types.annotation(definition.type, f"{name}Value"), described(definition))
            elif not is_struct(definition):
                yield _typed(name, typed_dict(definition, name, self._types))
        for one in self._types.mixtures:  # more of them are met on the way
            yield _mixed(one)

    def _record(self, slot: model.Payload | None) -> model.Record | None:
        definition = (
            self._definitions[slot.type.name] if slot is not None and isinstance(slot.type, model.Ref) else None
        )
        return definition if definition is not None and self._is_class(definition) else None

    def _is_record(self, message: model.Message, others: Iterable[model.Message]) -> bool:
        record = self._record(message.payload)
        return record is not None and record.name == message_class(message, others)

    def _slot(self, slot: model.Payload | None, hint: str) -> Node | None:
        return None if slot is None else self._annotation(slot.type, hint)


def _mixed(one: Mixture) -> Loose:
    return Loose(
        name=one.name, needs=frozenset(leaves(one.static)), patient=True, write=lambda later: mixture(one, later)
    )


def _typed(name: Name, code: Code) -> Loose:
    return Loose(name=name, needs=frozenset(), patient=True, write=lambda _: code)


def _aliased(name: Name, node: Node, description: str) -> Loose:
    return Loose(
        name=name, needs=frozenset(leaves(node)), patient=False, write=lambda _: alias(name, node, description)
    )


def _asks(carrier: MessageClass, *, quoted: bool = False) -> Node:
    """Return the base that tells type checkers what answers a request."""
    answer = unbounded(carrier.reply or carrier.stream or NEVER)
    head = "tornado_ws.Stream" if carrier.reply is None else "tornado_ws.Request"
    return subscript(head, literal(flat(answer)) if quoted else answer)


def _free(name: str, taken: set[str]) -> Name:
    """Return what a definition is called beside the classes of the module."""
    return Name(f"{name}Data" if name in taken else name)
