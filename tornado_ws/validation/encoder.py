"""Encoder for frames: typed values to validated JSON text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Any, NoReturn, Union, get_args, get_origin

import msgspec

from ..endpoint import MessageType
from ..errors import ErrorData, InvalidMessage
from .envelopes import Check
from .json_values import encode, is_finite
from .message_classes import MessageClasses
from .payload import InvalidPayload, PayloadCodec

__all__ = ["Encoder"]


@dataclass(slots=True)
class _FrameEncoder:
    """Constant parts and checks of the frames of one message type."""

    name: str
    head: bytes
    """Text of a frame without numbers, up to its data."""
    payload: PayloadCodec | None
    write: Callable[[Any], bytes]
    """Function that returns the payload as JSON text, without validation."""
    wraps: bool
    """True if the payload is the attribute ``data`` of the message."""
    has_id: bool
    """True for requests and acknowledged messages."""
    is_delivery: bool
    """True if the other side acknowledges the message."""
    decode: Callable[[bytes], Any] | None
    """Decoder that validates the encoded data; None without validation."""
    checks: tuple[Check, ...]
    """Checks of the decoded data."""
    may_hide_nan: bool
    """True if ``null`` in the data may come from NaN or an infinity."""
    count: int = 0
    """Number of encoded frames."""


class Encoder:
    """Encoder for the frames that one side of an endpoint sends."""

    def __init__(
        self,
        messages: Iterable[tuple[MessageType, PayloadCodec | None]],
        replies: Iterable[tuple[MessageType, PayloadCodec]],
        *,
        check: bool,
        others: Iterable[type] = (),
    ) -> None:
        """Prepare the constant parts of all frames.

        Args:
            messages: Sent messages and requests, with their payloads.
            replies: Requests with sent replies, with the payloads of the replies.
            check: False to encode values without validation.
            others: Classes of the messages that the other side sends.
        """
        self._check = check
        self._encoders = MessageClasses(
            {message.cls: _frame_encoder(message, payload, check=check) for message, payload in messages}, others
        )
        self._replies = {message.name: payload for message, payload in replies}

    def encode(self, message: object, id: int | None = None) -> bytes:
        """Return the frame of a message or a request.

        Args:
            message: Instance of a message class.
            id: Id of the request; None for messages.

        Raises:
            InvalidMessage: If the schema rejects the message.
            TypeError: If the other side sends this message, a request lacks ``id``, or a message has one.
        """
        try:
            encoder = self._encoders[type(message)]
        except KeyError:
            self._reject(None, message, id)
        if encoder.has_id is (id is None):
            self._reject(encoder, message, id)
        head = encoder.head if id is None else _head(encoder, id)
        if encoder.payload is None:
            encoder.count += 1
            return head + b"}"
        value = message.data if encoder.wraps else message  # type: ignore[attr-defined]
        try:
            body = encoder.write(value)
            if not (encoder.may_hide_nan and b"null" in body and not is_finite(value)):
                if encoder.decode is None:
                    encoder.count += 1
                    return head + body + b"}"
                decoded = encoder.decode(body)
                for get, accepts in encoder.checks:
                    if not accepts(get(decoded)):
                        break
                else:
                    encoder.count += 1
                    return head + body + b"}"
        except (msgspec.MsgspecError, TypeError, ValueError, RecursionError):
            pass  # the exception of the schema follows, without this one as its context
        body = _checked(encoder.name, encoder.payload, value)
        encoder.count += 1
        return head + body + b"}"

    def encoded(self) -> dict[str, int]:
        """Return the number of encoded messages and requests by name."""
        return {encoder.name: encoder.count for encoder in self._encoders.values()}

    def encode_delivery(self, message: object, id: int, session: str) -> bytes:
        """Return the frame of an acknowledged message.

        Args:
            message: Instance of a message class.
            id: Id of the message, unique in the session.
            session: Random name of the session, 22 characters of base64url.

        Raises:
            InvalidMessage: If the schema rejects the message.
            TypeError: If the message is not acknowledged.
        """
        try:
            encoder = self._encoders[type(message)]
        except KeyError:
            self._reject(None, message, id)
        if not encoder.is_delivery:
            self._reject(encoder, message, id)
        return b'{"session":"%b",%b' % (session.encode(), self.encode(message, id)[1:])

    def encode_reply(self, message: MessageType, re: int, value: object) -> bytes:
        """Return the frame of a reply to request ``re``, or of one item of its stream.

        Raises:
            InvalidMessage: If the schema rejects ``value``.
            TypeError: If the schema rejects ``value``, which is an instance of another class.
        """
        payload = self._replies[message.name]
        if not self._check:
            body = payload.write(value)
        else:
            try:
                body = payload.encode(value)
            except InvalidPayload as invalid:
                body, rejected = b"", (invalid.error, invalid.property_name, invalid.__cause__)
            if not body:  # outside of the except clause, so that one exception is raised, not two
                _require_class(message, value)
                raise _rejection(message.name, *rejected, part=_part(message))
        return b'{"type":"%b","re":%d,"data":%b}' % (message.name.encode(), re, body)

    def _reject(self, encoder: _FrameEncoder | None, message: object, id: int | None) -> NoReturn:
        if encoder is None:
            names = ", ".join(self._encoders.names)
            raise TypeError(f"expected one of {names or 'no messages'}, got {type(message).__name__}") from None
        if encoder.is_delivery:
            raise TypeError(f"{encoder.name} is acknowledged: expected an id and a session")
        if encoder.has_id:
            raise TypeError(f"{encoder.name} is a request: expected a call of send_request()")
        raise TypeError(f"{encoder.name} is not a request: expected a call of send(), broadcast() or room(…).send()")


def _require_class(message: MessageType, value: object) -> None:
    """Raise :exc:`TypeError` for an invalid answer that is neither an instance of its class nor plain JSON."""
    answer = message.answer
    classes = () if answer is None else _classes(answer.type)
    if classes and not isinstance(value, (*classes, dict)):
        names = " or ".join("None" if one is NoneType else one.__name__ for one in classes)
        got = "None" if value is None else type(value).__name__
        raise TypeError(f"{_part(message)}{message.name}: expected class {names}, got {got}")


def _part(message: MessageType) -> str:
    return "reply to " if message.stream is None else "item of "


def _classes(type_: Any) -> tuple[type, ...]:
    """Return the classes of a type or of the members of a union; none if a class alone does not describe the values."""
    members = get_args(type_) if isinstance(type_, UnionType) or get_origin(type_) is Union else (type_,)
    classes = tuple(
        one for one in members if isinstance(one, type) and (one.__module__ != "builtins" or one is NoneType)
    )
    return classes if len(classes) == len(members) else ()


def _checked(name: str, payload: PayloadCodec, value: object) -> bytes:
    """Return a valid value as JSON text; raise :exc:`.InvalidMessage` for any other."""
    try:
        return payload.encode(value)
    except InvalidPayload as invalid:
        rejected = invalid.error, invalid.property_name, invalid.__cause__
    raise _rejection(name, *rejected)  # outside of the except clause, so that one exception is raised, not two


def _rejection(
    name: str, error: ErrorData, property_name: str | None, cause: BaseException | None, *, part: str = ""
) -> InvalidMessage:
    invalid = InvalidMessage(name, error, property_name, part=part)
    invalid.__cause__ = cause  # mypyc ignores `raise … from`
    return invalid


def _frame_encoder(message: MessageType, payload: PayloadCodec | None, *, check: bool) -> _FrameEncoder:
    head = b'{"type":"%b"' % message.name.encode()
    return _FrameEncoder(
        message.name,
        head if payload is None else head + b',"data":',
        payload,
        encode if payload is None else payload.write,
        message.wraps,
        message.answer is not None or message.acknowledged,
        message.acknowledged,
        payload.decode if check and payload is not None else None,
        payload.checks if payload is not None else (),
        check and payload is not None and payload.may_hide_nan,
    )


def _head(encoder: _FrameEncoder, id: int) -> bytes:
    return b'{"type":"%b","id":%d%b' % (encoder.name.encode(), id, b"" if encoder.payload is None else b',"data":')
