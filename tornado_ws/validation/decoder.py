"""The reader: frames from text to typed values, with the verdict of the schema."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, Union

import msgspec

from ..endpoint import MessageType
from ..errors import ErrorData, InvalidFrame
from .envelopes import Frame, message_frame
from .json_values import UNREADABLE, integral, read
from .payload import InvalidPayload, PayloadCodec

__all__ = ["Decoder"]

Raw: TypeAlias = str | bytes


@dataclass(frozen=True, kw_only=True)
class _FrameDecoder:
    """What one kind of frame becomes."""

    frame: type[Frame]
    """What msgspec decodes."""
    plain: type[Frame]
    """The same, where nothing judges the data any more."""
    numbers: frozenset[str]
    """Members that must be there, and are numbers."""
    fields: frozenset[str]
    """Members that may be there, beside the type."""
    slot: PayloadCodec | None


class Decoder:
    """Reads what one side of an endpoint receives."""

    def __init__(
        self,
        control: Iterable[type[Frame]],
        messages: Iterable[tuple[MessageType, PayloadCodec | None]],
        replies: Iterable[tuple[MessageType, PayloadCodec]],
        *,
        sequenced: bool,
        hook: Callable[[Any, Any], Any],
    ) -> None:
        """Build the decoders.

        Args:
            control: frames of the protocol; at least two, since msgspec lets a type that is alone lack its tag.
            messages: what arrives by itself.
            replies: requests whose answers arrive.
            sequenced: whether messages may have sequence numbers.
            hook: decodes what msgspec cannot; called with the type and the plain value.
        """
        self._control = {str(frame.__struct_config__.tag): frame for frame in control}
        self._messages = {
            message.name: _intake(message, "request" if message.answer else "message", slot, sequenced=sequenced)
            for message, slot in messages
        }
        self._replies = {message.name: _intake(message, "reply", slot) for message, slot in replies}
        both = self._messages.keys() & self._replies.keys()  # only their members tell them apart
        decoded = [intake.frame for name, intake in self._all_intakes() if name not in both]
        types = (*self._control.values(), *decoded)
        self.decode = self._decoder(msgspec.json.Decoder(Union[types], dec_hook=hook).decode)  # noqa: UP007

    def frames_of(self, name: str) -> tuple[type[Frame], ...]:
        """Return what the frames of a message that arrives by itself are decoded to."""
        intake = self._messages[name]
        return intake.frame, intake.plain

    def _all_intakes(self) -> Iterable[tuple[str, _FrameDecoder]]:
        return (*self._messages.items(), *self._replies.items())

    def _decoder(self, decode: Callable[[Raw], Frame]) -> Callable[[Raw], Frame]:
        """Return the function that all messages pass, so that it does not do more than it must."""
        settle = self._settle

        def decode_frame(raw: Raw) -> Frame:
            """Return the frame in ``raw``; its data is valid and of the type that its slot states.

            Raises:
                InvalidFrame: with what is wrong, and with the number of the request where that can be read.
            """
            try:
                frame = decode(raw)
                for get, accepts in frame.trials:
                    if not accepts(get(frame)):
                        break
                else:
                    return frame
            except UNREADABLE:
                pass  # settled outside, so that a refusal has no other error as its context
            settled = settle(raw)
            if not isinstance(settled, InvalidFrame):
                return settled
            try:
                raise settled
            finally:
                del settled  # its traceback leads here: a circle that would wait for the garbage collector

        return decode_frame

    def _settle(self, raw: Raw) -> Frame | InvalidFrame:
        """Let the schema decide on what msgspec refuses. A refusal is raised by the caller: each frame costs time."""
        plain = read(raw)
        if not isinstance(plain, dict):
            return InvalidFrame(_unsupported("an object"))
        name = plain.get("type")
        if not isinstance(name, str):
            return _refused(plain, _unsupported("the member type, a string"))
        if name.startswith("$"):
            return self._steer(plain, name)
        intakes = self._replies if "re" in plain and name in self._replies else self._messages
        intake = intakes.get(name)
        if intake is None:
            words = f"expected one of {', '.join(self._messages)}"
            return _refused(plain, ErrorData(code="unknown_message", message=words))
        return _filled(plain, intake)

    def _steer(self, plain: dict[str, Any], name: str) -> Frame | InvalidFrame:
        """Return a frame of the protocol."""
        frame = self._control.get(name)
        if frame is None:
            return _refused(plain, _unsupported(f"one of {', '.join(self._control)}"))
        try:
            return msgspec.convert(integral(plain), frame)
        except msgspec.ValidationError:  # its words may hold names that the peer made up
            pass
        return _refused(plain, _members(frame))


def _intake(
    message: MessageType,
    kind: Literal["message", "request", "reply"],
    slot: PayloadCodec | None,
    *,
    sequenced: bool = False,
) -> _FrameDecoder:
    frame = message_frame(
        message, kind, slot and slot.read_as, sequenced=sequenced, trials=slot.framed if slot is not None else ()
    )
    return _FrameDecoder(
        frame=frame,
        plain=message_frame(message, kind, slot and Any, sequenced=sequenced),
        numbers=frozenset({"id", "re"} & {*frame.__struct_fields__}),
        fields=frozenset(frame.__struct_fields__),
        slot=slot,
    )


def _filled(plain: dict[str, Any], intake: _FrameDecoder) -> Frame | InvalidFrame:
    """Return the frame with these members, and data that the schema accepts."""
    bare = len(plain) == 1 + ("data" in plain)
    numbers = {} if bare and not intake.numbers else _numbers(plain, intake)
    if numbers is None:
        return _refused(plain, _members(intake.plain))
    slot = intake.slot
    if slot is None:
        if "data" in plain:
            return _refused(plain, _invalid("false schema", "no data"))
        return intake.plain(**numbers)
    if "data" not in plain:
        return _refused(plain, _invalid("required", "data"))
    error = slot.first_error(plain["data"])
    if error is not None:
        return _refused(plain, error)
    try:
        return intake.plain(data=slot.build(plain["data"]), **numbers)
    except InvalidPayload as unfit:
        return _refused(plain, unfit.error)


def _numbers(plain: dict[str, Any], intake: _FrameDecoder) -> dict[str, int | None] | None:
    """Return the members that are numbers; None if others are there, or some are not."""
    numbers = {name: _number(value) for name, value in plain.items() if name not in ("type", "data")}
    wrong = [name for name, number in numbers.items() if number is None and (name != "seq" or plain[name] is not None)]
    return None if wrong or not intake.numbers <= numbers.keys() <= intake.fields else numbers


def _refused(plain: dict[str, Any], error: ErrorData) -> InvalidFrame:
    if "id" in plain or "re" in plain:
        return InvalidFrame(error, id=_number(plain.get("id")), re=_number(plain.get("re")))
    return InvalidFrame(error)


def _unsupported(expected: str) -> ErrorData:
    return ErrorData(code="unsupported_frame", message=f"expected {expected}")


def _members(frame: type[Frame]) -> ErrorData:
    return _unsupported(f"the members {', '.join(('type', *frame.__struct_encode_fields__))}")


def _invalid(keyword: str, expected: str) -> ErrorData:
    return ErrorData(code="invalid_message", message=f"expected {expected}", pointer="", keyword=keyword)


def _number(value: Any) -> int | None:  # any JSON value
    number = integral(value) if type(value) is float else value
    return number if type(number) is int and 0 <= number < 2**53 else None
