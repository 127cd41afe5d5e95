"""The reader: frames from text to typed values, with the verdict of the schema."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, TypeVar, Union

import msgspec

from .errors import ErrorData, Refused
from .frames import Frame, ambiguous_frame, message_frame
from .messages import MessageType
from .slots import SlotCodec, Unfit
from .values import UNREADABLE, integral, read

__all__ = ["Reader"]

Raw: TypeAlias = str | bytes
FrameT = TypeVar("FrameT", bound=Frame)


@dataclass(frozen=True, kw_only=True)
class _Intake:
    """What one kind of frame becomes."""

    frame: type[Frame]
    """What msgspec decodes."""
    envelope: type[Frame]
    """The same with data of any kind, which may be missing."""
    slot: SlotCodec | None


class Reader:
    """Reads what one side of an endpoint receives."""

    def __init__(
        self,
        control: Iterable[type[Frame]],
        messages: Iterable[tuple[MessageType, SlotCodec | None]],
        replies: Iterable[tuple[MessageType, SlotCodec]],
        *,
        sequenced: bool,
        hook: Callable[[Any, Any], Any],
    ) -> None:
        """Build the decoders.

        Args:
            control: frames of the protocol; at least one, since msgspec lets a type that is alone lack its tag.
            messages: what arrives by itself.
            replies: requests whose answers arrive.
            sequenced: whether messages may have sequence numbers.
            hook: decodes what msgspec cannot; called with the type and the plain value.
        """
        self._control = {str(frame.__struct_config__.tag): frame for frame in control}
        self._messages = {
            message.name: self._intake(message, "request" if message.answer else "message", slot, sequenced=sequenced)
            for message, slot in messages
        }
        self._replies = {message.name: self._intake(message, "reply", slot) for message, slot in replies}
        decoded = {
            name: intake.frame for intakes in (self._messages, self._replies) for name, intake in intakes.items()
        }
        for name in self._messages.keys() & self._replies.keys():
            decoded[name] = ambiguous_frame(name, lambda frame, raw: self._settle(raw))
        types = (*self._control.values(), *decoded.values())
        self._decode: Callable[[Raw], Frame] = msgspec.json.Decoder(Union[types], dec_hook=hook).decode  # noqa: UP007

    def decode(self, raw: Raw) -> Frame:
        """Return the frame in ``raw``; its data is valid and of the type that its slot states.

        Raises:
            Refused: with what is wrong, and with the number of the request where that can be read.
        """
        try:
            frame = self._decode(raw)
        except UNREADABLE:
            return self._settle(raw)
        if frame.doubt is None:
            return frame
        return frame.doubt(raw)

    def _settle(self, raw: Raw) -> Frame:
        """Let the schema decide on what msgspec refuses, or accepts without seeing through it."""
        plain = read(raw)
        try:
            return self._judged(plain)
        except Unfit as unfit:
            members = plain if isinstance(plain, dict) else {}
            raise Refused(unfit.error, id=_number(members.get("id")), re=_number(members.get("re"))) from None

    def _judged(self, plain: Any) -> Frame:  # any JSON value
        if not isinstance(plain, dict):
            raise _unsupported("an object")
        name = plain.get("type")
        if not isinstance(name, str):
            raise _unsupported("the member type, a string")
        if name.startswith("$"):
            if name not in self._control:
                raise _unsupported(f"one of {', '.join(self._control)}")
            return _shaped(integral(plain), self._control[name])
        intakes = self._replies if "re" in plain and name in self._replies else self._messages
        if name not in intakes:
            raise Unfit(ErrorData(code="unknown_message", message=f"expected one of {', '.join(self._messages)}"))
        return _filled(plain, intakes[name])

    def _intake(
        self,
        message: MessageType,
        kind: Literal["message", "request", "reply"],
        slot: SlotCodec | None,
        *,
        sequenced: bool = False,
    ) -> _Intake:
        kind_of_data = None if slot is None else slot.type
        doubt = None if slot is None else self._doubt(slot)
        return _Intake(
            frame=message_frame(message, kind, kind_of_data, sequenced=sequenced, doubt=doubt),
            envelope=message_frame(message, kind, Any, sequenced=sequenced, optional=True),
            slot=slot,
        )

    def _doubt(self, slot: SlotCodec) -> Callable[[Frame, Raw], Frame] | None:
        settle, whole, parts = self._settle, slot.whole, slot.parts
        if whole is not None:
            return lambda frame, raw: frame if whole(read(raw)["data"]) else settle(raw)
        if parts is not None:
            return lambda frame, raw: frame if parts(frame.data) else settle(raw)
        return None


def _filled(plain: dict[str, Any], intake: _Intake) -> Frame:
    head = {member: value if member == "data" else integral(value) for member, value in plain.items()}
    frame = _shaped(head, intake.envelope)
    numbers = {field: getattr(frame, field) for field in frame.__struct_fields__ if field != "data"}
    if intake.slot is None:
        if frame.data is not msgspec.UNSET:
            raise _unfit("false schema", "no data")
        return intake.frame(**numbers)
    if frame.data is msgspec.UNSET:
        raise _unfit("required", "data")
    return intake.frame(data=intake.slot.convert(frame.data), **numbers)


def _shaped(plain: Any, frame: type[FrameT]) -> FrameT:
    try:
        return msgspec.convert(plain, frame)
    except msgspec.ValidationError:  # its words may hold names that the peer made up
        raise _unsupported(f"the members {', '.join(('type', *frame.__struct_encode_fields__))}") from None


def _unsupported(expected: str) -> Unfit:
    return Unfit(ErrorData(code="unsupported_frame", message=f"expected {expected}"))


def _unfit(keyword: str, expected: str) -> Unfit:
    return Unfit(ErrorData(code="invalid_message", message=f"expected {expected}", pointer="", keyword=keyword))


def _number(value: Any) -> int | None:  # any JSON value
    return value if type(value) is int and 0 <= value < 2**53 else None
