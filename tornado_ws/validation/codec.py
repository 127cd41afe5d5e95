"""The codec: everything of one endpoint that stands between text and typed values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from ..endpoint import Endpoint, Payload
from ..errors import ErrorData, InvalidFrame, InvalidMessage
from .decoder import Decoder
from .encoder import Encoder
from .envelopes import Cancel, End, Error, Hello, HelloData, Ping, Pong, Resume, Resumed, ResumeData, ResumedData
from .json_values import read
from .params import plain_params
from .payload import InvalidPayload, PayloadCodec
from .schema_validator import SchemaValidator
from .untagged_unions import hook

__all__ = ["PING", "PONG", "Codec"]

_encode = msgspec.json.Encoder().encode

PING = _encode(Ping())
PONG = _encode(Pong())


class Codec:
    """Frames of one endpoint, seen from one side."""

    def __init__(
        self, endpoint: Endpoint, *, side: Literal["server", "client"] = "server", check_outgoing: bool = True
    ) -> None:
        """Build every decoder and validator that the endpoint needs.

        Args:
            endpoint: from a generated module.
            side: who uses it. A server decodes what clients send and encodes what servers send.
            check_outgoing: whether what is encoded is checked; if not, it is up to the caller.
        """
        judge = SchemaValidator(endpoint.schema, formats=endpoint.formats)
        slots: dict[Payload | None, PayloadCodec] = {
            slot: PayloadCodec(slot, judge)
            for message in (*endpoint.client, *endpoint.server)
            for slot in (message.payload, message.reply, message.stream)
            if slot is not None
        }
        described = (*slots, endpoint.params, endpoint.ticket)
        judge.prepare(payload.schema for payload in described if payload is not None)
        incoming, outgoing = endpoint.client, endpoint.server
        if side == "client":
            incoming, outgoing = outgoing, incoming
        reader = Decoder(
            (Ping, Pong, End, Cancel, Error, *((Resume,) if side == "server" else (Hello, Resumed))),
            [(message, slots.get(message.payload)) for message in incoming],
            [(message, slots[message.answer]) for message in outgoing if message.answer is not None],
            sequenced=side == "client",
            hook=hook(judge),
        )
        writer = Encoder(
            [(message, slots.get(message.payload)) for message in outgoing],
            [(message, slots[message.answer]) for message in incoming if message.answer is not None],
            check=check_outgoing,
        )
        self.endpoint = endpoint
        self.decode = reader.decode
        self.frames_of = reader.frames_of
        self.encode = writer.encode
        self.encode_reply = writer.encode_reply
        self._params = None if endpoint.params is None else PayloadCodec(endpoint.params, judge)
        self._ticket = None if endpoint.ticket is None else PayloadCodec(endpoint.ticket, judge)

    def params(self, values: Mapping[str, str | Sequence[str]]) -> Any:
        """Return the parameters of the path and the query as what the schema says.

        Raises:
            InvalidFrame: ``invalid_message``; the pointer is relative to the parameters.
        """
        slot = _stated(self._params, self.endpoint, "params")
        try:
            return slot.convert(plain_params(values, slot.fields))
        except InvalidPayload as unfit:
            raise InvalidFrame(unfit.error) from None

    def encode_ticket(self, ticket: object) -> bytes:
        """Return a ticket as JSON.

        Raises:
            InvalidMessage: it is not what the schema says.
        """
        try:
            return _stated(self._ticket, self.endpoint, "ticket").encode(ticket)
        except InvalidPayload as unfit:
            raise InvalidMessage("ticket", unfit.error) from unfit.__cause__

    def decode_ticket(self, raw: bytes) -> Any:
        """Return what :meth:`encode_ticket` was given; raise :exc:`InvalidFrame` if the schema has changed since."""
        try:
            return _stated(self._ticket, self.endpoint, "ticket").convert(read(raw))
        except InvalidPayload as unfit:
            raise InvalidFrame(unfit.error) from None

    def encode_error(self, error: ErrorData, *, re: int | None = None) -> bytes:
        """Return the frame that says what was refused; ``re`` is the number of the request, if it was one."""
        return _encode(Error(re=re, data=error))

    def encode_end(self, re: int) -> bytes:
        """Return the frame that completes a stream."""
        return _encode(End(re=re))

    def encode_cancel(self, re: int) -> bytes:
        """Return the frame that says that an answer is not wanted any more."""
        return _encode(Cancel(re=re))

    def encode_hello(self, *, connection: str, epoch: str, seq: int, heartbeat: float) -> bytes:
        """Return the first frame of a connection; ``heartbeat`` is in seconds."""
        contract = self.endpoint.contract
        data = HelloData(connection=connection, contract=contract, epoch=epoch, seq=seq, heartbeat=heartbeat)
        return _encode(Hello(data=data))

    def encode_resume(self, epoch: str, seq: int) -> bytes:
        """Return the frame that asks for what was missed."""
        return _encode(Resume(data=ResumeData(epoch=epoch, seq=seq)))

    def encode_resumed(self, recovered: bool) -> bytes:
        """Return the frame that answers it."""
        return _encode(Resumed(data=ResumedData(recovered=recovered)))


def _stated(slot: PayloadCodec | None, endpoint: Endpoint, what: str) -> PayloadCodec:
    if slot is None:
        raise TypeError(f"{endpoint.name} states no {what}")
    return slot
