from __future__ import annotations

import asyncio
import logging

import pytest

from tests.support.clock import Clock
from tornado_ws.loggers import HANDLER
from tornado_ws.rate_limited_log import LINES_PER_SECOND, RateLimitedLog


def test_lines_above_the_rate_are_counted_in_one_line(caplog):
    clock = Clock()
    log = RateLimitedLog(clock)
    for number in range(1000):
        log.log(HANDLER, logging.WARNING, "too slow", "client %d is too slow", number)
    clock.now += 1.0

    log.log(HANDLER, logging.WARNING, "too slow", "client %s is too slow", "next")

    assert caplog.messages == [
        *(f"client {number} is too slow" for number in range(LINES_PER_SECOND)),
        f"suppressed {1000 - LINES_PER_SECOND} more lines within a second: too slow",
        "client next is too slow",
    ]


def test_each_kind_has_its_own_rate(caplog):
    log = RateLimitedLog(Clock())
    for _ in range(100):
        log.log(HANDLER, logging.WARNING, "too slow", "too slow")
    log.log(HANDLER, logging.WARNING, "refused", "refused")

    assert len(caplog.messages) == LINES_PER_SECOND + 1


def test_lines_at_the_rate_are_logged_without_a_summary(caplog):
    clock = Clock()
    log = RateLimitedLog(clock)
    for _ in range(10 * LINES_PER_SECOND):
        log.log(HANDLER, logging.WARNING, "refused", "refused")
        clock.now += 1 / LINES_PER_SECOND

    assert {"refused"} == {*caplog.messages}
    assert len(caplog.messages) == 10 * LINES_PER_SECOND


@pytest.mark.gen_test
async def test_number_of_suppressed_lines_is_logged_without_a_further_line(caplog):
    now = 0.0
    log = RateLimitedLog(lambda: now)
    for _ in range(LINES_PER_SECOND):
        log.log(HANDLER, logging.WARNING, "refused", "refused")
    now = 0.999
    log.log(HANDLER, logging.WARNING, "refused", "refused")

    async with asyncio.timeout(5):
        while "suppressed 1 more lines within a second: refused" not in caplog.messages:  # noqa: ASYNC110
            await asyncio.sleep(0.001)


def test_traceback_follows_the_line(caplog):
    try:
        raise ValueError("wrong")
    except ValueError as error:
        RateLimitedLog().log(HANDLER, logging.ERROR, "handler", "a method raised", error=error)

    assert "ValueError: wrong" in caplog.text
