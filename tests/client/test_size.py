"""Size of the client."""

from __future__ import annotations

import pytest

from bench.client_size import LIMIT, measure


@pytest.mark.slow
def test_client_of_the_demo_with_its_validators_is_small() -> None:
    assert measure()["client"]["gzip"] < LIMIT
