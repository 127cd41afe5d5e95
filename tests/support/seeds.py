"""Seeds of random tests: half of them in ``make test``, all of them in ``make soak``."""

from __future__ import annotations

import os

__all__ = ["seeds"]


def seeds(start: int, stop: int) -> range:
    """Return the seeds from ``start`` to before ``stop``, or the first half of them."""
    return range(start, stop if os.environ.get("SOAK") else start + (stop - start + 1) // 2)
