"""Records in arrays with unique items."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codegen import model

from ..support.generated import payload, read

ITEM = {"type": "object", "properties": {"a": {"type": "integer", "default": 1}}}
ARRAY = {"type": "array", "items": ITEM, "uniqueItems": True}


def item(path: Path, schema: Any) -> model.Record:
    (endpoint,) = read(path, {"test.json": payload(schema)})
    (record,) = (
        one for one in endpoint.definitions if isinstance(one, model.Record) and [f.name for f in one.fields] == ["a"]
    )
    return record


@pytest.mark.parametrize(
    "schema",
    [
        ARRAY,
        {**ARRAY, "items": {"type": "array", "items": ITEM}},
        {**ARRAY, "items": {"type": "object", "additionalProperties": ITEM}},
        {**ARRAY, "items": {"type": "object", "properties": {"b": ITEM}}},
        {**ARRAY, "items": {"oneOf": [ITEM, {"type": "null"}]}},
        {"type": "array", "prefixItems": [ITEM, True], "items": False, "uniqueItems": True},
    ],
)
def test_items_that_must_differ_keep_undeclared_properties(tmp_path: Path, schema: Any) -> None:
    record = item(tmp_path, schema)

    assert (True, 1) == (record.keeps, record.fields[0].default)


def test_other_items_drop_undeclared_properties(tmp_path: Path) -> None:
    record = item(tmp_path, {**ARRAY, "uniqueItems": False})

    assert (False, 1) == (record.keeps, record.fields[0].default)
