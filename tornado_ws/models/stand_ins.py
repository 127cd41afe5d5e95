"""Comparison of an application's model with the schema that it stands in for."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pydantic

from ..endpoint import Verdicts
from .unions import Conversion

__all__ = ["StandIn"]


@dataclass(frozen=True)
class StandIn:
    """Pydantic model of an application, with valid instances of the schema that it stands in for."""

    type: Any
    """The model; any object, since the application defines it."""
    schema: str
    """JSON Pointer to the schema."""
    instances: str
    """JSON object with a list of valid instances for each pointer."""

    def difference(self, new_verdicts: Callable[[], Verdicts], error: Callable[[str, Any], str | None]) -> str | None:
        """Return the first difference between model and schema; None if the model represents all instances.

        Args:
            new_verdicts: Function that returns the verdicts on the parts of one value.
            error: Function that returns the first error of a value by the schema at a JSON Pointer, with its place.
        """
        model = self.type
        if not (isinstance(model, type) and issubclass(model, pydantic.BaseModel)):
            return f"expected a Pydantic model, got {model!r}"
        name = f"{model.__module__}.{model.__qualname__}"
        for position, plain in enumerate(json.loads(self.instances)[self.schema]):
            text = json.dumps(plain)
            try:
                model.model_rebuild()
                value = model.__pydantic_validator__.validate_python(
                    plain, by_alias=True, by_name=False, context=Conversion(new_verdicts)
                )
            except pydantic.ValidationError as rejection:
                first, *_ = rejection.errors(include_url=False, include_context=False)
                place = "".join(f"/{part}" for part in first["loc"])
                return f"{name} rejects the valid instance {position} {text} at {place or 'its root'}: {first['msg']}"
            try:
                dumped = value.model_dump_json(by_alias=True, exclude_unset=True, warnings="error")
            except ValueError as failure:
                return f"{name} cannot write the valid instance {position} {text}: {failure}"
            invalid = error(self.schema, json.loads(dumped))
            if invalid is not None:
                return f"{name} writes the valid instance {position} {text} as {dumped}, {invalid}"
        return None
