"""Endpoint documents become the model: messages, slots, the bundle, and problems that only schemas show."""

from __future__ import annotations

import json
from operator import ge, gt, le, lt
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from codegen import model
from codegen.source.diagnostics import SchemaProblems

from ..support.generated import payload, read

TEXT = {"type": "string"}


def endpoint(folder: Path, document: Any, **files: Any) -> model.Endpoint:
    (found,) = read(folder, {"test.json": document, **{f"{name}.json": file for name, file in files.items()}})
    return found


def codes(folder: Path, document: Any, **files: Any) -> list[tuple[str, str]]:
    with pytest.raises(SchemaProblems) as caught:
        endpoint(folder, document, **files)
    return [(problem.code, problem.pointer) for problem in caught.value.problems]


def test_messages_keep_their_order_and_policies(tmp_path: Path) -> None:
    found = endpoint(
        tmp_path,
        {
            "kind": "persistent",
            "path": "/x",
            "description": "Says things.",
            "clientMessages": {
                "b": {"payload": TEXT, "rate": "20/s", "volatile": True, "description": "Says."},
                "a": {"deprecated": True},
                "ask": {"payload": TEXT, "reply": {"type": "integer"}},
                "tail": {"stream": TEXT},
            },
            "serverMessages": {"c": {"payload": {"type": "object"}, "replay": 5, "latest": "/id"}},
        },
    )

    assert "Says things." == found.description
    assert ["b", "a", "ask", "tail"] == [message.name for message in found.client]
    said, plain, ask, tail = found.client
    assert (True, model.Rate(count=20, seconds=1.0), "Says.") == (said.volatile, said.rate, said.description)
    assert (None, True) == (plain.payload, plain.deprecated)
    assert ask.reply is not None
    assert "/$defs/AskReply" == ask.reply.pointer
    assert tail.stream is not None
    assert "/$defs/TailItem" == tail.stream.pointer
    assert (5, "/id") == (found.server[0].replay, found.server[0].latest)


@pytest.mark.parametrize(("text", "seconds"), [("1/s", 1.0), ("3/m", 60.0), ("2/h", 3600.0)])
def test_rate_is_read_in_seconds(tmp_path: Path, text: str, seconds: float) -> None:
    found = endpoint(tmp_path, {"kind": "ephemeral", "clientMessages": {"a": {"rate": text}}})

    assert found.client[0].rate is not None
    assert seconds == found.client[0].rate.seconds


def test_client_message_gives_way_to_another_one_of_the_server(tmp_path: Path) -> None:
    record = {"type": "object", "properties": {"a": TEXT}}
    both = {"same": {"payload": record}, "other": {"payload": record}}
    document = {"kind": "ephemeral", "clientMessages": both, "serverMessages": {**both, "other": {"payload": TEXT}}}

    found = endpoint(tmp_path, document)

    assert ["/$defs/Same", "/$defs/ClientOther"] == [one.payload.pointer for one in found.client if one.payload]
    assert ["/$defs/Same", "/$defs/Other"] == [one.payload.pointer for one in found.server if one.payload]


def test_bundle_needs_no_other_document(tmp_path: Path) -> None:
    found = endpoint(
        tmp_path,
        payload({"$ref": "common.json#/$defs/User"}),
        common={"$defs": {"User": {"$ref": "deep.json"}, "Unused": {"$ref": "unused.json"}}},
        deep={
            "$id": "https://example.com/deep",
            "type": "object",
            "properties": {"self": {"$ref": "#"}, "id": {"$ref": "id"}},
        },
        id={"$id": "https://example.com/id", "type": "integer"},
        unused=True,
        never={"type": "null"},
    )

    slot = found.server[0].payload
    assert slot is not None
    registry = jsonschema_rs.Registry([(found.bundle["$id"], found.bundle)])
    validator = jsonschema_rs.validator_for(
        {"$ref": f"{found.bundle['$id']}#{slot.pointer}"}, registry=registry, offline=True
    )
    assert validator.is_valid({"self": {"id": 1}})
    assert not validator.is_valid({"self": {"id": "1"}})
    assert "never.json" not in json.dumps(found.bundle)


def test_reference_to_an_inline_schema_follows_it(tmp_path: Path) -> None:
    document = payload(
        {"type": "object", "properties": {"again": {"$ref": "#/serverMessages/it/payload"}}},
        clientMessages={"x": {"payload": {"$ref": "#/serverMessages/it/payload/properties/again"}}},
    )

    found = endpoint(tmp_path, document)

    assert [model.Ref(name="It")] == [slot.type for slot in (found.client[0].payload,) if slot]
    (record,) = found.definitions
    assert isinstance(record, model.Record)
    assert model.Ref(name="It") == record.fields[0].type


