"""Defaults of fields that their own schemas accept."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from tornado_ws.validation.schema_validator import SchemaValidator

from .. import model
from ..source.document import Json
from .schema_index import SchemaNode
from .single_resource import single_resource

__all__ = ["with_valid_defaults"]


def with_valid_defaults(
    definitions: Iterable[model.Definition],
    schemas: Mapping[tuple[str, str], Sequence[SchemaNode]],
    bundle: Mapping[str, Json],
    *,
    formats: bool,
) -> tuple[model.Definition, ...]:
    """Return ``definitions`` without defaults that the validator of the server rejects.

    Args:
        definitions: All named types.
        schemas: Schemas of each field with a default, by the names of record and field.
        bundle: Document with all schemas.
        formats: True if ``format`` is asserted.
    """
    if not schemas:
        return tuple(definitions)
    validator = SchemaValidator(json.dumps(single_resource(bundle)), formats=formats)

    def is_valid(record: model.Record, field: model.Field) -> bool:
        nodes = schemas[record.name, field.name]
        # a dynamic scope may change the target of a reference
        return all(not node.scope and validator.predicate(node.pointer)(field.default) for node in nodes)

    def checked(record: model.Record, field: model.Field) -> model.Field:
        has_default = field.default is not model.NO_DEFAULT
        return replace(field, default=model.NO_DEFAULT) if has_default and not is_valid(record, field) else field

    return tuple(
        replace(one, fields=tuple(checked(one, field) for field in one.fields))
        if isinstance(one, model.Record)
        else one
        for one in definitions
    )
