"""Exceptions, error data and close codes."""

from __future__ import annotations

import copy
import pickle

import msgspec
import pytest

from tests.support.lab import RoomFull, TooLong
from tornado_ws.errors import (
    CloseCode,
    ConfigurationError,
    ConnectionClosed,
    ErrorData,
    GuardRefused,
    IncompleteHandler,
    InvalidFrame,
    InvalidMessage,
    LimitReached,
    RequestFailed,
    RequestTimeout,
    TooManyTickets,
    TornadoWsError,
    WrongThread,
    is_final,
)

TOO_SHORT = ErrorData(
    code="invalid_message", message="expected at least 1 character", pointer="/text", keyword="minLength"
)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (InvalidFrame(TOO_SHORT, id=3), "invalid_message: expected at least 1 character [minLength] at /text"),
        (
            InvalidMessage("said", TOO_SHORT),
            "said was not sent: invalid_message: expected at least 1 character [minLength] at /text",
        ),
        (
            InvalidMessage("say", ErrorData(code="invalid_message", message="expected x", pointer="/a"), "b"),
            'say was not sent: invalid_message: expected x at /a (property "b")',
        ),
        (
            InvalidMessage("ask", TOO_SHORT, part="reply to "),
            "reply to ask was not sent: invalid_message: expected at least 1 character [minLength] at /text",
        ),
        (
            RequestFailed("ask", TOO_SHORT, is_invalid_reply=True),
            "reply to ask is invalid: invalid_message: expected at least 1 character [minLength] at /text",
        ),
        (RequestFailed("ask", ErrorData(code="a", message="SECRET"), is_private=True), 'ask failed: "a"'),
        (
            RequestFailed("ask", ErrorData(code="internal", message="broken", reference="k3m7q2xa")),
            "ask failed: internal: broken, reference k3m7q2xa",
        ),
        (RequestFailed("ask", ErrorData(code="internal", message="broken")), "ask failed: internal: broken"),
        (RequestTimeout("ask", 1.5), "ask failed: timeout: no reply within 1.5 s"),
        (ConnectionClosed(1001, "going"), "the connection closed with code 1001 (going)"),
        (ConnectionClosed(None, None), "the connection closed without a code"),
        (GuardRefused("members only"), "members only [3003]"),
        (TooManyTickets(32, 4.2), "expected at most 32 unused one-time URLs; try again in 4 s"),
        (LimitReached("rooms", 256), "expected at most 256 rooms of one client (limits.rooms)"),
        (
            WrongThread("send"),
            "send: expected a call from the thread of the event loop; "
            "from other threads, use sockets.call_from_thread(function, *args)",
        ),
        (IncompleteHandler("Chat", ("on_ask", "on_say")), "Chat lacks on_ask, on_say"),
        (IncompleteHandler("Chat", ("on_ask",), "write it"), "Chat lacks on_ask; write it"),
        (ConfigurationError("origins", "expected a list", "write one"), "origins: expected a list; write one"),
        (RoomFull(), "room_full: room full"),
    ],
)
def test_error_has_a_message(error, message):
    assert message == str(error)
    assert isinstance(error, TornadoWsError)


@pytest.mark.parametrize("code", [1000, 1002, 1003, 1007, 1008, 1009, 1010, 3000, 3003, 4000, 4499])
def test_final_codes(code):
    assert is_final(code)


@pytest.mark.parametrize("code", [1001, 1005, 1006, 1011, 1012, 1013, 1014, 3008, 4500, 4999])
def test_codes_after_which_clients_reconnect(code):
    assert not is_final(code)


def test_own_codes_that_are_not_final():
    reconnecting = {code for code in CloseCode if not code.final}

    assert reconnecting == {
        CloseCode.GOING_AWAY,
        CloseCode.INTERNAL,
        CloseCode.TRY_AGAIN_LATER,
        CloseCode.TOO_SLOW,
        CloseCode.EXPIRED,
        CloseCode.UNRESPONSIVE,
    }


def test_error_data_omits_defaults():
    assert (
        msgspec.json.encode(ErrorData(code="internal", message="broken")) == b'{"code":"internal","message":"broken"}'
    )


def test_error_data_is_written_in_camel_case():
    error = ErrorData(code="rate_limited", message="", pointer="", retryable=True, retry_after_ms=5)

    assert msgspec.json.decode(msgspec.json.encode(error)) == {
        "code": "rate_limited",
        "message": "",
        "pointer": "",
        "retryable": True,
        "retryAfterMs": 5,
    }


def test_errors_are_instances_of_builtin_exceptions():
    assert issubclass(IncompleteHandler, TypeError)
    assert issubclass(InvalidMessage, ValueError)
    assert issubclass(ConfigurationError, ValueError)
    assert issubclass(RequestTimeout, TimeoutError)


@pytest.mark.parametrize("error", [RoomFull("no place").retry_after(2), TooLong("too long", data=7)], ids=repr)
def test_error_of_the_application_can_be_copied_and_sent_to_other_processes(error):
    for same in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert (type(error), error.args, vars(error)) == (type(same), same.args, vars(same))