def test_bundle_tells_the_judge_what_tells_members_apart(tmp_path: Path) -> None:
    def member(kind: str) -> Any:
        return {"type": "object", "properties": {"kind": {"const": kind}}, "required": ["kind"]}

    found = endpoint(tmp_path, payload({"oneOf": [member("a"), member("b")]}))

    assert {"keyword": "oneOf", "name": "kind", "values": ["a", "b"]} == found.bundle["$defs"]["It"]["x-tag"]


def test_bundle_spells_patterns_for_the_judge(tmp_path: Path) -> None:
    found = endpoint(tmp_path, payload({"pattern": "^.$", "patternProperties": {r"\bx": {"pattern": "^a"}}}))

    judged = r"^[^\n\r\u2028\u2029]$"
    assert judged == found.bundle["$defs"]["It"]["pattern"]
    assert {judged: "^.$", r"(?-u:\b)x": r"\bx"} == found.bundle["patterns"]
    assert [r"(?-u:\b)x"] == list(found.bundle["$defs"]["It"]["patternProperties"])


def test_patterns_that_not_every_engine_knows_are_problems_all_at_once(tmp_path: Path) -> None:
    schema = {"properties": {"a": {"pattern": "(?=a)"}}, "patternProperties": {r"(a)\1": True}}

    assert [
        ("unsupported_pattern", "/serverMessages/it/payload/properties/a/pattern"),
        ("unsupported_pattern", r"/serverMessages/it/payload/patternProperties/(a)\1"),
    ] == codes(tmp_path, payload(schema))


@pytest.mark.parametrize(
    ("schema", "pointer"),
    [
        ({"maximum": 2**53}, "/maximum"),
        ({"maximum": 2**63 - 1}, "/maximum"),
        ({"minimum": -(2**63)}, "/minimum"),
        ({"exclusiveMinimum": 1e19}, "/exclusiveMinimum"),
        ({"exclusiveMaximum": 2**64}, "/exclusiveMaximum"),
        ({"multipleOf": 2**53}, "/multipleOf"),
        ({"const": 2**53 + 1}, "/const"),
        ({"enum": [1, 2**60 + 1, "a"]}, "/enum/1"),
        ({"const": {"a/b": [0, -(2**53) - 1]}}, "/const/a~1b/1"),
        ({"items": {"anyOf": [{"maximum": 1.7976931348623157e308}]}}, "/items/anyOf/0/maximum"),
    ],
)
def test_number_that_pages_cannot_tell_from_others_is_a_problem(tmp_path: Path, schema: Any, pointer: str) -> None:
    assert [("inexact_number", f"/serverMessages/it/payload{pointer}")] == codes(tmp_path, payload(schema))


def test_only_numbers_that_make_a_difference_are_problems(tmp_path: Path) -> None:
    """Pages round integers, and the numbers of schemas; what doubles then say is compared with what is so."""
    exact = {"minimum": ge, "maximum": le, "exclusiveMinimum": gt, "exclusiveMaximum": lt}
    around = (0, 2**53, 2**54, 2**55, 2**63, 2**64, 10**21, 10**30)
    bounds = [sign * start + step for start in around for sign in (1, -1) for step in range(-9, 10)]
    stated = {f"{keyword} {bound}": {keyword: bound} for keyword in exact for bound in bounds}

    refused = {pointer.split("/")[5] for _, pointer in codes(tmp_path, payload({"properties": stated}))}

    differ = {
        f"{keyword} {bound}"
        for keyword, accepts in exact.items()
        for bound in bounds
        if any(accepts(near, bound) is not accepts(float(near), float(bound)) for near in range(bound - 3, bound + 4))
        or float(bound) != bound
    }
    assert differ == refused
    assert {"maximum 9007199254740991", "minimum 9007199254740992", "exclusiveMaximum 9007199254740992"}.isdisjoint(
        differ
    )


@pytest.mark.parametrize(
    "schema",
    [
        {"const": 2**53},
        {"enum": [1e300, 2**63, True, 0.1]},
        {"maxLength": 2**63 - 1, "maxItems": 2**63 - 1, "contains": True, "maxContains": 2**60 + 1},
        {"minimum": 0.1, "maximum": 4503599627370496.5, "multipleOf": 1e-8},
        {"default": 2**60 + 1, "examples": [2**60 + 1], "maximum": 2**53 - 1},
        {"unknown": {"maximum": 2**63}},
    ],
)
def test_number_that_pages_can_state_or_never_judge_by_is_none(tmp_path: Path, schema: Any) -> None:
    endpoint(tmp_path, payload(schema))


