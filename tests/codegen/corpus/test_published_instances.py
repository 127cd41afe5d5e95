"""Both languages, and both kinds of Python models, on instances of published schemas; `make soak` has many more."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from .comparison import UNKNOWN, Comparison
from .packages import Package, packages
from .published import published

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("unmeasured")]

COUNT = 40
"""Number of instances of each schema."""


@pytest.mark.parametrize("package", packages(), ids=lambda package: package.id)
def test_all_sides_have_the_verdicts_and_errors_of_the_validator(tmp_path: Path, package: Package) -> None:
    comparison = Comparison(tmp_path)
    rng = random.Random(package.id)
    for schema in published(package, most=3, largest=30_000):
        comparison.add(schema, COUNT, rng.choice(UNKNOWN))
        comparison.compare_client()

    assert [] == comparison.differences
