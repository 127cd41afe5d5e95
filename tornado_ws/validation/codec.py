"""Codec for the frames of one endpoint: JSON text to typed values and back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from ..endpoint import Endpoint, MessageType, Payload
from ..errors import ErrorData, InvalidFrame, InvalidMessage
from .application_errors import ApplicationErrors
from .decoder import Decoder
from .encoder import Encoder
from .envelopes import (
    Ack,
    Cancel,
    Changed,
    End,
    Error,
    Frame,
    Hello,
    HelloData,
    Joined,
    Left,
    More,
    MoreData,
    Ping,
    Pong,
    PongData,
    Presence,
    PresenceRequest,
    Present,
    Reset,
    Resume,
    Resumed,
    Skip,
)
from .json_pointer import resolve
from .json_values import read
from .params import plain_params
from .payload import InvalidPayload, PayloadCodec
from .schema_validator import SchemaValidator
from .union_conversion import decode_hook

__all__ = ["PING", "Codec"]

_encode = msgspec.json.Encoder().encode

PING = _encode(Ping())
"""JSON text of the ``$ping`` frame."""


class Codec:
    """Decoder and encoder for the frames of an endpoint, for the server or for its clients."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        side: Literal["server", "client"] = "server",
        check_outgoing: bool = True,
        errors: Counter[str] | None = None,
    ) -> None:
        """Build all decoders and validators of the endpoint.

        Args:
            endpoint: Endpoint of a generated module.
            side: ``server`` decodes messages of clients and encodes messages of the server; ``client`` the reverse.
            check_outgoing: False to encode values without validation.
            errors: Counter of ``$error`` frames by code; None to count nothing.
        """
        validator = SchemaValidator(endpoint.schema, formats=endpoint.formats)
        payloads = _payload_codecs(endpoint, validator)
        described = (*payloads, endpoint.params, endpoint.ticket, endpoint.presence)
        validator.prepare(payload.schema for payload in described if payload is not None)
        incoming, outgoing = endpoint.client, endpoint.server
        if side == "client":
            incoming, outgoing = outgoing, incoming
        control: tuple[type[Frame], ...]
        if side == "server":
            control = (Ping, More, Resume, *((PresenceRequest,) if endpoint.presence else ()))
        else:
            # Also those of a newer server that has presence.
            control = (Hello, Pong, Joined, Left, Skip, Resumed, Reset, Ack, Presence, Present, Changed)
        decoder = Decoder(
            (End, Cancel, Error, *control),
            [(message, payloads.get(message.payload), payloads.get(message.cursor)) for message in incoming],
            [(message, payloads[message.answer]) for message in outgoing if message.answer is not None],
            sequenced=side == "client",
            hook=decode_hook(validator),
        )
        encoder = Encoder(
            [(message, payloads.get(message.payload)) for message in outgoing],
            [(message, payloads[message.answer]) for message in incoming if message.answer is not None],
            check=check_outgoing,
            others=[message.cls for message in incoming],
        )
        self.endpoint = endpoint
        self.application_errors = ApplicationErrors(endpoint, payloads)
        """Errors that the endpoint declares."""
        self._errors = errors
        self.decode = decoder.decode
        self.frame_types = decoder.frame_types
        self.encode = encoder.encode
        self.encoded = encoder.encoded
        self.encode_delivery = encoder.encode_delivery
        self.encode_reply = encoder.encode_reply
        self._cursors = {message.cls: payloads[message.cursor] for message in outgoing if message.cursor is not None}
        self._items = {message.name: payloads[message.stream] for message in outgoing if message.stream is not None}
        self._params = None if endpoint.params is None else PayloadCodec(endpoint.params, validator)
        self._ticket = None if endpoint.ticket is None else PayloadCodec(endpoint.ticket, validator)
        self._presence = None if endpoint.presence is None else PayloadCodec(endpoint.presence, validator)

    def params(self, values: Mapping[str, str | Sequence[str]]) -> Any:
        """Convert the parameters of path and query to their type.

        Args:
            values: Text by name; a list for a repeated parameter.

        Raises:
            InvalidFrame: If the schema rejects them (``invalid_message``). The pointer is relative to the parameters.
        """
        payload = _declared(self._params, self.endpoint, "params")
        try:
            return payload.convert(plain_params(values, payload.fields))
        except InvalidPayload as invalid:
            raise InvalidFrame(invalid.error) from None

    def encode_params(self, params: object) -> dict[str, Any]:
        """Return the parameters of path and query as plain JSON, by name; the opposite of :meth:`params`.

        Raises:
            InvalidMessage: If the schema rejects them.
        """
        try:
            plain = read(_declared(self._params, self.endpoint, "params").encode(params))
        except InvalidPayload as invalid:
            raise InvalidMessage("params", invalid.error, invalid.property_name) from invalid.__cause__
        values: dict[str, Any] = plain
        return values

    def encode_ticket(self, ticket: object) -> bytes:
        """Return a ticket as JSON text.

        Raises:
            InvalidMessage: If the schema rejects the ticket.
        """
        try:
            return _declared(self._ticket, self.endpoint, "ticket").encode(ticket)
        except InvalidPayload as invalid:
            raise InvalidMessage("ticket", invalid.error, invalid.property_name) from invalid.__cause__

    def decode_ticket(self, raw: bytes) -> Any:
        """Return the ticket of :meth:`encode_ticket`.

        Raises:
            InvalidFrame: If the schema rejects the ticket, for example because the schema has changed.
        """
        try:
            return _declared(self._ticket, self.endpoint, "ticket").convert(read(raw))
        except InvalidPayload as invalid:
            raise InvalidFrame(invalid.error) from None

    def encode_presence(self, metadata: object) -> bytes:
        """Return the metadata of a device as JSON text.

        Raises:
            InvalidMessage: If the schema rejects it.
        """
        try:
            return _declared(self._presence, self.endpoint, "presence").encode(metadata)
        except InvalidPayload as invalid:
            raise InvalidMessage("presence", invalid.error, invalid.property_name) from invalid.__cause__

    def decode_presence(self, raw: bytes) -> Any:
        """Return the metadata of :meth:`encode_presence`.

        Raises:
            InvalidFrame: If the schema rejects it, for example because that of another process differs.
        """
        try:
            return _declared(self._presence, self.endpoint, "presence").convert(read(raw))
        except InvalidPayload as invalid:
            raise InvalidFrame(invalid.error) from None

    def encode_resumed(self, message: object, id: int, cursor: object) -> bytes:
        """Return the frame of a request for the rest of a stream.

        Args:
            message: Instance of a message class.
            id: Id of the request.
            cursor: Position after which the stream goes on.

        Raises:
            InvalidMessage: If the schema rejects the message or the position.
            TypeError: If the stream cannot go on after a position.
        """
        name = type(message).__name__
        if (payload := self._cursors.get(type(message))) is None:
            raise TypeError(f"{name} cannot be resumed")
        try:
            body = payload.encode(cursor)
        except InvalidPayload as invalid:
            raise InvalidMessage(name, invalid.error, invalid.property_name, part="resume of ") from invalid.__cause__
        return b'{"resume":%b,%b' % (body, self.encode(message, id)[1:])

    def cursor_of(self, message: MessageType, item: object) -> Any:  # a JSON value
        """Return the position of an item in its stream, which declares one."""
        return resolve(read(self._items[message.name].write(item)), message.resume or "")

    def encode_error(self, error: ErrorData, *, re: int | None = None) -> bytes:
        """Return the ``$error`` frame; ``re`` is the id of the request that it answers, if any."""
        if self._errors is not None:
            self._errors[error.code] += 1
        return _encode(Error(re=re, data=error))

    def encode_ack(self, re: int) -> bytes:
        """Return the ``$ack`` frame, which acknowledges message ``re``."""
        return _encode(Ack(re=re))

    def encode_end(self, re: int) -> bytes:
        """Return the ``$end`` frame, which ends the stream for request ``re``."""
        return _encode(End(re=re))

    def encode_cancel(self, id: int) -> bytes:
        """Return the ``$cancel`` frame, which cancels request ``id`` of this side."""
        return _encode(Cancel(id=id))

    def encode_more(self, id: int, count: int) -> bytes:
        """Return the ``$more`` frame, which grants credit for ``count`` more items of the stream ``id``."""
        return _encode(More(id=id, data=MoreData(count=count)))

    def encode_hello(self, *, connection: str, heartbeat: float) -> bytes:
        """Return the ``$hello`` frame, the first of a connection; ``heartbeat`` is in seconds."""
        contracts = (self.endpoint.contract, *self.endpoint.compatible)
        data = HelloData(connection=connection, contracts=contracts, heartbeat=heartbeat)
        return _encode(Hello(data=data))

    def encode_pong(self, received: int) -> bytes:
        """Return the ``$pong`` frame, which answers ``$ping``; ``received`` counts the frames of the client."""
        return _encode(Pong(data=PongData(received=received)))


def _payload_codecs(endpoint: Endpoint, validator: SchemaValidator) -> dict[Payload | None, PayloadCodec]:
    """Return the codecs of the payloads of messages and errors."""
    of_messages = (
        payload
        for message in (*endpoint.client, *endpoint.server)
        for payload in (message.payload, message.reply, message.stream, message.cursor)
    )
    payloads = dict.fromkeys((*of_messages, *(error.data for error in endpoint.all_errors)))
    return {payload: PayloadCodec(payload, validator) for payload in payloads if payload is not None}


def _declared(payload: PayloadCodec | None, endpoint: Endpoint, name: str) -> PayloadCodec:
    if payload is None:
        raise TypeError(f"{endpoint.name} declares no {name}")
    return payload
