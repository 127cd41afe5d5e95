"""References between the schemas of a bundle."""

from __future__ import annotations

from pathlib import Path

from codegen import model
from codegen.keywords.schema_index import SchemaIndex

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


def test_schema_reached_with_and_without_its_anchor_in_scope_is_one_node() -> None:
    tree = {"$dynamicAnchor": "node", "$id": "https://e.com/tree", "$defs": {"A": {}, "B": {"$dynamicRef": "#node"}}}
    files = {"https://e.com/tree": tree, "Start": {"$ref": "https://e.com/tree#/$defs/A"}}
    index = SchemaIndex({"$id": "https://e.com/", "$defs": files})

    outside = index.follow(index.node("/$defs/Start"), "$ref")
    inside = index.child(index.node("/$defs/https:~1~1e.com~1tree"), "$defs", "A")

    assert outside is inside
