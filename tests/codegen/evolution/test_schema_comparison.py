"""Comparison of the schemas of a sender and its receiver."""

from __future__ import annotations

from typing import Any

import pytest

from codegen.evolution.keyword_changes import Wording
from codegen.evolution.schema_comparison import SchemaComparison
from codegen.evolution.schemas import Schemas

STRING = {"type": "string"}
TREE: dict[str, Any] = {
    "type": "object",
    "properties": {"children": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}},
}


def tagged(*kinds: str, **more: Any) -> dict[str, Any]:
    members = [
        {"type": "object", "properties": {"kind": {"const": kind}, **more}, "required": ["kind"]} for kind in kinds
    ]
    return {"oneOf": members}


def reasons(sent: Any, received: Any, **definitions: Any) -> list[str]:
    """Return the reasons for values from old clients to a new server, as ``verdict place text``."""
    old, new = (
        Schemas({"$id": "https://example.org/a", "$defs": {"Value": schema, **extra}}, formats=False)
        for schema, extra in ((sent, definitions.get("old", {})), (received, definitions.get("new", {})))
    )
    comparison = SchemaComparison(old.closed(["/$defs/Value"]), new, Wording(sender_is_old=True))
    found = comparison.reasons("/$defs/Value", "/$defs/Value")
    return [f"{reason.verdict} {reason.place} {reason.text}" for reason in found]


@pytest.mark.parametrize(
    ("sent", "received"),
    [
        (STRING, True),
        (STRING, {"type": ["string", "null"]}),
        ({"type": "integer", "minimum": 1}, {"type": "number", "exclusiveMinimum": 0}),
        ({"enum": ["a", "b"]}, {"anyOf": [{"const": "a"}, {"const": "b"}, {"const": "c"}]}),
        ({"type": ["string", "integer"]}, {"anyOf": [STRING, {"type": "number"}]}),
        (tagged("a", "b"), tagged("a", "b", "c")),
        (tagged("a"), tagged("a", "b", note=STRING)),
        ({"type": "array", "prefixItems": [STRING, STRING], "items": False}, {"type": "array", "items": STRING}),
        ({"type": "object", "additionalProperties": STRING}, {"type": "object", "additionalProperties": True}),
        (
            {"type": "object", "patternProperties": {"^a": STRING}, "additionalProperties": False},
            {"type": "object", "patternProperties": {"^a": True}, "additionalProperties": False},
        ),
        ({"allOf": [{"properties": {"a": STRING}}, {"required": ["a"]}]}, {"properties": {"a": STRING}}),
        ({"not": {"required": ["a"]}, "type": "object"}, {"not": {"required": ["a"]}}),
    ],
)
def test_wider_schema_accepts_everything(sent: Any, received: Any) -> None:
    assert reasons(sent, received) == []


@pytest.mark.parametrize(
    ("sent", "received", "expected"),
    [
        (True, STRING, ['breaking  type none → "string"']),
        (STRING, False, ["breaking  no longer accepted"]),
        (
            {"type": "array", "items": STRING},
            {"type": "array", "items": {"type": "string", "minLength": 1}},
            ["breaking /* minLength none → 1"],
        ),
        (
            {"type": "array", "prefixItems": [STRING]},
            {"type": "array", "prefixItems": [{"type": "integer"}]},
            ['breaking /0 type "string" → "integer"'],
        ),
        (
            {"type": "object", "additionalProperties": STRING},
            {"additionalProperties": False, "type": "object"},
            ["breaking /* no longer accepted"],
        ),
        (tagged("a", "b"), tagged("a"), ['breaking /kind const "b" → "a"']),
        (STRING, {"type": "string", "pattern": "^a"}, ['breaking  pattern none → "^a"']),
        (
            {"type": "string", "pattern": "^ab"},
            {"type": "string", "pattern": "^a"},
            ['unknown  pattern "^ab" → "^a"'],
        ),
        (
            {"type": "object", "if": {"required": ["a"]}, "then": {"required": ["b"]}},
            {"type": "object", "if": {"required": ["a"]}, "then": {"required": ["c"]}},
            ["breaking  if differs"],
        ),
    ],
)
def test_narrower_schema_has_a_reason_with_its_place(sent: Any, received: Any, expected: list[str]) -> None:
    assert reasons(sent, received) == expected


def test_recursive_schemas_are_compared() -> None:
    wider = {**TREE, "properties": {**TREE["properties"], "name": STRING}}
    closed = {**TREE, "additionalProperties": False}
    reference = {"$ref": "#/$defs/Tree"}

    assert reasons(reference, reference, old={"Tree": TREE}, new={"Tree": wider}) == []
    assert reasons(reference, reference, old={"Tree": wider}, new={"Tree": closed}) == [
        "breaking /name no longer accepted"
    ]


def test_schemas_are_compared_without_their_canonical_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codegen.evolution.schemas.MOST_SCHEMAS", 0)

    assert reasons(tagged("a"), tagged("a", note=STRING)) == []
    assert reasons(
        {"type": "object", "properties": {"a": {"maxLength": 5}}}, {"properties": {"a": {"maxLength": 4}}}
    ) == ["breaking /a maxLength 5 → 4"]


