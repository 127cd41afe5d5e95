"""Definitions of endpoints by name."""

from __future__ import annotations

from collections.abc import Mapping

from .. import model

__all__ = ["Definitions", "definitions_of"]

Definitions = Mapping[str, model.Definition]
"""Definitions by name."""


def definitions_of(endpoint: model.Endpoint) -> Definitions:
    """Return the definitions of an endpoint, by name."""
    return {definition.name: definition for definition in endpoint.definitions}
