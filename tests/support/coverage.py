"""Fixture for tests without a measurement of coverage."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator

import pytest

__all__ = ["unmeasured"]

SETTINGS = "COVERAGE_PROCESS_CONFIG"
"""Variable by which coverage measures other processes."""


@pytest.fixture
def unmeasured(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Pause the measurement of coverage, in this process and in those that the test starts.

    It doubles the time of Python functions. Tests with many examples and tests of times add no line to it.
    """
    if SETTINGS not in os.environ:
        yield
        return
    monkeypatch.delenv(SETTINGS)
    tracers = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)
    yield
    sys.settrace(tracers[0])
    threading.settrace(tracers[1])
