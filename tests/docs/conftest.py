"""What the tests of the pages share."""

from tests.support.chromium import browser

__all__ = ["browser"]
