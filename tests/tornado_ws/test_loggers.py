from __future__ import annotations

import logging
import re

import pytest

from tornado_ws.loggers import (
    BACKPLANE,
    CONNECTION,
    HANDLER,
    HANDSHAKE,
    LOG_ATTRIBUTES,
    MAX_QUOTED,
    MESSAGE,
    SERVER,
    new_reference,
    quoted,
)


@pytest.mark.parametrize("logger", [HANDSHAKE, CONNECTION, MESSAGE, HANDLER, SERVER, BACKPLANE])
def test_every_record_has_all_attributes(logger: logging.Logger, caplog: pytest.LogCaptureFixture) -> None:
    logger.error("it failed", extra={"endpoint": "chat"})

    (record,) = caplog.records
    assert logging.getLogger("tornado_ws") is logger.parent
    assert "it failed chat None" == logging.Formatter("%(message)s %(endpoint)s %(user)s").format(record)
    assert {*LOG_ATTRIBUTES} <= record.__dict__.keys()


def test_attributes_are_not_those_of_logging() -> None:
    record = logging.LogRecord("", 0, "", 0, "", (), None)

    assert set() == {*LOG_ATTRIBUTES} & {*record.__dict__, "message", "asctime", "taskName"}


def test_references_are_short_and_differ() -> None:
    references = {new_reference() for _ in range(1000)}

    assert len(references) == 1000
    assert all(re.fullmatch("[a-z2-7]{8}", reference) for reference in references)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://a.example", '"https://a.example"'),
        ("Grüße, 世界", '"Grüße, 世界"'),
        ('a"b\\c', '"a\\"b\\\\c"'),
        ("a\r\nERROR forged\x1b[2J\u202e\ud800", r'"a\r\nERROR forged\x1b[2J\u202e\ud800"'),
        ("x" * (MAX_QUOTED + 1), f'"{"x" * MAX_QUOTED}…"'),
    ],
)
def test_quoted_text_of_a_client_is_one_short_line(text: str, expected: str) -> None:
    assert expected == quoted(text)