def test_problems_of_an_earlier_draft_are_reported_where_its_author_wrote_what_is_wrong(tmp_path: Path) -> None:
    wrong = {"pattern": "(?=a)"}
    draft4 = {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "items": [wrong, {"type": "integer", "maximum": 2**63, "exclusiveMaximum": True}],
        "additionalItems": wrong,
        "dependencies": {"a": wrong},
        "properties": {"items": {"items": wrong}},
    }
    draft7 = {"$schema": "http://json-schema.org/draft-07/schema#", "items": [{"$ref": "#/nowhere"}]}

    found = codes(tmp_path / "a", payload({"$ref": "other.json"}), other=draft4)
    lost = codes(tmp_path / "b", payload({"$ref": "other.json"}), other=draft7)

    assert {
        ("unsupported_pattern", "/items/0/pattern"),
        ("inexact_number", "/items/1/exclusiveMaximum"),
        ("unsupported_pattern", "/additionalItems/pattern"),
        ("unsupported_pattern", "/dependencies/a/pattern"),
        ("unsupported_pattern", "/properties/items/items/pattern"),
    } == {*found}
    assert [("unresolved_reference", "/items/0/$ref")] == lost


def test_problem_in_another_file_is_reported_there(tmp_path: Path) -> None:
    with pytest.raises(SchemaProblems) as caught:
        endpoint(tmp_path, payload({"$ref": "other.json"}), other={"items": {"pattern": "(?!a)"}})

    (problem,) = caught.value.problems
    assert (f"{tmp_path}/other.json", "/items/pattern") == (problem.file, problem.pointer)


@pytest.mark.parametrize(
    "definitions",
    [
        {"A": {"$ref": "#/$defs/A"}},
        {"A": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/B"}]}, "B": {"not": {"$ref": "#/$defs/A"}}},
        {"A": {"if": {"$ref": "#/$defs/A"}, "then": False}},
        {"A": {"dependentSchemas": {"x": {"$ref": "#/$defs/A"}}}},
    ],
)
def test_reference_without_end_is_a_problem(tmp_path: Path, definitions: Any) -> None:
    found = codes(tmp_path, payload({"$ref": "#/$defs/A"}, **{"$defs": definitions}))

    assert ("endless_reference", "/$defs/A") in found


def test_reference_that_goes_deeper_is_none(tmp_path: Path) -> None:
    tree = {"type": "array", "items": {"$ref": "#/$defs/A"}, "contains": {"$ref": "#/$defs/A"}}

    endpoint(tmp_path, payload({"$ref": "#/$defs/A"}, **{"$defs": {"A": tree}}))


def test_unknown_format_is_a_problem_where_formats_are_asserted(tmp_path: Path) -> None:
    files = {"test.json": payload({"type": "string", "format": "colour"})}

    read(tmp_path / "a", files)
    with pytest.raises(SchemaProblems) as caught:
        read(tmp_path / "b", files, format_assertion=True)

    assert ["unknown_format"] == [problem.code for problem in caught.value.problems]


def test_what_an_author_calls_x_tag_means_nothing(tmp_path: Path) -> None:
    schema = {"anyOf": [{"type": "string"}, True], "x-tag": {"keyword": "anyOf", "name": "a", "values": ["b", "c"]}}

    found = endpoint(tmp_path, payload(schema))

    assert "x-tag" not in found.bundle["$defs"]["It"]


def test_union_whose_member_is_referred_to_has_its_tag_all_the_same(tmp_path: Path) -> None:
    def member(kind: str) -> Any:
        return {"type": "object", "properties": {"kind": {"const": kind}}, "required": ["kind"]}

    schema = {"oneOf": [member("a"), member("b")], "properties": {"below": {"$ref": "#/$defs/Shape/oneOf/0"}}}

    found = endpoint(tmp_path, payload({"$ref": "#/$defs/Shape"}, **{"$defs": {"Shape": schema}}))

    assert {"keyword": "oneOf", "name": "kind", "values": ["a", "b"]} == found.bundle["$defs"]["Shape"]["x-tag"]
    assert "tag=Tag(name='kind', values=('a', 'b'))" in repr(found.checks["Shape"])