def test_unevaluated_properties_of_the_receiver_depend_on_its_own_schema() -> None:
    sent = {"type": "object", "properties": {"a": STRING, "b": STRING}, "additionalProperties": False}
    received = {
        "allOf": [{"properties": {"a": True}, "unevaluatedProperties": False}, {"properties": {"b": True}}],
    }

    assert "breaking /b no longer accepted" in reasons(sent, received)


def closed(properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": False, **more}


@pytest.fixture
def without_canonical_forms(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every schema too large for jsonschema-rs to compare as a whole."""
    monkeypatch.setattr("codegen.evolution.schemas.MOST_SCHEMAS", 0)


PATTERNS: list[tuple[Any, Any, list[str]]] = [
    (closed({"ab": STRING}), {"patternProperties": {"^a": {"maxLength": 3}}}, ["breaking /ab maxLength none → 3"]),
    (closed({"b": STRING}), {"patternProperties": {"^a": {"maxLength": 3}}}, []),
    (
        closed({}, patternProperties={"^a": STRING}),
        {"patternProperties": {"^a": {"type": "string", "minLength": 1}}},
        ["breaking /* minLength none → 1"],
    ),
    (
        closed({}, patternProperties={"^b": {"type": "integer"}}),
        {"patternProperties": {"^a": STRING}},
        ['breaking /* type "integer" → "string"'],
    ),
    (
        {"type": "object", "additionalProperties": STRING},
        {"patternProperties": {"^a": {"type": "string", "maxLength": 9}}},
        ["breaking /* maxLength none → 9"],
    ),
    (
        closed({}, patternProperties={"^a": STRING}),
        {"type": "object", "additionalProperties": {"type": "integer"}},
        ['breaking /* type "string" → "integer"'],
    ),
    (
        closed({"ab": STRING}, patternProperties={"^a": {"maxLength": 2}}),
        {"type": "object", "properties": {"ab": {"maxLength": 2}}},
        [],
    ),
    (
        {"type": "object", "properties": {"a": STRING}, "additionalProperties": {"type": "integer"}},
        {"type": "object", "properties": {"a": STRING, "b": {"type": "number"}}},
        [],
    ),
    ({"type": "object", "properties": {"a": False}}, {"type": "object", "properties": {"a": STRING}}, []),
    (
        {"type": "array", "prefixItems": [STRING], "items": {"type": "integer"}, "maxItems": 2},
        {"type": "array", "prefixItems": [True, {"type": "number"}], "items": False},
        [],
    ),
    (
        {"type": "object", "propertyNames": {"pattern": "^a"}},
        {"type": "object", "propertyNames": {"pattern": "^ab"}},
        ["unknown  propertyNames differs"],
    ),
    (
        {"anyOf": [STRING, {"type": "integer"}]},
        {"anyOf": [{"type": "boolean"}, {"type": "null"}]},
        ['unknown  type "string" → "boolean"', 'unknown  type "integer" → "boolean"'],
    ),
]


@pytest.mark.usefixtures("without_canonical_forms")
@pytest.mark.parametrize(("sent", "received", "expected"), PATTERNS)
def test_parts_are_compared_keyword_by_keyword(sent: Any, received: Any, expected: list[str]) -> None:
    assert reasons(sent, received) == expected


def test_alternatives_of_recursive_schemas_are_told_apart_by_their_tags() -> None:
    reference = {"$ref": "#/$defs/Tree"}
    leaf = closed({"kind": {"const": "leaf"}, "name": STRING}, required=["kind"])
    branch = closed({"kind": {"const": "branch"}, "parts": {"type": "array", "items": reference}}, required=["kind"])
    wider = {**leaf, "properties": {**leaf["properties"], "note": STRING}}
    new_kind = closed({"kind": {"const": "bud"}}, required=["kind"])

    old, new = {"Tree": {"oneOf": [leaf, branch]}}, {"Tree": {"oneOf": [wider, branch, new_kind]}}
    assert reasons(reference, reference, old=old, new=new) == []
    assert reasons(reference, reference, old=new, new=old) == [
        "unknown /note no longer accepted",
        'unknown /kind const "bud" → "leaf"',
    ]


def test_schemas_that_jsonschema_rs_cannot_compare_are_unknown() -> None:
    dynamic = {"$dynamicAnchor": "node", "type": "object", "properties": {"next": {"$dynamicRef": "#node"}}}
    narrower = {**dynamic, "required": ["next"]}

    assert reasons(dynamic, dynamic) == []
    assert {reason.split()[0] for reason in reasons(dynamic, narrower)} == {"breaking"}


def test_alternatives_without_tags_are_told_apart_by_jsonschema_rs() -> None:
    reference = {"$ref": "#/$defs/Tree"}
    branch = closed({"parts": {"type": "array", "items": reference}})
    wider = closed({"parts": {"type": "array", "items": reference}, "note": STRING})

    old, new = {"Tree": {"oneOf": [STRING, branch]}}, {"Tree": {"oneOf": [STRING, {"type": "integer"}, wider]}}
    assert reasons(reference, reference, old=old, new=new) == []
