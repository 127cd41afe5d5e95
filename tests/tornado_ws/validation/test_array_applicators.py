"""First faults of the items of arrays."""

from __future__ import annotations

from typing import Any

import pytest

from .schema_documents import INTEGER, STRING, Place, first


@pytest.mark.parametrize(
    ("schema", "value", "place"),
    [
        ({"prefixItems": [INTEGER, STRING], "items": INTEGER}, [1, "a", "b"], ("/2", "type")),
        ({"prefixItems": [INTEGER, STRING]}, [1], None),
        ({"contains": INTEGER, "minContains": 2, "maxContains": 2}, [1, 2, ""], None),
        ({"contains": INTEGER, "minContains": 2, "maxContains": 2}, [1, 2, 3], ("", "maxContains")),
        ({"contains": INTEGER, "unevaluatedItems": STRING}, [1, "a"], None),
        ({"contains": INTEGER, "unevaluatedItems": STRING}, [1, None], ("", "unevaluatedItems")),
        ({"items": False, "contains": INTEGER}, {}, None),
    ],
    ids=str,
)
def test_place_is_the_item_or_the_array(schema: Any, value: Any, place: Place | None) -> None:
    assert place == first(schema, value)


@pytest.mark.parametrize("count", [3, 300])
def test_one_of_many_items_is_invalid(count: int) -> None:
    value: list[Any] = [*range(count)]

    assert first({"items": INTEGER}, value) is None
    assert first({"items": INTEGER}, [*value, "", 1]) == (f"/{count}", "type")
    assert first({"contains": STRING}, value) == ("", "contains")
