"""Size of the client."""

from __future__ import annotations

import pytest

from bench.client_size import BAR, measure


@pytest.mark.slow
def test_client_of_the_demo_is_below_its_size_limit() -> None:
    assert measure()["client"]["gzip"] < BAR
