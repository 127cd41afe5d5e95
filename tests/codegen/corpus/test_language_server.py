"""Meta-model of the Language Server Protocol, as a document of its published schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from codegen.pipeline import read
from codegen.settings.project_settings import read_settings
from tornado_ws.validation.codec import Codec

from ..support.package import emit, endpoint, run
from .packages import packages
from .published import PublishedSchema

TEXT = {"kind": "base", "name": "string"}
LOCATION = {"kind": "reference", "name": "Location"}
DIRECTION = "clientToServer"


def properties(*types: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"name": f"p{at}", "type": type_} for at, type_ in enumerate(types)]


def structure(name: str, *types: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "properties": properties(*types)}


META_MODEL = {
    "metaData": {"version": "3.18.0"},
    "requests": [{"method": "a/b", "typeName": "A", "messageDirection": DIRECTION, "result": TEXT, "params": LOCATION}],
    "notifications": [{"method": "a/c", "typeName": "C", "messageDirection": "both"}],
    "structures": [
        structure("Location", TEXT, LOCATION),
        structure(
            "Other",
            {"kind": "array", "element": LOCATION},
            {"kind": "map", "key": TEXT, "value": {"kind": "or", "items": [TEXT, LOCATION]}},
            {"kind": "tuple", "items": [TEXT]},
            {"kind": "literal", "value": {"properties": properties(TEXT)}},
            {"kind": "stringLiteral", "value": "x"},
        ),
    ],
    "enumerations": [{"name": "E", "type": TEXT, "values": [{"name": "one", "value": "1"}]}],
    "typeAliases": [{"name": "T", "type": {"kind": "or", "items": [LOCATION, TEXT]}}],
}


def test_meta_model_is_decoded_into_the_classes_of_its_definitions(tmp_path: Path) -> None:
    (package,) = (one for one in packages() if one.name == "vscode-languageserver-protocol")
    PublishedSchema(package, "metaModel.schema.json").write(tmp_path)
    (described,) = read(read_settings(tmp_path)).endpoints
    codec = Codec(endpoint(run(emit(tmp_path / "generated", [described])["corpus_endpoint"])), side="client")

    frame = codec.decode(json.dumps({"type": "meta_model_message", "data": META_MODEL}))

    assert type(frame.data).__name__ == "MetaModel"
    location, other = frame.data.structures
    assert [type(field.type).__name__ for field in location.properties] == ["BaseType", "ReferenceType"]
    assert [type(field.type).__name__ for field in other.properties] == [
        "ArrayType",
        "MapType",
        "TupleType",
        "StructureLiteralType",
        "StringLiteralType",
    ]
