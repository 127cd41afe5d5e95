from __future__ import annotations

import asyncio

import pytest

from tests.support.lab import Lab
from tornado_ws.errors import ErrorData
from tornado_ws.testing.inbox import CloseInfo, Inbox

NOTE, SAID = ({message.name: message for message in Lab.endpoint.server}[name] for name in ("note", "said"))


@pytest.mark.gen_test
async def test_messages_of_one_type_are_taken_in_order():
    inbox = Inbox()
    for message, value in ((NOTE, "first"), (SAID, "other"), (NOTE, "second")):
        inbox.put_message(message, value)

    assert "first" == await inbox.take_message(NOTE, 0.1)
    assert "second" == await inbox.take_message(NOTE, 0.1)
    assert "other" == await inbox.take_message(SAID, 0.1)
    inbox.expect_empty()


@pytest.mark.gen_test
async def test_waiting_ends_when_a_message_arrives():
    inbox = Inbox()
    waiting = asyncio.create_task(inbox.take_message(NOTE, 10))
    await asyncio.sleep(0)

    inbox.put_message(NOTE, "late")
    await inbox.notify()

    assert "late" == await waiting


@pytest.mark.gen_test
async def test_close_ends_waiting_for_a_message_but_not_for_the_close():
    inbox = Inbox()
    inbox.closed = CloseInfo(code=4001, reason="enough")

    with pytest.raises(AssertionError, match=r"^expected note, got close 4001 \(enough\)$"):
        await inbox.take_message(NOTE, 10)
    assert inbox.closed == await inbox.wait_closed(4001, 0.1)
    with pytest.raises(AssertionError, match=r"^expected close code 1000, got 4001 \(enough\)$"):
        await inbox.wait_closed(1000, 0.1)


@pytest.mark.gen_test
async def test_failures_list_everything_received():
    inbox = Inbox()
    inbox.put_message(NOTE, "a")
    inbox.put_error(ErrorData(code="internal", message="x"))

    with pytest.raises(AssertionError, match=r"^expected said within 0\.01 s, got note, \$error \(internal: x\)$"):
        await inbox.take_message(SAID, 0.01)
    with pytest.raises(AssertionError, match=r"^expected nothing, got note, \$error \(internal: x\)$"):
        inbox.expect_empty()
    with pytest.raises(AssertionError, match=r"^expected \$error timeout, got internal: x$"):
        await inbox.take_error("timeout", 0.1)


@pytest.mark.gen_test
async def test_failure_without_messages_reports_nothing():
    with pytest.raises(AssertionError, match=r"^expected \$error within 0\.01 s, got nothing$"):
        await Inbox().take_error(None, 0.01)
