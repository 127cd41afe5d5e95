"""Meta-schema of endpoints for editors, which complete and check the schemas of payloads too."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from ..model.text_formats import TEXT_FORMATS
from .metaschema import meta_schema

__all__ = ["editor_schema"]

PACKAGE = "jsonschema_specifications"
"""Package with the meta-schemas of JSON Schema; `jsonschema` depends on it."""
VOCABULARIES = ("core", "applicator", "unevaluated", "validation", "meta-data", "format-annotation", "content")
UNUSUAL = ("$schema", "$vocabulary")
"""Keywords that no schema inside an endpoint has."""
SCHEMA = "#/$defs/schema"


def editor_schema() -> str:
    """Return the text of our meta-schema, with the keywords of JSON Schema 2020-12 for all schemas in an endpoint.

    Editors do not evaluate ``$dynamicRef``, and may not load a schema from the network: all references are local.
    """
    document = json.loads(meta_schema())
    keywords: dict[str, Any] = {}
    for name in VOCABULARIES:
        vocabulary = json.loads(
            files(PACKAGE).joinpath("schemas/draft202012/vocabularies", name).read_text(encoding="utf-8")
        )
        keywords |= {
            # VS Code completes no keyword whose schema is true.
            keyword: {} if schema is True else _with_local_references(schema, vocabulary.get("$defs", {}))
            for keyword, schema in vocabulary["properties"].items()
            if keyword not in UNUSUAL
        }
    keywords["format"] |= {"examples": sorted(TEXT_FORMATS)}
    document["$defs"]["schema"] |= {"properties": keywords}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _with_local_references(schema: Any, definitions: dict[str, Any]) -> Any:  # any JSON value
    """Return a schema of a vocabulary without references to the vocabulary; those to any schema refer to ours."""
    if isinstance(schema, list):
        return [_with_local_references(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {
        keyword: _with_local_references(value, definitions)
        for keyword, value in schema.items()
        if keyword not in ("$ref", "$dynamicRef", "$comment")
    }
    if "$dynamicRef" in schema:
        return {"$ref": SCHEMA, **found}
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        return {**_with_local_references(definitions[name], definitions), **found}
    return found
