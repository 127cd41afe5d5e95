"""Numbers that JavaScript rounds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codegen.source.diagnostics import SchemaProblems

from ..support.generated import payload, read
from ..support.models import codes, endpoint


@pytest.mark.parametrize(
    ("schema", "pointer"),
    [
        ({"multipleOf": 2**53}, "/multipleOf"),
        ({"const": 2**53 + 1}, "/const"),
        ({"enum": [1, 2**60 + 1, "a"]}, "/enum/1"),
        ({"const": {"a/b": [0, -(2**53) - 1]}}, "/const/a~1b/1"),
    ],
)
def test_number_that_javascript_cannot_distinguish_is_a_problem(tmp_path: Path, schema: Any, pointer: str) -> None:
    assert [("inexact_number", f"/serverMessages/it/payload{pointer}")] == codes(tmp_path, payload(schema))


@pytest.mark.parametrize(
    "schema",
    [
        {"const": 2**53},
        {"enum": [1e300, 2**63, True, 0.1]},
        {"maxLength": 2**63 - 1, "maxItems": 2**63 - 1, "contains": True, "maxContains": 2**60 + 1},
        {"minimum": 0.1, "maximum": 4503599627370496.5, "multipleOf": 1e-8},
        {"default": 2**60 + 1, "examples": [2**60 + 1], "maximum": 2**53 - 1},
        {"maximum": 2**63 - 1, "minimum": -(2**63)},
    ],
)
def test_exact_or_unused_number_is_not_a_problem(tmp_path: Path, schema: Any) -> None:
    endpoint(tmp_path, payload(schema))


@pytest.mark.parametrize("schema", [{"multipleOf": 2**53}, {"const": 2**53 + 1}, {"enum": [1, 2**60 + 1, "a"]}])
def test_integer_is_not_a_problem_if_the_page_has_it_as_a_bigint(tmp_path: Path, schema: Any) -> None:
    (found,) = read(tmp_path, {"test.json": payload(schema)}, bigint=True)

    assert found.bigint


def test_constant_inside_of_a_list_is_a_problem_even_with_bigint(tmp_path: Path) -> None:
    with pytest.raises(SchemaProblems, match="inexact_number"):
        read(tmp_path, {"test.json": payload({"enum": [[2**53 + 1]]})}, bigint=True)
