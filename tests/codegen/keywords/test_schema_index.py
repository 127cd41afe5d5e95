"""References between the schemas of a bundle."""

from __future__ import annotations

from pathlib import Path

from codegen import model

from ..support.generated import payload, read
from ..support.models import STRING


def test_dynamic_reference_leads_to_the_outermost_anchor(tmp_path: Path) -> None:
    generic = {
        "$id": "list",
        "$defs": {"item": {"$dynamicAnchor": "item"}},
        "type": "array",
        "items": {"$dynamicRef": "#item"},
    }
    strings = {"$id": "strings", "$ref": "list", "$defs": {"item": {"$dynamicAnchor": "item", "type": "string"}}}

    files = {"test.json": payload({"$ref": "strings"}), "a.json": generic, "b.json": strings}
    (endpoint,) = read(tmp_path, files)

    types = {one.name: one.type for one in endpoint.definitions if isinstance(one, model.Alias)}
    assert {"List": model.Array(item=model.Ref(name="StringsItem")), "StringsItem": STRING} == types
