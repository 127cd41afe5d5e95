"""Errors of the application: exceptions to the data of frames and back."""

from __future__ import annotations

import msgspec
import pytest

from tests.support.lab import LAB, RoomFull, RoomLocked, TooLong
from tests.support.orders import Busy
from tornado_ws.errors import ApplicationError, ErrorData, InvalidFrame, InvalidMessage
from tornado_ws.validation.application_errors import ApplicationErrors
from tornado_ws.validation.codec import Codec


@pytest.fixture
def errors() -> ApplicationErrors:
    return Codec(LAB).application_errors


def test_errors_of_the_endpoint_are_declared_for_all_its_messages_and_hooks(errors: ApplicationErrors) -> None:
    assert ("room_full", "room_locked", "too_long") == errors.codes("echo") == errors.codes(None)


def test_other_exceptions_are_not_declared(errors: ApplicationErrors) -> None:
    assert [None, None] == [errors.find("echo", error) for error in (Busy(), ValueError())]


def test_subclass_of_a_declared_class_has_its_code(errors: ApplicationErrors) -> None:
    class VeryFull(RoomFull): ...

    error = VeryFull("no place")
    declared = errors.find("echo", error)

    assert declared is not None
    assert ErrorData(code="room_full", message="no place") == errors.error_data(declared, error)


@pytest.mark.parametrize(
    ("error", "data"),
    [
        (RoomFull(), ErrorData(code="room_full", message="room full")),
        (
            RoomFull("no place").retry_after(1.5),
            ErrorData(code="room_full", message="no place", retryable=True, retry_after_ms=1500),
        ),
        (RoomLocked(), ErrorData(code="room_locked", message="room locked", retryable=True)),
    ],
    ids=["default text", "time", "retryable by the schema"],
)
def test_exception_becomes_the_data_of_a_frame_and_comes_back(
    errors: ApplicationErrors, error: ApplicationError, data: ErrorData
) -> None:
    declared = errors.find("echo", error)
    assert declared is not None

    assert data == errors.error_data(declared, error)
    back = errors.exception("echo", data)
    assert back is not None
    assert (type(error), data.message, data.retry_after_ms) == (type(back), back.message, back.retry_after_ms)


def test_data_are_validated_by_both_sides(errors: ApplicationErrors) -> None:
    error = TooLong(data=7)
    (declared,) = (one for one in LAB.errors if one.cls is TooLong)

    sent = errors.error_data(declared, error)
    received = errors.exception("echo", sent)

    assert b"7" == bytes(sent.data)  # type: ignore[arg-type]
    assert isinstance(received, TooLong)
    assert 7 == received.data
    with pytest.raises(InvalidMessage, match="error too_long was not sent: invalid_message: expected integer"):
        errors.error_data(declared, TooLong(data="7"))  # type: ignore[arg-type]
    for invalid in (msgspec.UNSET, msgspec.Raw(b'"7"'), msgspec.Raw(b"{")):
        with pytest.raises(InvalidFrame):
            errors.exception("echo", ErrorData(code="too_long", message="", data=invalid))


def test_undeclared_code_has_no_exception(errors: ApplicationErrors) -> None:
    assert errors.exception("echo", ErrorData(code="other", message="")) is None
