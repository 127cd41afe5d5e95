from __future__ import annotations

from tests.support.lab import LAB
from tornado_ws.errors import ConnectionClosed, ErrorData
from tornado_ws.session.pending_requests import PendingRequests

CONFIRM = next(message for message in LAB.server if message.name == "confirm")
ECHO = next(message for message in LAB.client if message.name == "echo")


def test_ids_are_not_reused():
    pending = PendingRequests()
    first = pending.add(ECHO, print, print)
    pending.discard(first)

    assert pending.add(ECHO, print, print) != first


def test_reply_of_another_type_is_an_error_and_the_request_stays_pending():
    pending, got = PendingRequests(), []
    id = pending.add(ECHO, got.append, got.append)

    error = pending.resolve(id, CONFIRM, True)

    assert error is not None
    assert error.expected == "echo"
    assert pending.resolve(id, ECHO, "a") is None
    assert got == ["a"]


def test_answers_to_discarded_requests_are_ignored():
    pending, got = PendingRequests(), []
    id = pending.add(ECHO, got.append, got.append)
    pending.discard(id)

    assert pending.resolve(id, ECHO, "late") is None
    assert not pending.reject(id, ErrorData(code="internal", message=""))
    assert not pending.reject(None, ErrorData(code="internal", message=""))
    assert got == []


def test_all_requests_fail_when_the_connection_closes():
    pending, got = PendingRequests(), []
    for _ in range(2):
        pending.add(ECHO, got.append, got.append)

    pending.fail_all(ConnectionClosed(1001, None))

    assert ["the connection closed with code 1001"] * 2 == [str(error) for error in got]
    assert len(pending) == 0
