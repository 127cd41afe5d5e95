"""Valid instances of the schemas for which classes of an application stand in."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from tornado_ws.validation.schema_validator import SchemaValidator

from .... import model
from ....regex.matching_text import matching_texts
from ....runtime_schema import server_schema
from ....source.diagnostics import Problem, SchemaProblems

__all__ = ["instances"]

MAX_INSTANCES = 40
"""Maximum number of instances of one schema."""
MAX_TEXT = 20_000
"""Maximum length of the JSON text of all instances of one schema; the first one may be longer."""
MAX_INNER = 6
"""Maximum number of values of one type inside an instance, unless it lists its values."""
MAX_LENGTH = 1000
"""Maximum length of texts and arrays."""
MAX_DEPTH = 2
"""Levels of optional properties and items."""
MAX_NESTED = 12
"""Levels of required properties."""
FORMATS = {
    "date": "2024-02-29",
    "date-time": "2024-02-29T12:30:00Z",
    "duration": "P1D",
    "email": "ann@example.org",
    "hostname": "example.org",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "time": "12:30:00Z",
    "uri": "https://example.org/a",
    "uuid": "123e4567-e89b-42d3-a456-426614174000",
}
"""Texts of common formats."""
ANYTHING: tuple[model.Json, ...] = ("text", 1, 1.5, True, None, [], {"name": "text"})
OTHER = "undeclared"
"""Name of an undeclared property."""


def instances(endpoint: model.Endpoint, records: Iterable[model.Record]) -> dict[str, list[model.Json]]:
    """Return valid instances of the schemas of records, by their JSON Pointers; the same in each run.

    They have only the required properties, or all of them; each property has each of several values.

    Raises:
        SchemaProblems: If no valid instance of a schema is found.
    """
    validator = SchemaValidator(json.dumps(server_schema(endpoint)), formats=endpoint.options.formats)
    values, found, problems = _Values(endpoint.definitions, validator.predicate), dict[str, list[model.Json]](), []
    for record in records:
        listed = found[record.pointer] = list(_limited(values.of_record(record)))
        if not listed:
            problems.append(_problem(endpoint, record))
    if problems:
        raise SchemaProblems(problems)
    return found


def _limited(values: Iterable[model.Json]) -> Iterator[model.Json]:
    length = 0
    for position, value in enumerate(islice(values, MAX_INSTANCES)):
        length += len(json.dumps(value))
        if position and length > MAX_TEXT:
            break
        yield value


def _problem(endpoint: model.Endpoint, record: model.Record) -> Problem:
    location = endpoint.source_locations[record.pointer]()
    return Problem(
        file=location.file,
        line=location.line,
        column=location.column,
        pointer=location.pointer,
        code="unchecked_python_model",
        message="no valid instance for the check of the Pydantic model",
        hint="add a valid value to `examples` of the schema",
    )


class _Values:
    """Values of types."""

    def __init__(
        self, definitions: Iterable[model.Definition], predicate: Callable[[str], Callable[[model.Json], bool]]
    ) -> None:
        self._definitions = {definition.name: definition for definition in definitions}
        self._predicate = predicate
        self._known: dict[tuple[str, int], list[model.Json]] = {}
        """Values by the name of a definition and their depth."""

    def of_record(self, record: model.Record, depth: int = 0) -> Iterator[model.Json]:
        """Yield valid objects without repetitions, first one with only the required properties."""
        is_valid, known = self._predicate(record.pointer), set[str]()
        for value in self._objects(record, depth, is_valid):
            text = json.dumps(value, sort_keys=True)
            if text not in known and is_valid(value):
                known.add(text)
                yield value

    def _objects(
        self, record: model.Record, depth: int, is_valid: Callable[[model.Json], bool]
    ) -> Iterator[model.Json]:
        if record.stand_in is not None:
            yield from record.stand_in.examples
        if depth > MAX_NESTED:
            return
        values = {field.name: self._of_type(field.type, depth + 1) for field in record.fields if field.required}
        if not all(values.values()):
            return
        least = {name: listed[0] for name, listed in values.items()}
        yield least
        if depth < MAX_DEPTH:
            values |= {
                field.name: self._of_type(field.type, depth + 1) for field in record.fields if not field.required
            }
        most = dict(least)
        for name, listed in values.items():
            added = ({**most, name: value} for value in listed if name not in most)
            most = next((candidate for candidate in added if is_valid(candidate)), most)
        yield most
        yield from ({**most, name: value} for name, listed in values.items() for value in listed)
        apart = values.keys() - most.keys()  # such as a property that excludes another one
        yield from ({**least, name: value} for name, listed in values.items() if name in apart for value in listed)
        if not record.closed and depth < MAX_DEPTH:
            others = self._of_type(record.rest or model.Anything(), depth + 1)
            yield from ({**most, OTHER: value} for value in others[:2])

    def _of_type(self, type_: model.Type, depth: int) -> list[model.Json]:
        """Return a few values of a type; the first one is the simplest."""
        if isinstance(type_, model.Enumeration):
            return list(type_.values[:MAX_INSTANCES])
        return list(islice(self._values(type_, depth), MAX_INNER))

    def _values(self, type_: model.Type, depth: int) -> Iterator[model.Json]:
        match type_:
            case model.Anything():
                yield from ANYTHING
            case model.Scalar():
                yield from _scalars(type_)
            case model.Enumeration():
                yield from self._of_type(type_, depth)
            case model.Array(item=item, constraints=constraints):
                yield from self._arrays(item, constraints, depth)
            case model.Tuple(items=items):
                yield from self._tuples(items, type_.required, depth)
            case model.Map(key=key, value=value, constraints=constraints):
                yield from self._maps(key, value, constraints.min_length or 0, depth)
            case model.Ref(name=name):
                yield from self._of_definition(self._definitions[name], depth)
            case model.Union(members=members):
                yield from self._alternatives(members, depth)
            case _:
                return

    def _of_definition(self, definition: model.Definition, depth: int) -> list[model.Json]:
        if depth > MAX_NESTED:
            return []
        key = definition.name, depth
        if key not in self._known:
            if isinstance(definition, model.Record):
                values = self.of_record(definition, depth)
            else:
                values = filter(self._predicate(definition.pointer), self._of_type(definition.type, depth + 1))
            self._known[key] = list(islice(values, MAX_INNER))
        return self._known[key]

    def _alternatives(self, members: Iterable[model.Type], depth: int) -> Iterator[model.Json]:
        """Yield the first value of each member, then the others; deep inside, a value without further objects."""
        simple = [member for member in members if not isinstance(member, model.Ref)] if depth > MAX_DEPTH else []
        listed = [self._of_type(member, depth + 1) for member in simple or members]
        yield from (values[0] for values in listed if values)
        yield from (value for values in listed for value in values[1:])

    def _arrays(self, item: model.Type, constraints: model.Constraints, depth: int) -> Iterator[model.Json]:
        least, most = constraints.min_length or 0, constraints.max_length
        if least > MAX_LENGTH:
            return
        items = self._of_type(item, depth + 1) if least or depth < MAX_DEPTH else []
        if not items:
            yield from [[]] * (least == 0)
            return
        repeated = [items[at % len(items)] for at in range(max(least, len(items)))]
        yield repeated[:least]
        yield repeated if most is None else repeated[:most]
        yield from ([value] for value in items if least <= 1 and most != 0)

    def _tuples(self, items: tuple[model.Type, ...], required: int, depth: int) -> Iterator[model.Json]:
        values = [self._of_type(item, depth + 1) for item in items] if depth <= MAX_NESTED else []
        if len(values) == len(items) and all(values):
            yield [listed[0] for listed in values]
            yield [listed[-1] for listed in values]
            yield [listed[0] for listed in values[:required]]

    def _maps(self, key: model.Type, value: model.Type, least: int, depth: int) -> Iterator[model.Json]:
        if least == 0:
            yield {}
        names = self._of_type(key, depth + 1) if least or depth < MAX_DEPTH else []
        values = self._of_type(value, depth + 1) if names else []
        names = [*names, *(f"name{at}" for at in range(least - len(names)) if least <= MAX_LENGTH)]
        if values:
            yield {name: values[at % len(values)] for at, name in enumerate(names)}


def _scalars(scalar: model.Scalar) -> Iterator[model.Json]:
    match scalar.type:
        case "string":
            yield from _texts(scalar.constraints)
        case "integer" | "number":
            yield from _numbers(scalar.constraints, is_integer=scalar.type == "integer")
        case "boolean":
            yield from (True, False)
        case "null":
            yield None


def _texts(constraints: model.Constraints) -> Iterator[str]:
    least, most = constraints.min_length or 0, constraints.max_length
    if constraints.pattern is not None:
        candidates = matching_texts(constraints.pattern)
    elif constraints.format in FORMATS:
        candidates = [FORMATS[constraints.format]]
    elif least <= MAX_LENGTH:
        candidates = ["text"[:most].ljust(least, "x"), "x" * least]
        candidates += ["é" * most] if most is not None and most <= MAX_LENGTH else []
    else:
        candidates = []
    yield from (text for text in candidates if least <= len(text) <= (len(text) if most is None else most))


def _numbers(constraints: model.Constraints, *, is_integer: bool) -> Iterator[int | float]:
    lows = [bound for bound in (constraints.minimum, constraints.exclusive_minimum) if bound is not None]
    highs = [bound for bound in (constraints.maximum, constraints.exclusive_maximum) if bound is not None]
    low, high = max(lows, default=-math.inf), min(highs, default=math.inf)
    step = constraints.multiple_of or (1 if is_integer else None)
    candidates: list[int | float] = [0, 1, -1, *lows, *highs]
    if step is not None:
        candidates = [math.ceil(one / step) * step for one in candidates]
        candidates += [one + step for one in candidates] + [one - step for one in candidates]
    else:
        candidates += [1.5, *(one + 0.5 for one in lows), *(one - 0.5 for one in highs)]
        candidates += [(low + high) / 2] if math.isfinite(low + high) else []
    excluded = {constraints.exclusive_minimum, constraints.exclusive_maximum}
    valid = (one for one in candidates if low <= one <= high and one not in excluded)
    yield from dict.fromkeys(int(one) if is_integer else one for one in valid)
