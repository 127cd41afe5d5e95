"""Estimate of the longest validation, compared with the time of the slowest messages."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from codegen.limits.message_size import message_bytes
from codegen.limits.validation_time import BUDGET, bytes_within_budget, validation_time
from tornado_ws import InvalidFrame
from tornado_ws.validation.codec import Codec

from ..support import package
from ..support.generated import read
from .worst_messages import CASES, Case

REFERENCE = 0.0045
"""Seconds to decode a reference text on the machine of the estimate."""
TOLERANCE = 2
"""Factor between the estimate and a busy machine."""
RUNS = 5
"""Number of attempts, since a machine may be busy."""


def files(schema: Any, **definitions: Any) -> dict[str, Any]:
    messages = {"it": {"payload": schema}}
    return {"it.json": {"kind": "persistent", "path": "/it", "clientMessages": messages, "$defs": definitions}}


def per_byte(folder: Path, schema: Any, **definitions: Any) -> float:
    """Return the time for each byte of an array of values, in nanoseconds."""
    (endpoint,) = read(folder, files({"type": "array", "items": schema}, **definitions))
    (message,) = endpoint.client
    assert message.payload is not None
    return validation_time(endpoint, message.payload).per_byte


def seconds(run: Callable[[], object]) -> float:
    """Return the processor time of a function."""
    start = time.thread_time()
    run()
    return time.thread_time() - start


def slowness() -> float:
    """Return the time of this machine for a reference task, as a multiple of the time in the estimate."""
    decoder, text = msgspec.json.Decoder(list[int]), "[" + "1," * (1 << 19) + "1]"
    return max(1.0, min(seconds(lambda: decoder.decode(text)) for _ in range(RUNS)) / REFERENCE)


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.parametrize("name", CASES)
def test_slowest_message_within_the_limit_is_validated_in_the_budget(name: str, tmp_path: Path) -> None:
    case: Case = CASES[name]
    found = package.endpoint(package.module(tmp_path, files(case.schema, **case.definitions), name="it"))
    codec = Codec(found, side="server")
    valid, invalid = (f'{{"type":"it","data":{text}}}' for text in case.text(found.message_bytes - 50))
    assert found.message_bytes * 0.9 < len(valid) <= found.message_bytes

    def reject() -> None:
        with pytest.raises(InvalidFrame):
            codec.decode(invalid)

    limit = BUDGET * TOLERANCE * slowness()
    assert any(seconds(lambda: codec.decode(valid)) < limit for _ in range(RUNS))
    assert any(seconds(reject) < limit for _ in range(RUNS))


def test_size_without_slow_parts_has_no_lower_limit(tmp_path: Path) -> None:
    (endpoint,) = read(tmp_path, files({"type": "array", "items": {"type": "string"}}))

    assert 1 << 20 == message_bytes(endpoint)


def test_bounded_number_of_slow_parts_counts_once(tmp_path: Path) -> None:
    slow = {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "array", "items": {"type": "integer"}}]}
    one = {"type": "object", "properties": {"a": slow | {"maxItems": 3}, "b": {"type": "string"}}}

    (endpoint,) = read(tmp_path, files({"type": "array", "items": {"$ref": "#/$defs/One"}, "maxItems": 2}, One=one))

    assert 1 << 20 == message_bytes(endpoint)


def test_each_alternative_of_a_union_counts_unless_a_tag_selects_one(tmp_path: Path) -> None:
    def union(*kinds: str) -> Any:
        alternatives = [
            {"type": "object", "properties": {"kind": {"const": kind}, "a": {"type": "integer"}}, "required": ["kind"]}
            for kind in kinds
        ]
        return {"oneOf": alternatives}

    two = per_byte(tmp_path / "two", union("a", "b"))

    assert per_byte(tmp_path / "four", union("a", "b", "c", "d")) < 1.2 * two
    assert per_byte(tmp_path / "same", union("a", "a", "a", "a")) > 3 * two


def test_recursive_schema_has_a_bound_for_each_byte(tmp_path: Path) -> None:
    node = {"type": "object", "properties": {"left": {"$ref": "#/$defs/Node"}, "right": {"$ref": "#/$defs/Node"}}}

    assert 0 < per_byte(tmp_path, {"$ref": "#/$defs/Node"}, Node=node) < 100


def test_no_payload_has_the_time_to_read(tmp_path: Path) -> None:
    assert 8_000_000 < bytes_within_budget([]) < 9_000_000


def test_schema_with_many_definitions_is_estimated_quickly(tmp_path: Path) -> None:
    names = [f"D{number}" for number in range(80)]
    definitions = {
        name: {"type": "object", "properties": {other: {"$ref": f"#/$defs/{other}"} for other in names[number:][:20]}}
        for number, name in enumerate(names)
    }
    start = time.thread_time()

    per_byte(tmp_path, {"$ref": "#/$defs/D0"}, **definitions)

    assert time.thread_time() - start < 10


ANY: Any = {"type": "string", "maxLength": 5}


@pytest.mark.parametrize(
    ("schema", "least"),
    [
        ({"not": {"type": "string", "pattern": "x"}}, 20),
        ({"type": "object", "if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": {"maxProperties": 3}}, 20),
        ({"type": "object", "dependentSchemas": {"a": {"required": ["b"]}}, "propertyNames": ANY}, 10),
        ({"type": "object", "patternProperties": {"^a": ANY}, "additionalProperties": False}, 10),
        ({"type": "array", "contains": {"type": "integer"}, "uniqueItems": True, "maxItems": 9}, 10),
        ({"type": "array", "prefixItems": [ANY, {"type": "number", "multipleOf": 0.5}], "items": False}, 400),
        ({"type": "array", "items": {"enum": [1, 2, None, True, [1], {"a": 1}]}}, 20),
        ({"type": "object", "allOf": [{"properties": {"a": ANY}}], "unevaluatedProperties": False}, 40),
        ({"type": ["integer", "null"], "multipleOf": 2, "maximum": 8}, 10),
        ({"anyOf": [{"type": "array", "items": {"type": "integer"}}, {"type": "array", "items": ANY}]}, 900),
        (False, 0),
    ],
    ids=str,
)
def test_keywords_have_a_time(schema: Any, least: float, tmp_path: Path) -> None:
    assert least <= per_byte(tmp_path, schema) < 5_000


def test_properties_kept_in_python_have_the_time_of_a_function(tmp_path: Path) -> None:
    record = {"type": "object", "properties": {"a": {"type": "integer"}}}
    kept = per_byte(tmp_path / "kept", {"$ref": "#/$defs/Entry"}, Entry=record | {"additionalProperties": True})

    closed = per_byte(tmp_path / "closed", {"$ref": "#/$defs/Entry"}, Entry=record | {"additionalProperties": False})
    assert kept > 5 * closed


def test_part_that_a_value_has_once_does_not_count_for_each_byte(tmp_path: Path) -> None:
    alternatives = {"anyOf": [{"type": "object", "properties": {"a": {"type": "string"}}}, {"type": "object"}]}
    (once,) = read(tmp_path / "once", files({"$ref": "#/$defs/Root"}, Root=alternatives))
    (many,) = read(tmp_path / "many", files({"type": "array", "items": {"$ref": "#/$defs/Root"}}, Root=alternatives))

    assert message_bytes(once) > 10 * message_bytes(many)


def test_recursive_part_counts_for_each_byte(tmp_path: Path) -> None:
    kept = {"type": "object", "properties": {"a": {"type": "integer"}}, "additionalProperties": True}
    node = kept | {"properties": {"left": {"$ref": "#/$defs/Node"}}}
    (once,) = read(tmp_path / "once", files({"$ref": "#/$defs/Root"}, Root=kept))
    (recursive,) = read(tmp_path / "recursive", files({"$ref": "#/$defs/Node"}, Node=node))

    assert 1 << 20 == message_bytes(once) > 2 * message_bytes(recursive)


def test_parts_beyond_the_limit_of_the_search_count_as_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = {"type": "object", "properties": {"a": {"type": "integer"}}, "additionalProperties": True}
    (endpoint,) = read(tmp_path, files({"$ref": "#/$defs/Root"}, Root=kept))
    payload = endpoint.client[0].payload
    assert payload is not None
    whole = validation_time(endpoint, payload)
    monkeypatch.setattr("codegen.limits.validation_time.MAX_STATES", 1)
    partial = validation_time(endpoint, payload)

    assert whole.once < math.inf
    assert math.inf == partial.once
    assert partial.bytes_within(1e8) < whole.bytes_within(1e8)
