"""Names of unions without a definition."""

from __future__ import annotations

import re
from pathlib import Path

from ...support.generated import payload
from ...support.package import write

LISTS = [{"type": "array", "items": {"type": "string"}}, {"type": "array", "items": {"type": "integer"}}]


def test_names_of_inline_unions_follow_those_of_classes(tmp_path: Path) -> None:
    definitions = {
        "Rows": {"type": "array", "items": {"anyOf": LISTS}},
        "Pair": {
            "type": "array",
            "prefixItems": [{"type": "string"}, {"anyOf": [*LISTS, {"type": "null"}]}],
            "minItems": 2,
            "items": False,
        },
        "Map": {"type": "object", "properties": {"of": {"oneOf": [*LISTS, {"type": "boolean"}]}}},
        "MapOf": {"type": "object", "properties": {"parts": {"type": "string"}}},
    }

    text = write(tmp_path, {"test.json": payload(True, **{"$defs": definitions})})["test"].read_text(encoding="utf-8")

    found = re.findall(r"^    (\w+): typing.TypeAlias", text, re.MULTILINE)
    assert ["MapOfUnion", "PairSecond", "RowsItem"] == sorted(found)
