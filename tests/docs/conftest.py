"""What the tests of the pages share."""

from tests.chromium import browser

__all__ = ["browser"]
