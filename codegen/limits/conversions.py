"""Times of the conversions that msgspec leaves to functions in Python."""

from __future__ import annotations

from collections.abc import Sequence

from .. import model

__all__ = ["HOOK", "converted_in_python"]

HOOK = 1_800
"""Time of a Python function that converts a value, in nanoseconds, divided by the number of passes."""
KEPT = 450
"""Time of a Python function that keeps undeclared properties of an object, divided likewise."""
CONVERTED = 900
"""Time of a Python function that also converts these properties, divided likewise."""


def converted_in_python(definitions: Sequence[model.Definition]) -> dict[str, float]:
    """Return the time of the conversions that msgspec leaves to Python, by name of the definition."""
    named = {definition.name: definition for definition in definitions}
    found: dict[str, float] = {}
    for definition in definitions:
        match definition:
            case model.Record(rest=None | model.Anything(), keeps=True):
                found[definition.name] = KEPT
            case model.Record(keeps=True):
                found[definition.name] = CONVERTED
            case model.Alias(type=type_) if definition.name in model.reachable_aliases(type_, named):
                found[definition.name] = HOOK
    return found
