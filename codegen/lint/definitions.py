"""Resolution of references in the model."""

from __future__ import annotations

from collections.abc import Mapping

from .. import model

__all__ = ["Definitions", "definitions_of", "follow"]

Definitions = Mapping[str, model.Definition]
"""Definitions by name."""


def definitions_of(endpoint: model.Endpoint) -> Definitions:
    """Return the definitions of an endpoint, by name."""
    return {definition.name: definition for definition in endpoint.definitions}


def follow(type_: model.Type, definitions: Definitions) -> model.Type | model.Record:
    """Return the type behind a chain of references."""
    while isinstance(type_, model.Ref):
        definition = definitions[type_.name]
        if isinstance(definition, model.Record):
            return definition
        type_ = definition.type
    return type_
