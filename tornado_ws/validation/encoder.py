"""The writer: frames from typed values to text, none of which the schema would refuse."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, NoReturn

import msgspec

from ..endpoint import MessageType
from ..errors import InvalidMessage
from .envelopes import Check
from .json_values import encode, finite
from .payload import InvalidPayload, PayloadCodec

__all__ = ["Encoder"]

_encode: Final = encode


@dataclass(frozen=True, slots=True)
class _FrameEncoder:
    """How instances of one message class become frames."""

    name: str
    head: bytes
    """The frame up to its data, where there are no numbers."""
    slot: PayloadCodec | None
    wraps: bool
    asks: bool
    decode: Callable[[bytes], Any] | None
    """Checks the data; None if it is not to be checked."""
    trials: tuple[Check, ...]
    """What the decoded data must stand."""
    vague: bool
    """Whether null may stand for a number that JSON lacks."""


class Encoder:
    """Writes what one side of an endpoint sends."""

    def __init__(
        self,
        messages: Iterable[tuple[MessageType, PayloadCodec | None]],
        replies: Iterable[tuple[MessageType, PayloadCodec]],
        *,
        check: bool,
    ) -> None:
        """Prepare the constant parts of all frames.

        Args:
            messages: what is sent by itself.
            replies: requests that are answered.
            check: whether values are checked; if not, they are up to the caller.
        """
        self._check = check
        self._outlets = {message.cls: _outlet(message, slot, check=check) for message, slot in messages}
        self._replies = {message.name: slot for message, slot in replies}

    def encode(self, message: object, id: int | None = None, seq: int | None = None) -> bytes:
        """Return the frame of ``message``.

        Args:
            message: an instance of a message class.
            id: number of the request; only requests have one.
            seq: its number among those that can be sent again.

        Raises:
            InvalidMessage: it is not what the schema says.
            TypeError: it is no message of this side, or its number is missing.
        """
        outlet = self._outlets.get(type(message))
        if outlet is None or outlet.asks is (id is None):
            self._refuse(outlet, message, id)
        head = outlet.head if id is None and seq is None else _head(outlet, id, seq)
        if outlet.slot is None:
            return head + b"}"
        value = message.data if outlet.wraps else message  # type: ignore[attr-defined]
        try:
            body = _encode(value)
            if outlet.vague and b"null" in body and not finite(value):
                body = _checked(outlet.name, outlet.slot, value)
            if outlet.decode is not None:
                decoded = outlet.decode(body)
                if outlet.trials:
                    for get, accepts in outlet.trials:
                        if not accepts(get(decoded)):
                            return head + _checked(outlet.name, outlet.slot, value) + b"}"
        except (msgspec.MsgspecError, TypeError, ValueError, RecursionError):
            body = _checked(outlet.name, outlet.slot, value)
        return head + body + b"}"

    def encode_reply(self, message: MessageType, re: int, value: object) -> bytes:
        """Return the frame that answers request ``re``, or one item of its stream.

        Raises:
            InvalidMessage: ``value`` is not what the schema says.
        """
        body = _checked(message.name, self._replies[message.name], value) if self._check else _encode(value)
        return b'{"type":"%b","re":%d,"data":%b}' % (message.name.encode(), re, body)

    def _refuse(self, outlet: _FrameEncoder | None, message: object, id: int | None) -> NoReturn:
        if outlet is None:
            names = ", ".join(cls.__name__ for cls in self._outlets)
            raise TypeError(f"expected one of {names or 'no messages'}, got {type(message).__name__}")
        raise TypeError(f"{outlet.name} is {'a' if outlet.asks else 'no'} request, got id={id}")


def _checked(name: str, slot: PayloadCodec, value: object) -> bytes:
    """Return a value as JSON if the schema accepts it."""
    try:
        return slot.encode(value)
    except InvalidPayload as unfit:
        raise InvalidMessage(name, unfit.error) from unfit.__cause__


def _outlet(message: MessageType, slot: PayloadCodec | None, *, check: bool) -> _FrameEncoder:
    head = b'{"type":"%b"' % message.name.encode()
    return _FrameEncoder(
        message.name,
        head if slot is None else head + b',"data":',
        slot,
        message.wraps,
        message.answer is not None,
        slot.decode if check and slot is not None else None,
        slot.trials if slot is not None else (),
        check and slot is not None and slot.vague,
    )


def _head(outlet: _FrameEncoder, id: int | None, seq: int | None) -> bytes:
    numbers = b"".join(b',"%b":%d' % (name, n) for name, n in ((b"id", id), (b"seq", seq)) if n is not None)
    return b'{"type":"%b"%b%b' % (outlet.name.encode(), numbers, b"" if outlet.slot is None else b',"data":')
