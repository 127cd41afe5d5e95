"""Fixtures of the tests of the documentation."""

from tests.support.chromium import browser

__all__ = ["browser"]
