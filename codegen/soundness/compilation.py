"""Compilation of the schemas of an endpoint with the validator of the server, which must not fail at start-up."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from tornado_ws.validation.schema_validator import SchemaValidator

from .. import model
from ..source.diagnostics import Problem
from ..source.document import Json

__all__ = ["compilation_problems"]

HINT = "an error in codegen, unless the server rejects the schema for its size; please report it with the file"


def compilation_problems(endpoint: model.Endpoint, schema: Mapping[str, Json]) -> Iterator[Problem]:
    """Yield a problem for each payload whose schema the validator cannot compile.

    Args:
        endpoint: Endpoint with the payloads.
        schema: Its schema document for the server.
    """
    pointers = list(dict.fromkeys(payload.pointer for payload in endpoint.payloads))
    text = json.dumps(schema)
    if _error(text, pointers, formats=endpoint.options.formats) is None:  # compiles shared definitions once
        return
    for pointer in pointers:
        error = _error(text, [pointer], formats=endpoint.options.formats)
        if error is not None:
            location = endpoint.source_locations[pointer]()
            yield Problem(
                file=location.file,
                line=location.line,
                column=location.column,
                pointer=location.pointer,
                code="internal_error",
                message="the schema validator cannot compile the schema",
                got=str(error).partition("\n")[0],
                hint=HINT,
            )


def _error(schema: str, pointers: Iterable[str], *, formats: bool) -> Exception | None:
    try:
        SchemaValidator(schema, formats=formats).prepare(pointers)
    except Exception as error:
        return error
    return None
