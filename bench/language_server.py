"""Types of the Language Server Protocol as JSON Schema, from a meta-model that is optional and next to the project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

__all__ = ["META_MODEL", "document"]

META_MODEL = Path(__file__).parents[2] / "shared/corpus/lsp-metaModel.json"
BASE: dict[str, dict[str, Any]] = {
    "boolean": {"type": "boolean"},
    "decimal": {"type": "number"},
    "integer": {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1},
    "null": {"type": "null"},
    "uinteger": {"type": "integer", "minimum": 0, "maximum": 2**31 - 1},
}


def document() -> dict[str, Any]:
    """Return a document with every structure, enumeration and alias of the protocol under ``$defs``."""
    model = json.loads(META_MODEL.read_text(encoding="utf-8"))
    structures = {structure["name"]: structure for structure in model["structures"]}
    definitions = {name: _object(_properties(structure, structures)) for name, structure in structures.items()}
    for enumeration in model["enumerations"]:
        values = {"enum": [value["value"] for value in enumeration["values"]]}
        is_open = enumeration.get("supportsCustomValues")
        definitions[enumeration["name"]] = _schema(enumeration["type"]) if is_open else values
    definitions |= {alias["name"]: _schema(alias["type"]) for alias in model["typeAliases"]}
    return {"$id": "https://example.org/lsp.json", "$defs": definitions}


def _properties(structure: dict[str, Any], structures: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for base in (*structure.get("extends", ()), *structure.get("mixins", ())):
        found |= _properties(structures[base["name"]], structures)
    return found | {property_["name"]: property_ for property_ in structure["properties"]}


def _object(properties: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {name: _schema(property_["type"]) for name, property_ in properties.items()},
        "required": [name for name, property_ in properties.items() if not property_.get("optional")],
    }


def _schema(type_: dict[str, Any]) -> dict[str, Any]:
    match type_["kind"]:
        case "base":
            return BASE.get(type_["name"], {"type": "string"})
        case "reference":
            return {"$ref": f"#/$defs/{type_['name']}"}
        case "array":
            return {"type": "array", "items": _schema(type_["element"])}
        case "map":
            return {"type": "object", "additionalProperties": _schema(type_["value"])}
        case "or":
            return {"anyOf": [_schema(member) for member in type_["items"]]}
        case "and":
            return {"allOf": [_schema(member) for member in type_["items"]]}
        case "tuple":
            items = [_schema(member) for member in type_["items"]]
            return {"type": "array", "prefixItems": items, "minItems": len(items), "items": False}
        case "stringLiteral":
            return {"const": type_["value"]}
        case _:
            return _object({property_["name"]: property_ for property_ in type_["value"]["properties"]})
