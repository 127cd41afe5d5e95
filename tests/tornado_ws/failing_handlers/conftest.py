"""Fixtures of the tests of handlers that fail."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from tests.tornado_ws.failing_handlers.faults import kept


@pytest.fixture
def unhandled(io_loop: Any) -> list[dict[str, Any]]:
    """Return the list of errors that asyncio reports."""
    reported: list[dict[str, Any]] = []
    asyncio.get_event_loop_policy().get_event_loop().set_exception_handler(lambda _, context: reported.append(context))
    return reported


@pytest.fixture(autouse=True)
def forget_kept_objects() -> Iterator[None]:
    yield
    kept.clear()
