"""Check of the classes that stand in for generated ones, at start-up."""

from __future__ import annotations

from typing import Any

from ..endpoint import Endpoint
from ..errors import ConfigurationError
from .schema_validator import SchemaValidator

__all__ = ["require_equal_stand_ins"]

HINT = "change the class or the schema"


def require_equal_stand_ins(endpoint: Endpoint) -> None:
    """Check the classes of the application among the types of an endpoint.

    Raises:
        ConfigurationError: If a class rejects a valid instance of its schema, or writes it as invalid JSON.
    """
    if not endpoint.stand_ins:
        return
    validator = SchemaValidator(endpoint.schema, formats=endpoint.formats)

    def error(pointer: str, value: Any) -> str | None:
        first = validator.first_error(pointer, value)
        return None if first is None else f"invalid at {first.pointer or 'its root'}: {first.message}"

    for stand_in in endpoint.stand_ins:
        difference = stand_in.difference(validator.nested_verdicts, error)
        if difference is not None:
            raise ConfigurationError(endpoint.name, difference, HINT)
