"""Objects whose property names are an enumeration: typed keys, and the verdict of the schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from codegen.emit.python import Models
from tornado_ws.validation.codec import Codec

from ..support.generated import issues, payload
from ..support.package import accepts, endpoint, module, typecheck, write

PRICES: Any = {
    "type": "object",
    "propertyNames": {"$ref": "#/$defs/Currency"},
    "additionalProperties": {"type": "number"},
    "minProperties": 1,
}
DEFINITIONS = {"Currency": {"enum": ["EUR", "USD"]}}
DOCUMENT = payload({"type": "object", "properties": {"prices": PRICES}}, **{"$defs": DEFINITIONS})
VALUES: list[tuple[Any, bool]] = [
    ({"prices": {"EUR": 1}}, True),
    ({"prices": {"EUR": 1, "USD": 2.5}}, True),
    ({"prices": {"GBP": 1}}, False),
    ({"prices": {"EUR": "1"}}, False),
    ({"prices": {}}, False),
]


@pytest.mark.parametrize("models", ["msgspec", "pydantic"])
def test_keys_are_the_names_of_the_schema(tmp_path: Path, models: Models) -> None:
    made = module(tmp_path, {"test.json": DOCUMENT}, models=models)
    codec = Codec(endpoint(made), side="client")

    assert [expected for _, expected in VALUES] == [accepts(codec, value) for value, _ in VALUES]
    got = codec.decode('{"type": "it", "data": {"prices": {"EUR": 1}}}').data
    assert {"prices": {"EUR": 1}} == json.loads(Codec(endpoint(made)).encode(got))["data"]


def test_page_has_the_same_verdicts(tmp_path: Path) -> None:
    found = issues(
        tmp_path,
        DOCUMENT["serverMessages"]["it"]["payload"],
        [json.dumps(value) for value, _ in VALUES],
        **{"$defs": DEFINITIONS},
    )

    assert [expected for _, expected in VALUES] == [issue is None for issue in found]


@pytest.mark.parametrize("models", ["msgspec", "pydantic"])
def test_type_checker_knows_the_keys(tmp_path: Path, models: Models) -> None:
    (path,) = write(tmp_path, {"test.json": DOCUMENT}, models=models).values()

    assert "dict[Currency, " in path.read_text(encoding="utf-8")
    typecheck(path)
