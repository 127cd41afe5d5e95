"""Applicators for the properties of objects, and assertions about their names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from .references import Scope
from .schema_walk import Applicator, Evaluated, Fault, Walk

__all__ = ["OBJECT_APPLICATORS"]


def _required(walk: Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    if isinstance(value, dict):
        for name in schema["required"]:
            if name not in value:
                return "required", name
    return None


def _dependent_required(walk: Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    for name, required in schema["dependentRequired"].items() if isinstance(value, dict) else ():
        if name in value:
            for other in required:
                if other not in value:
                    return "dependentRequired", other
    return None


def _properties(walk: Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    if isinstance(value, dict):
        properties = schema["properties"]
        for name in _in_order(properties):
            if name in value:
                walk.steps.append(name)
                fault = walk.find(properties[name], value[name], "properties", scope)
                if fault is not None:
                    return fault
                walk.steps.pop()
                if evaluated is not None:
                    evaluated.add(name)
    return None


INDEX = re.compile("0|[1-9][0-9]{0,9}")
NO_INDEX = 2**32 - 1
"""Smallest integer that is not an array index (ECMAScript)."""


def _in_order(names: Iterable[str]) -> Iterable[str]:
    """Return names in the order of ECMAScript: array indices come first, in ascending order."""
    return sorted(names, key=_index) if any(map(str.isdigit, names)) else names


def _index(name: str) -> int:
    return int(name) if INDEX.fullmatch(name) and int(name) < NO_INDEX else NO_INDEX


def _pattern_properties(walk: Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    for pattern, subschema in schema["patternProperties"].items() if isinstance(value, dict) else ():
        names = list(filter(walk.predicate("pattern", pattern), _in_order(value)))
        fault = walk.find_unnamed(subschema, [value[name] for name in names], "patternProperties", scope, names)
        if fault is not None:
            return fault
        if evaluated is not None:
            evaluated.update(names)
    return None


def _additional_properties(walk: Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    if not isinstance(value, dict):
        return None
    properties = schema.get("properties", ())
    names = [name for name in value if name not in properties]
    for pattern in schema.get("patternProperties", ()) if names else ():
        matches = walk.predicate("pattern", pattern)
        names = [name for name in names if not matches(name)]
    names = list(_in_order(names))
    subschema, values = schema["additionalProperties"], [value[name] for name in names]
    fault = walk.find_unnamed(subschema, values, "additionalProperties", scope, names)
    if fault is None and evaluated is not None:
        evaluated.update(names)
    return fault


def _property_names(walk: Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    subschema = schema["propertyNames"]
    names = list(value) if isinstance(value, dict) else []
    for index in walk.candidates(subschema, names, scope):
        if not walk.accepts(subschema, names[index], scope):
            if walk.reported_steps is None:
                walk.unnamed = names[index]
            return "propertyNames", None
    return None


def _dependent_schemas(walk: Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    for name, subschema in schema["dependentSchemas"].items() if isinstance(value, dict) else ():
        if name in value:
            fault = walk.find(subschema, value, "dependentSchemas", scope, evaluated)
            if fault is not None:
                return fault
    return None


def _unevaluated_properties(walk: Walk, schema: Any, value: Any, scope: Scope, evaluated: Evaluated) -> Fault | None:
    if not isinstance(value, dict) or evaluated is None:
        return None
    names = [name for name in value if name not in evaluated]
    evaluated.update(value)
    rest = [value[name] for name in names]
    fault = walk.find_unnamed(schema["unevaluatedProperties"], rest, "unevaluatedProperties", scope, names)
    return None if fault is None else ("unevaluatedProperties", None)


OBJECT_APPLICATORS: Mapping[str, Applicator] = {
    "required": _required,
    "dependentRequired": _dependent_required,
    "properties": _properties,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "propertyNames": _property_names,
    "dependentSchemas": _dependent_schemas,
    "unevaluatedProperties": _unevaluated_properties,
}
