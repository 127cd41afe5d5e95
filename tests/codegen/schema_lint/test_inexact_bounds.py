"""Bounds that JavaScript rounds."""

from __future__ import annotations

import json
from operator import ge, gt, le, lt
from pathlib import Path
from typing import Any

import pytest

from codegen.model import Options
from codegen.schema_lint import check
from codegen.schema_lint.inexact_bounds import inexact_bound
from codegen.source.load import load

from ..support.generated import payload

EXACT = {"minimum": ge, "maximum": le, "exclusiveMinimum": gt, "exclusiveMaximum": lt}
AROUND = (0, 2**53, 2**54, 2**55, 2**63, 2**64, 10**21, 10**30)
BOUNDS = [sign * start + step for start in AROUND for sign in (1, -1) for step in range(-9, 10)]


@pytest.mark.parametrize("keyword", EXACT)
def test_exactly_the_bounds_with_rounded_neighbors_are_reported(keyword: str) -> None:
    """Compare the results for rounded doubles with those for exact integers."""
    accepts = EXACT[keyword]

    for bound in BOUNDS:
        near = range(bound - 3, bound + 4)
        differs = any(accepts(one, bound) is not accepts(float(one), float(bound)) for one in near)
        assert (differs or float(bound) != bound) is any(inexact_bound({keyword: bound})), bound


@pytest.mark.parametrize(
    "schema",
    [
        {"maximum": 9007199254740991},
        {"minimum": 9007199254740992},
        {"exclusiveMaximum": 9007199254740992},
        {"minimum": 0.1, "maximum": 4503599627370496.5},
        {"maxLength": 2**63 - 1},
    ],
)
def test_exact_bound_has_no_warning(schema: dict[str, float]) -> None:
    assert [] == list(inexact_bound(schema))


@pytest.mark.parametrize(("type_", "warned"), [("integer", False), (["integer", "null"], False), ("number", True)])
def test_integer_that_is_a_bigint_has_no_warning(tmp_path: Path, type_: Any, warned: bool) -> None:
    schema = {"type": type_, "maximum": 2**63 - 1}
    (tmp_path / "it.json").write_text(json.dumps(payload(schema)))
    (document,) = load(tmp_path).documents

    found = [problem.code for problem in check(document, Options(bigint=True))]

    assert found == ["inexact_bound"] * warned
