"""References that lead back to their own schema."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ..support.generated import payload
from ..support.models import codes, endpoint


@pytest.mark.parametrize(
    "definitions",
    [
        {"A": {"$ref": "#/$defs/A"}},
        {"A": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/B"}]}, "B": {"not": {"$ref": "#/$defs/A"}}},
        {"A": {"if": {"$ref": "#/$defs/A"}, "then": False}},
        {"A": {"dependentSchemas": {"x": {"$ref": "#/$defs/A"}}}},
    ],
)
def test_reference_that_does_not_go_deeper_is_a_problem(tmp_path: Path, definitions: Any) -> None:
    found = codes(tmp_path, payload({"$ref": "#/$defs/A"}, **{"$defs": definitions}))

    assert ("endless_reference", "/$defs/A") in found


def test_reference_that_goes_deeper_is_not_a_problem(tmp_path: Path) -> None:
    tree = {"type": "array", "items": {"$ref": "#/$defs/A"}, "contains": {"$ref": "#/$defs/A"}}

    endpoint(tmp_path, payload({"$ref": "#/$defs/A"}, **{"$defs": {"A": tree}}))
