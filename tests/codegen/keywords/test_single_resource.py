"""Bundles with one schema resource."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from codegen.keywords.single_resource import single_resource
from codegen.pipeline import plan
from codegen.settings.project_settings import read_settings

INNER = "https://tornado-ws.invalid/common.json"


def bundle(**definitions: Any) -> dict[str, Any]:
    return {"$id": "https://tornado-ws.invalid/chat.json", "$defs": definitions}


def test_references_between_resources_become_pointers_into_one_resource() -> None:
    text = {"$anchor": "text", "$dynamicAnchor": "dynamic", "type": "string"}
    inner = {"$id": INNER, "$defs": {"Text": text, "Self": {"$ref": "#/$defs/Text"}, "Root": {"$ref": "#"}}}
    outer = {name: {"$ref": f"common.json{name}"} for name in ("#text", "#dynamic", "#/$defs/Text", "", "#")}

    found = single_resource(bundle(**{INNER: inner}, **outer, Home={"$ref": "#"}))

    root = f"#/$defs/{INNER.replace('/', '~1')}"
    pointer = {"$ref": f"{root}/$defs/Text"}
    merged = {"$defs": {"Text": {"type": "string"}, "Self": pointer, "Root": {"$ref": root}}}
    pointers = {name: {"$ref": root} if name in ("", "#") else pointer for name in outer}
    assert bundle(**{INNER: merged}, **pointers, Home={"$ref": "#"}) == found


def test_pointer_into_an_embedded_resource_becomes_its_address_if_references_are_dynamic() -> None:
    definitions = {
        "Line": {"$ref": f"#/$defs/{INNER.replace('/', '~1')}/$defs/Text"},
        INNER: {"$id": INNER, "$defs": {"Text": {"$dynamicRef": "#text"}, "Other": {"$dynamicAnchor": "text"}}},
    }

    found = single_resource(bundle(**definitions))

    assert {"$ref": f"{INNER}#/$defs/Text"} == found["$defs"]["Line"]


def test_bundle_is_not_changed() -> None:
    original = bundle(**{INNER: {"$id": INNER}}, Line={"$ref": INNER})

    single_resource(original)

    assert bundle(**{INNER: {"$id": INNER}}, Line={"$ref": INNER}) == original


def test_files_that_refer_to_each_other_are_compiled_in_linear_time(tmp_path: Path) -> None:
    names = [f"file{number}.json" for number in range(12)]
    properties = {
        f"p{number}": {"$ref": f"https://example.com/{name}", "default": {}} for number, name in enumerate(names)
    }
    endpoint = {"kind": "ephemeral", "serverMessages": {"it": {"payload": {"$ref": names[0]}}}}
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas/test.json").write_text(json.dumps(endpoint))
    for name in names:
        address = f"https://example.com/{name}"
        schema = {
            "$id": address,
            "type": "object",
            "properties": properties,
            "minProperties": 1,
            "examples": [{"p1": {}}],
        }
        (tmp_path / "schemas" / name).write_text(json.dumps(schema))

    before = time.process_time()
    plan(read_settings(tmp_path))

    assert time.process_time() - before < 5
