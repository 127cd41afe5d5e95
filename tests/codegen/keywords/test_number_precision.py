"""Numbers that JavaScript rounds."""

from __future__ import annotations

from operator import ge, gt, le, lt
from pathlib import Path
from typing import Any

import pytest

from ..support.generated import payload
from ..support.models import codes, endpoint


@pytest.mark.parametrize(
    ("schema", "pointer"),
    [
        ({"maximum": 2**53}, "/maximum"),
        ({"maximum": 2**63 - 1}, "/maximum"),
        ({"minimum": -(2**63)}, "/minimum"),
        ({"exclusiveMinimum": 1e19}, "/exclusiveMinimum"),
        ({"exclusiveMaximum": 2**64}, "/exclusiveMaximum"),
        ({"multipleOf": 2**53}, "/multipleOf"),
        ({"const": 2**53 + 1}, "/const"),
        ({"enum": [1, 2**60 + 1, "a"]}, "/enum/1"),
        ({"const": {"a/b": [0, -(2**53) - 1]}}, "/const/a~1b/1"),
        ({"items": {"anyOf": [{"maximum": 1.7976931348623157e308}]}}, "/items/anyOf/0/maximum"),
    ],
)
def test_number_that_javascript_cannot_distinguish_is_a_problem(tmp_path: Path, schema: Any, pointer: str) -> None:
    assert [("inexact_number", f"/serverMessages/it/payload{pointer}")] == codes(tmp_path, payload(schema))


def test_only_numbers_with_different_verdicts_are_problems(tmp_path: Path) -> None:
    """Compare the verdicts of rounded doubles with those of exact integers."""
    exact = {"minimum": ge, "maximum": le, "exclusiveMinimum": gt, "exclusiveMaximum": lt}
    around = (0, 2**53, 2**54, 2**55, 2**63, 2**64, 10**21, 10**30)
    bounds = [sign * start + step for start in around for sign in (1, -1) for step in range(-9, 10)]
    properties = {f"{keyword} {bound}": {keyword: bound} for keyword in exact for bound in bounds}

    reported = {pointer.split("/")[5] for _, pointer in codes(tmp_path, payload({"properties": properties}))}

    differ = {
        f"{keyword} {bound}"
        for keyword, accepts in exact.items()
        for bound in bounds
        if any(accepts(near, bound) is not accepts(float(near), float(bound)) for near in range(bound - 3, bound + 4))
        or float(bound) != bound
    }
    assert differ == reported
    assert {"maximum 9007199254740991", "minimum 9007199254740992", "exclusiveMaximum 9007199254740992"}.isdisjoint(
        differ
    )


@pytest.mark.parametrize(
    "schema",
    [
        {"const": 2**53},
        {"enum": [1e300, 2**63, True, 0.1]},
        {"maxLength": 2**63 - 1, "maxItems": 2**63 - 1, "contains": True, "maxContains": 2**60 + 1},
        {"minimum": 0.1, "maximum": 4503599627370496.5, "multipleOf": 1e-8},
        {"default": 2**60 + 1, "examples": [2**60 + 1], "maximum": 2**53 - 1},
        {"unknown": {"maximum": 2**63}},
    ],
)
def test_exact_or_unused_number_is_not_a_problem(tmp_path: Path, schema: Any) -> None:
    endpoint(tmp_path, payload(schema))
