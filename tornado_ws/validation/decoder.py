"""Decoder for frames: JSON text to validated, typed values."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, Union

import msgspec

from ..endpoint import MessageType
from ..errors import ErrorData, InvalidFrame
from .envelopes import Frame, message_frame
from .frame_errors import OPTIONAL, invalid, unsupported, wrong_members
from .json_values import UNREADABLE, integral, read
from .nested_tags import has_nested_tags
from .payload import InvalidPayload, PayloadCodec
from .resume_cursor import cursor_check, invalid_cursor

__all__ = ["Decoder"]

Raw: TypeAlias = str | bytes

SESSION = re.compile("[A-Za-z0-9_-]{22}")
LARGE = 1 << 14
"""Size from which the garbage collector pauses while a frame is decoded."""
NESTED = 1 << 15
"""Size from which frames with nested tags are decoded through plain values; smaller ones are faster without."""


@dataclass(frozen=True, kw_only=True)
class _FrameDecoder:
    """Types and members of the frames of one message type."""

    frame: type[Frame]
    """Type that msgspec decodes and validates."""
    plain: type[Frame]
    """Type with the same members and unvalidated data."""
    required: frozenset[str]
    """Required members, except ``type`` and ``data``."""
    members: frozenset[str]
    """Allowed members, without ``type``."""
    payload: PayloadCodec | None
    cursor: PayloadCodec | None
    """Position after which a stream goes on."""


class Decoder:
    """Decoder for the frames that one side of an endpoint receives."""

    def __init__(
        self,
        control: Iterable[type[Frame]],
        messages: Iterable[tuple[MessageType, PayloadCodec | None, PayloadCodec | None]],
        replies: Iterable[tuple[MessageType, PayloadCodec]],
        *,
        sequenced: bool,
        hook: Callable[[Any, Any], Any],
    ) -> None:
        """Build the decoders.

        Args:
            control: Types of control frames, at least two: msgspec requires the tag of a type only in a union.
            messages: Received messages and requests, with their payloads, and the positions of resumable streams.
            replies: Requests with received replies, with the payloads of the replies.
            sequenced: True if messages may be kept, with a channel, a number and a mark.
            hook: Decoder for types that msgspec does not support; takes the type and the plain value.
        """
        self._control = {str(frame.__struct_config__.tag): frame for frame in control}
        self._messages = {
            message.name: _frame_decoder(message, _kind(message), payload, sequenced=sequenced, cursor=cursor)
            for message, payload, cursor in messages
        }
        self._replies = {message.name: _frame_decoder(message, "reply", payload) for message, payload in replies}
        both = self._messages.keys() & self._replies.keys()  # only the members distinguish these frames
        decoded = [decoder.frame for name, decoder in self._all_decoders() if name not in both]
        types = (*self._control.values(), *decoded)
        union: Any = Union[types]  # noqa: UP007
        decode: Callable[[Raw], Frame] = msgspec.json.Decoder(union, dec_hook=hook).decode
        payloads = [decoder.payload for _, decoder in self._all_decoders()]
        if any(payload is not None and has_nested_tags(payload.frame_type) for payload in payloads):
            decode_large = _linear_decoder(decode, union, hook)
        else:
            decode_large = decode
        self.decode = self._decoder(decode, _without_collection(self._decoder(decode_large)))

    def frame_types(self, name: str) -> tuple[type[Frame], ...]:
        """Return the types of the decoded frames of a message or a request."""
        decoder = self._messages[name]
        return decoder.frame, decoder.plain

    def _all_decoders(self) -> Iterable[tuple[str, _FrameDecoder]]:
        return (*self._messages.items(), *self._replies.items())

    def _decoder(
        self, decode: Callable[[Raw], Frame], decode_large: Callable[[Raw], Frame] | None = None
    ) -> Callable[[Raw], Frame]:
        """Return the decoding function, with a fast path for valid frames.

        Args:
            decode: Decoder of the fast path.
            decode_large: Decoding function for large frames; None if it is the same.
        """
        decode_slowly = self._decode_slowly

        def decode_frame(raw: Raw) -> Frame:
            """Return the decoded frame, with valid data of the payload's type.

            Raises:
                InvalidFrame: If the frame is invalid.
            """
            if decode_large is not None and len(raw) >= LARGE:
                return decode_large(raw)
            try:
                frame = decode(raw)
                for get, accepts in frame.checks:
                    if not accepts(get(frame)):
                        break
                else:
                    return frame
            except UNREADABLE:
                pass  # continues after the block, so that the exception has no context
            decoded = decode_slowly(raw)
            if not isinstance(decoded, InvalidFrame):
                return decoded
            try:
                raise decoded
            finally:
                del decoded  # breaks the reference cycle with its traceback

        return decode_frame

    def _decode_slowly(self, raw: Raw) -> Frame | InvalidFrame:
        """Decode a frame that msgspec or a check has rejected; its schema decides.

        The caller raises the exception, since each stack frame of a traceback takes time.
        """
        plain = read(raw)
        if not isinstance(plain, dict):
            return InvalidFrame(unsupported("an object"))
        name = plain.get("type")
        if not isinstance(name, str):
            return _rejection(plain, unsupported("the member type, a string"))
        if name.startswith("$"):
            return self._control_frame(plain, name)
        decoders = self._replies if "re" in plain and name in self._replies else self._messages
        decoder = decoders.get(name)
        if decoder is None:
            message = f"expected one of {', '.join(self._messages)}"
            return _rejection(plain, ErrorData(code="unknown_message", message=message))
        decoded = _message_frame(plain, decoder)
        if isinstance(decoded, InvalidFrame):
            decoded.message = name
            if decoded.id is None and decoded.re is None:
                decoded.error = msgspec.structs.replace(decoded.error, type=name)
        return decoded

    def _control_frame(self, plain: dict[str, Any], name: str) -> Frame | InvalidFrame:
        frame = self._control.get(name)
        if frame is None:
            return _control_rejection(plain, unsupported(f"one of {', '.join(self._control)}"))
        try:
            return msgspec.convert(integral(plain), frame)
        except msgspec.ValidationError:  # dropped: its text may contain names that the peer chose
            pass
        return _control_rejection(plain, wrong_members(frame))


def _linear_decoder(
    decode: Callable[[Raw], Frame], type_: Any, hook: Callable[[Any, Any], Any]
) -> Callable[[Raw], Frame]:
    """Return a decoder for a type with nested tags, which decodes long texts through plain values.

    There, the tag of an object is found without reading the others; see :mod:`.nested_tags`.
    """
    decode_plain, convert = msgspec.json.Decoder().decode, msgspec.convert

    def decode_linearly(raw: Raw) -> Frame:
        if len(raw) < NESTED:
            return decode(raw)
        frame: Frame = convert(decode_plain(raw), type_, dec_hook=hook)
        return frame

    return decode_linearly


def _without_collection(decode: Callable[[Raw], Frame]) -> Callable[[Raw], Frame]:
    """Return a decoding function that pauses the garbage collector."""

    def decode_without_collection(raw: Raw) -> Frame:
        if not gc.isenabled():
            return decode(raw)
        gc.disable()  # otherwise it examines all values decoded so far, again and again
        try:
            return decode(raw)
        finally:
            gc.enable()

    return decode_without_collection


def _kind(message: MessageType) -> Literal["message", "delivery", "request"]:
    if message.answer:
        return "request"
    return "delivery" if message.acknowledged else "message"


def _frame_decoder(
    message: MessageType,
    kind: Literal["message", "delivery", "request", "reply"],
    payload: PayloadCodec | None,
    *,
    sequenced: bool = False,
    cursor: PayloadCodec | None = None,
) -> _FrameDecoder:
    resumable = kind == "request" and message.resume is not None
    checks = payload.frame_checks if payload is not None else ()
    if cursor is not None:
        checks = (*checks, cursor_check(cursor))
    frame = message_frame(
        message, kind, payload and payload.frame_type, sequenced=sequenced, resumable=resumable, checks=checks
    )
    return _FrameDecoder(
        frame=frame,
        plain=message_frame(message, kind, payload and Any, sequenced=sequenced, resumable=resumable),
        required=frozenset({"id", "re", "session"} & {*frame.__struct_fields__}),
        members=frozenset(frame.__struct_fields__),
        payload=payload,
        cursor=cursor,
    )


def _message_frame(plain: dict[str, Any], decoder: _FrameDecoder) -> Frame | InvalidFrame:
    """Return the frame, or the exception if its members or its data are invalid."""
    if decoder.cursor is not None and plain.get("resume") is not None:
        return _resumed_frame(plain, decoder, decoder.cursor)
    only_data = len(plain) == 1 + ("data" in plain)
    members = {} if only_data and not decoder.required else _members(plain, decoder)
    if members is None:
        return _rejection(plain, wrong_members(decoder.plain))
    payload = decoder.payload
    if payload is None:
        if "data" in plain:
            return _rejection(plain, invalid("false schema", "no data"))
        return decoder.plain(**members)
    if "data" not in plain:
        return _rejection(plain, invalid("required", "data"))
    error = payload.first_error(plain["data"])
    if error is not None:
        return _rejection(plain, error)
    try:
        return decoder.plain(data=payload.build(plain["data"]), **members)
    except InvalidPayload as failure:
        return _rejection(plain, failure.error)


def _resumed_frame(plain: dict[str, Any], decoder: _FrameDecoder, cursor: PayloadCodec) -> Frame | InvalidFrame:
    """Return the frame of a request for the rest of a stream, or the exception if it is invalid."""
    frame = _message_frame({**plain, "resume": None}, decoder)
    if isinstance(frame, InvalidFrame):
        return frame
    try:
        return msgspec.structs.replace(frame, resume=cursor.convert(plain["resume"]))
    except InvalidPayload as failure:
        return _rejection(plain, invalid_cursor(failure.error))


def _members(plain: dict[str, Any], decoder: _FrameDecoder) -> dict[str, int | str | None] | None:
    """Return the members of a frame, except ``type`` and ``data``; None if one is missing, invalid or not allowed."""
    members = {name: _member(name, value) for name, value in plain.items() if name not in ("type", "data")}
    wrong = [
        name for name, member in members.items() if member is None and (name not in OPTIONAL or plain[name] is not None)
    ]
    return None if wrong or not decoder.required <= members.keys() <= decoder.members else members


def _member(name: str, value: Any) -> int | str | None:  # any JSON value
    if name == "mark":
        return value if isinstance(value, str) else None
    if name != "session":
        return _number(value)
    return value if isinstance(value, str) and SESSION.fullmatch(value) else None


def _rejection(plain: dict[str, Any], error: ErrorData) -> InvalidFrame:
    if "id" in plain or "re" in plain:
        return InvalidFrame(error, id=_number(plain.get("id")), re=_number(plain.get("re")))
    return InvalidFrame(error)


def _control_rejection(plain: dict[str, Any], error: ErrorData) -> InvalidFrame:
    """Return the rejection of a control frame: its ``id`` belongs to another frame, the open request."""
    return InvalidFrame(error, re=_number(plain.get("re")))


def _number(value: Any) -> int | None:  # any JSON value
    number = integral(value) if type(value) is float else value
    return number if type(number) is int and 0 <= number < 2**53 else None
