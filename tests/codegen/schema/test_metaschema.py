"""Validation against the meta-schemas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from codegen.schema.metaschema import check, definitions, meta_schema, payload_schemas, without_invalid_parts
from codegen.source.diagnostics import Problem

from ..support.folders import COUNTER, EXPORT, document

REPOSITORY = Path(__file__).parents[3]


def problems(path: Path, content: Any) -> list[Problem]:
    return check(document(path, content))


def only(path: Path, content: Any) -> Problem:
    (problem,) = problems(path, content)
    return problem


def words(problem: Problem) -> str:
    """Return the text of a problem without the file name."""
    return str(problem).partition("counter.json:")[2]


def test_meta_schema_is_valid_and_accepts_valid_endpoints() -> None:
    schema = json.loads(meta_schema())

    jsonschema.Draft202012Validator.check_schema(schema)
    for valid in (COUNTER, EXPORT):
        jsonschema.validate(valid, schema)


@pytest.mark.parametrize("path", sorted((REPOSITORY / "schemas").glob("*.json")), ids=lambda path: path.name)
def test_demo_has_no_problems(path: Path, tmp_path: Path) -> None:
    assert [] == problems(tmp_path, path.read_text(encoding="utf-8"))


def test_every_keyword_has_a_description() -> None:
    def described(schema: dict[str, Any]) -> None:
        for name, member in schema.get("properties", {}).items():
            target = member.get("$ref", "").rpartition("/")[2]
            assert name == "$comment" or name == "title" or "description" in member or "description" in root[target]
            described(member)

    schema = json.loads(meta_schema())
    root = schema["$defs"]
    described(schema)
    for definition in root.values():
        described(definition)


STRUCTURE = [
    ({"kind": "persistant"}, '"persistant" [unknown_value]\n  hint: did you mean persistent?'),
    ({"kind": 1}, "/kind: unknown value: expected one of persistent, ephemeral, got 1 [unknown_value]"),
    ({"clientMesages": {}}, "/clientMesages: unknown keyword [unknown_keyword]\n  hint: did you mean clientMessages?"),
    ({"client_messages": {}}, "hint: did you mean clientMessages?"),
    ({"colour": 1}, "/colour: unknown keyword: expected one of $schema, $id, "),
    ({"path": "counter"}, "/path: malformed path: expected a path with one leading slash"),
    ({"path": "/_/connect/x"}, "[malformed_path]"),
    ({"path": "//x"}, "[malformed_path]"),
    ({"path": "/a b"}, "[malformed_path]"),
    ({"path": "/{}"}, "[malformed_path]"),
    ({"path": "/{a"}, "[malformed_path]"),
    ({"ttl": 0}, "/ttl: out of range: expected above 0, got 0 [out_of_range]"),
    ({"ttl": -1.5}, "/ttl: out of range: expected above 0, got -1.5 [out_of_range]"),
    ({"ttl": 100_000}, "/ttl: out of range: expected at most 86400, got 100000 [out_of_range]"),
    ({"ttl": "60"}, '/ttl: wrong type: expected number, got "60" [wrong_type]'),
    ({"params": []}, "/params: wrong type: expected object or boolean, got an empty array [wrong_type]"),
    ({"clientMessages": ["say"]}, "/clientMessages: wrong type: expected object, got an array [wrong_type]"),
    ({"errors": {"full": "x"}}, '/errors/full: wrong type: expected object, got "x" [wrong_type]'),
    (
        {"errors": {"Room Full": {}}},
        "/errors/Room Full: malformed name: expected lower-case words joined by _ [malformed_name]"
        "\n  hint: did you mean room_full?",
    ),
    ({"clientMessages": {"sayHello": {}}}, "[malformed_name]\n  hint: did you mean say_hello?"),
    (
        {"clientMessages": {"$hello": {}}},
        "[malformed_name]\n  hint: names with the prefix $ are reserved for the protocol",
    ),
    ({"clientMessages": {"größe": {}}}, "joined by _, - or . [malformed_name]"),
    ({"$defs": []}, "/$defs: wrong type: expected object, got an empty array [wrong_type]"),
    ({"$id": 5}, "/$id: wrong type: expected string, got 5 [wrong_type]"),
]


@pytest.mark.parametrize(("change", "expected"), STRUCTURE)
def test_invalid_keyword_of_an_endpoint_is_rejected(change: dict[str, Any], expected: str, tmp_path: Path) -> None:
    assert expected in words(only(tmp_path, COUNTER | change))


MESSAGES = [
    ("client", {"payloads": {}}, "/payloads: unknown keyword [unknown_keyword]\n  hint: did you mean payload?"),
    ("client", {"latest": "/id"}, "only server messages are coalesced; move the message to serverMessages"),
    ("client", {"replay": 1}, "only server messages are replayed; move the message to serverMessages"),
    ("server", {"stream": {}}, "only client requests can have a stream; move the message to clientMessages"),
    ("server", {"rate": "1/s"}, "rate limits apply to clients; move the message to clientMessages"),
    ("client", {"rate": "fast"}, 'expected a count per time, such as 20/s or 5/10s, got "fast" [malformed_rate]'),
    ("client", {"rate": "0/s"}, "[malformed_rate]"),
    ("client", {"rate": "1/day"}, "[malformed_rate]"),
    ("client", {"rate": "5/s\n"}, "[malformed_rate]"),
    ("client", {"rate": 20}, "expected string, got 20 [wrong_type]"),
    ("server", {"replay": 0}, "/replay: out of range: expected at least 1, got 0 [out_of_range]"),
    ("server", {"replay": True}, "/replay: wrong type: expected integer or object, got true [wrong_type]"),
    ("server", {"replay": {"count": 0}}, "/replay/count: out of range: expected at least 1, got 0 [out_of_range]"),
    ("server", {"replay": {"count": 1.5}}, "/replay/count: wrong type: expected integer, got 1.5 [wrong_type]"),
    ("server", {"replay": {"seconds": 60}}, "/replay: missing keyword `count` [missing_keyword]"),
    ("server", {"replay": {"count": 1, "seconds": 0.5}}, "/replay/seconds: out of range: expected at least 1, got 0.5"),
    ("server", {"replay": {"count": 1, "seconds": 86401}}, "out of range: expected at most 86400, got 86401"),
    (
        "server",
        {"replay": {"count": 1, "second": 9}},
        "unknown keyword [unknown_keyword]\n  hint: did you mean seconds?",
    ),
    ("server", {"acknowledged": True}, "only client messages are acknowledged; move the message to clientMessages"),
    ("client", {"acknowledged": 1}, "/acknowledged: wrong type: expected boolean, got 1 [wrong_type]"),
    ("server", {"latest": "id"}, 'expected a JSON Pointer, such as /id, got "id" [malformed_pointer]'),
    ("server", {"volatile": "yes"}, '/volatile: wrong type: expected boolean, got "yes" [wrong_type]'),
    ("server", {"deprecated": 1}, "/deprecated: wrong type: expected boolean, got 1 [wrong_type]"),
    ("client", {"description": None}, "/description: wrong type: expected string, got null [wrong_type]"),
    ("client", {"payload": "string"}, '/payload: wrong type: expected object or boolean, got "string" [wrong_type]'),
]


@pytest.mark.parametrize(("side", "message", "expected"), MESSAGES)
def test_invalid_keyword_of_a_message_is_rejected(
    side: str, message: dict[str, Any], expected: str, tmp_path: Path
) -> None:
    problem = only(tmp_path, COUNTER | {f"{side}Messages": {"say": message}})

    assert expected in words(problem)
    assert problem.pointer.startswith(f"/{side}Messages/say/")


@pytest.mark.parametrize("name", ["", "Say", "say it", "$hello", "say_", "_say", "1a", "sagen-ü", "a" * 65])
def test_message_names_are_lower_case_words(name: str, tmp_path: Path) -> None:
    assert {"malformed_name"} == {each.code for each in problems(tmp_path, COUNTER | {"clientMessages": {name: {}}})}


@pytest.mark.parametrize("name", ["say", "say_it", "say-it", "room.user-joined", "v2"])
def test_valid_message_names_are_accepted(name: str, tmp_path: Path) -> None:
    assert [] == problems(tmp_path, COUNTER | {"clientMessages": {name: {}}})


SCHEMAS = [
    ({"type": "strin"}, "/type", 'got "strin" [invalid_schema]\n  hint: did you mean string?'),
    ({"type": ["string", "strin"]}, "/type/1", 'got "strin" [invalid_schema]\n  hint: did you mean string?'),
    ({"type": "int"}, "/type", 'got "int" [invalid_schema]\n  hint: did you mean integer?'),
    ({"type": 5}, "/type", "object, string, got 5 [invalid_schema]"),
    ({"minLength": -1}, "/minLength", "expected at least 0, got -1 [invalid_schema]"),
    (
        {"properties": {"a": {"properties": {"b": 7}}}},
        "/properties/a/properties/b",
        "expected object or boolean, got 7",
    ),
    ({"required": "a"}, "/required", 'expected array, got "a"'),
    ({"required": ["a", "a"]}, "/required", "expected unique items, got an array"),
    ({"allOf": []}, "/allOf", "expected at least 1 item, got an empty array"),
    ({"multipleOf": 0}, "/multipleOf", "expected above 0, got 0"),
    ({"$anchor": "a b"}, "/$anchor", "[invalid_schema]"),
]


@pytest.mark.parametrize(("schema", "pointer", "expected"), SCHEMAS)
@pytest.mark.parametrize("parent", ["/clientMessages/say/payload", "/$defs/Say"])
def test_invalid_json_schema_is_rejected(schema: Any, pointer: str, expected: str, parent: str, tmp_path: Path) -> None:
    change = {"$defs": {"Say": schema}} if "$defs" in parent else {"clientMessages": {"say": {"payload": schema}}}

    problem = only(tmp_path, EXPORT | change)

    assert parent + pointer == problem.pointer
    assert "invalid JSON Schema (2020-12)" == problem.message
    assert expected in str(problem)


def test_problem_has_the_position_of_the_value(tmp_path: Path) -> None:
    content = '{\n  "kind": "ephemeral",\n  "serverMessages": {"done": {"payload": {"type": "strin"}}}\n}'

    problem = only(tmp_path, content)

    assert (3, 51) == (problem.line, problem.column)


def test_all_problems_of_a_document_are_reported(tmp_path: Path) -> None:
    content = COUNTER | {"ttl": 0, "kinds": 1, "clientMessages": {"a": 1, "B": {}, "c": {"payload": {"type": 1}}}}

    codes = {problem.code for problem in problems(tmp_path, content)}

    assert {"out_of_range", "unknown_keyword", "wrong_type", "malformed_name", "invalid_schema"} == codes


def test_missing_kind_is_rejected(tmp_path: Path) -> None:
    content = {key: value for key, value in COUNTER.items() if key != "kind"}

    problem = only(tmp_path, content)

    assert ("missing_kind", "/path") == (problem.code, problem.pointer)


@pytest.mark.parametrize("content", [[], "text", 5, None])
def test_file_without_a_schema_is_rejected(content: Any, tmp_path: Path) -> None:
    problem = only(tmp_path, content if content != "text" else '"text"')

    assert ("not_a_schema", "an object") == (problem.code, problem.expected)


@pytest.mark.parametrize(
    "dialect",
    [
        "endpoint.schema.json",
        "./endpoint.schema.json",
        "../endpoint.schema.json",
        "https://json-schema.org/draft/2020-12/schema",
        "https://json-schema.org/draft/2020-12/schema#",
    ],
)
def test_supported_dialects_of_endpoints_are_accepted(dialect: str, tmp_path: Path) -> None:
    assert [] == problems(tmp_path, COUNTER | {"$schema": dialect})


@pytest.mark.parametrize("dialect", ["http://json-schema.org/draft-07/schema#", "http://example.org/mine"])
def test_other_dialects_of_endpoints_are_rejected(dialect: str, tmp_path: Path) -> None:
    problem = only(tmp_path, COUNTER | {"$schema": dialect})

    assert ("unsupported_dialect", "/$schema", f'"{dialect}"') == (problem.code, problem.pointer, problem.got)


@pytest.mark.parametrize(
    ("dialect", "wrong", "right"),
    [
        ("http://json-schema.org/draft-04/schema#", {"exclusiveMinimum": 3}, {"minimum": 3, "exclusiveMinimum": True}),
        ("http://json-schema.org/draft-07/schema#", {"exclusiveMinimum": True}, {"exclusiveMinimum": 3}),
        ("http://json-schema.org/draft-06/schema", {"items": 1}, {"items": [{}]}),
        ("https://json-schema.org/draft/2019-09/schema", {"items": 1}, {"items": [{}]}),
        ("https://json-schema.org/draft/2020-12/schema", {"items": [{}]}, {"prefixItems": [{}]}),
    ],
)
def test_shared_files_are_validated_in_their_own_draft(dialect: str, wrong: Any, right: Any, tmp_path: Path) -> None:
    assert [] == problems(tmp_path, {"$schema": dialect, "definitions": {"A": right}})
    found = problems(tmp_path, {"$schema": dialect, "definitions": {"A": wrong}})
    assert {"invalid_schema"} == {problem.code for problem in found}


def test_shared_file_in_an_unknown_dialect_is_rejected(tmp_path: Path) -> None:
    assert "unsupported_dialect" == only(tmp_path, {"$schema": "http://json-schema.org/draft-03/schema#"}).code


@pytest.mark.parametrize("keyword", ["$id", "$ref", "$dynamicRef"])
def test_malformed_uri_is_rejected(keyword: str, tmp_path: Path) -> None:
    problem = only(tmp_path, EXPORT | {"$defs": {"A": {keyword: "http://[x"}}})

    assert (f"/$defs/A/{keyword}", "malformed_uri", '"http://[x"') == (problem.pointer, problem.code, problem.got)


def test_embedded_schema_in_another_dialect_is_rejected(tmp_path: Path) -> None:
    problem = only(tmp_path, EXPORT | {"$defs": {"A": {"$schema": "http://json-schema.org/draft-07/schema#"}}})

    assert ("/$defs/A/$schema", "unsupported_dialect") == (problem.pointer, problem.code)


def test_shared_schema_must_also_be_valid_after_the_upgrade(tmp_path: Path) -> None:
    problem = only(tmp_path, {"$schema": "http://json-schema.org/draft-07/schema#", "$defs": {"A": 5}})

    assert ("/$defs/A", "invalid_schema") == (problem.pointer, problem.code)


def test_payload_schemas_are_all_schemas_outside_defs(tmp_path: Path) -> None:
    content = EXPORT | {"clientMessages": {"a.b": {"payload": True, "reply": {}}, "c": {"stream": {}, "rate": "1/s"}}}

    pointers = [pointer for pointer, _ in payload_schemas(document(tmp_path, content))]

    expected = ["/ticket", "/clientMessages/a.b/payload", "/clientMessages/a.b/reply", "/clientMessages/c/stream"]
    assert [*expected, "/serverMessages/finished/payload"] == pointers


def test_invalid_parts_are_removed(tmp_path: Path) -> None:
    content = COUNTER | {"clientMessages": {"a": 1, "b": {"payload": {"type": "strin"}}}, "$defs": {"A": {}, "B": 5}}
    broken = document(tmp_path, content)

    found = without_invalid_parts(broken, check(broken))

    assert found is not None
    assert {"b": {"payload": True}} == found.root["clientMessages"]
    assert {"A": {}} == definitions(found)


def test_document_in_an_unknown_dialect_cannot_be_used(tmp_path: Path) -> None:
    broken = document(tmp_path, {"$schema": "http://example.org/mine"})

    assert without_invalid_parts(broken, check(broken)) is None
