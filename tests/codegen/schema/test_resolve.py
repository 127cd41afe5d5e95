"""Resolution of references."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from codegen.schema.resolve import Schemas
from codegen.source.diagnostics import Problem

from ..support.folders import COUNTER, EXPORT, pointer_and_code, resolved

DRAFT7 = "http://json-schema.org/draft-07/schema#"
USER = {"type": "object", "properties": {"name": {"type": "string"}}}


def referring(reference: Any, **more: Any) -> dict[str, Any]:
    """Return an endpoint with one reference."""
    return EXPORT | {"serverMessages": {"done": {"payload": {"$ref": reference}}}} | more


POINTER = "/serverMessages/done/payload/$ref"


def only(schemas: Schemas) -> Problem:
    (problem,) = schemas.problems
    return problem


def names(schemas: Schemas) -> list[str]:
    return [document.name for document in schemas.endpoints]


@pytest.mark.parametrize(
    "reference",
    [
        "#/$defs/User",
        "chat.json#/$defs/User",
        "./chat.json#/$defs/User",
        "https://tornado-ws.invalid/chat.json#/$defs/User",
        "#/$defs/User/properties/name",
        "#user",
        "#/%24defs/User",
        "#/$defs/a~1b",
        "#/$defs/yes",
        "common.json#/$defs/User",
        "below/deep.json#/definitions/User",
        "https://example.org/named#/$defs/User",
        "named.json#/$defs/User",
        "inner.json",
        "other.json#/$defs/Count",
        "#/clientMessages/ask/payload",
    ],
)
def test_references_inside_the_folder_are_resolved(reference: str, tmp_path: Path) -> None:
    definitions = {
        "User": {**USER, "$anchor": "user"},
        "a/b": {},
        "yes": True,
        "inner": {"$id": "inner.json", "type": "string"},
    }
    subfolder = tmp_path / "schemas" / "below"
    subfolder.mkdir(parents=True)
    (subfolder / "deep.json").write_text('{"definitions": {"User": {"$ref": "../common.json#/$defs/User"}}}')

    schemas = resolved(
        tmp_path,
        chat=referring(reference, **{"$defs": definitions}, clientMessages={"ask": {"payload": {"type": "string"}}}),
        common={"$defs": {"User": USER}},
        named={"$id": "https://example.org/named", "$defs": {"User": USER}},
        other=COUNTER,
    )

    assert () == schemas.problems
    assert ["chat", "other"] == names(schemas)


@pytest.mark.parametrize(
    ("reference", "code", "words"),
    [
        ("#/$defs/Usr", "unresolved_reference", 'no such schema in chat.json: got "#/$defs/Usr" '
         "[unresolved_reference]\n  hint: did you mean #/$defs/User?"),
        ("#/$defs/Zebra", "unresolved_reference", "hint: /$defs contains User, list"),
        ("#User", "unresolved_reference", "hint: did you mean #/$defs/User?"),
        ("#/defs/User", "unresolved_reference", "hint: did you mean #/$defs/User?"),
        ("#/User", "unresolved_reference", "hint: did you mean #/$defs/User?"),
        ("User", "unresolved_reference", "hint: did you mean #/$defs/User?"),
        ("#nothing", "unresolved_reference", "no such schema in chat.json"),
        ("#/$defs/list/items/x", "unresolved_reference", "no such schema in"),
        ("#/$defs/list/allOf/x", "unresolved_reference", "no such schema in"),
        ("comon.json#/$defs/User", "unresolved_reference", "file not found in the schemas folder"),
        ("comon.json", "unresolved_reference", "hint: did you mean common.json?"),
        ("common.json#/$defs/Users", "unresolved_reference", "no such schema in common.json"),
        ("../common.json", "reference_outside_folder", "reference outside the schemas folder"),
        ("../schemas/common.json", "reference_outside_folder", "hint: move the file into the schemas folder"),
        ("a/../../x.json", "reference_outside_folder", "reference outside the schemas folder"),
        ("http://example.org/x.json", "remote_reference", "remote references are not fetched"),
        ("https://example.org/x.json#/a", "remote_reference", "hint: save the schema in the schemas folder"),
        ("https://json-schema.org/draft-03/schema", "remote_reference", "remote references are not fetched"),
        ("file:///etc/passwd", "remote_reference", "remote references are not fetched"),
        ("//example.org/x.json", "remote_reference", "remote references are not fetched"),
        ("urn:uuid:1", "remote_reference", "remote references are not fetched"),
        ("#", "reference_to_non_schema", "target is not a schema"),
        ("#/$defs", "reference_to_non_schema", "hint: move the schema to $defs"),
        ("#/$defs/User/properties", "reference_to_non_schema", "target is not a schema"),
        ("#/$defs/User/type", "reference_to_non_schema", "target is not a schema"),
        ("other.json", "reference_to_non_schema", "target is not a schema"),
        ("other.json#/clientMessages/add/payload", "reference_outside_defs", "target is outside $defs"),
    ],
)  # fmt: skip
def test_references_without_a_valid_target_are_rejected(reference: str, code: str, words: str, tmp_path: Path) -> None:
    definitions = {"User": USER, "list": {"allOf": [{"items": True}]}}

    schemas = resolved(
        tmp_path,
        chat=referring(reference, **{"$defs": definitions}),
        common={"$defs": {"User": USER}},
        other=COUNTER,
    )

    assert (POINTER, code) == pointer_and_code(only(schemas))
    assert words in str(only(schemas))
    assert ["other"] == names(schemas)


def test_remote_references_are_not_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def reject(*_: object) -> None:
        raise AssertionError("expected no connection")

    monkeypatch.setattr(socket.socket, "connect", reject)
    (tmp_path / "secret.json").write_text('{"$defs": {"A": true}}')
    for reference in ("http://127.0.0.1:1/x.json", (tmp_path / "secret.json").as_uri()):
        assert "remote_reference" == only(resolved(tmp_path, chat=referring(reference))).code


def test_dynamic_references_are_resolved(tmp_path: Path) -> None:
    schemas = resolved(tmp_path, chat=EXPORT | {"$defs": {"A": {"$dynamicRef": "#nothing"}}})

    assert ("/$defs/A/$dynamicRef", "unresolved_reference") == pointer_and_code(only(schemas))


@pytest.mark.parametrize("keyword", ["const", "default", "examples"])
def test_data_with_a_ref_member_is_not_a_reference(keyword: str, tmp_path: Path) -> None:
    value: Any = {"$ref": "#/nowhere"}
    schemas = resolved(tmp_path, chat=EXPORT | {"$defs": {"A": {keyword: [value] if keyword == "examples" else value}}})

    assert () == schemas.problems


def test_property_named_ref_is_not_a_reference(tmp_path: Path) -> None:
    assert () == resolved(tmp_path, chat=EXPORT | {"$defs": {"A": {"properties": {"$ref": {}}}}}).problems


def test_problem_of_a_shared_file_only_affects_endpoints_that_use_it(tmp_path: Path) -> None:
    schemas = resolved(
        tmp_path,
        chat=referring("common.json#/$defs/A"),
        common={"$defs": {"A": {"$ref": "more.json#/$defs/B"}}},
        more={"$defs": {"B": {"$ref": "#/$defs/nowhere"}}},
        other=COUNTER,
    )

    assert only(schemas).file.endswith("more.json")
    assert ["other"] == names(schemas)


def test_reference_to_an_unreadable_file_is_not_a_second_problem(tmp_path: Path) -> None:
    schemas = resolved(tmp_path, chat=referring("common.json#/$defs/A"), common="{")

    assert "invalid_json" == only(schemas).code
    assert [] == names(schemas)


def test_reference_to_an_invalid_schema_is_not_a_second_problem(tmp_path: Path) -> None:
    schemas = resolved(tmp_path, chat=referring("#/$defs/A", **{"$defs": {"A": {"type": "strin"}}}))

    assert ("/$defs/A/type", "invalid_schema") == pointer_and_code(only(schemas))


def test_all_problems_of_a_document_are_reported(tmp_path: Path) -> None:
    content = referring("#/$defs/Nowhere", ttl=0, **{"$defs": {"A": {"type": "strin"}, "B": {"$ref": "x.json"}}})

    codes = {problem.code for problem in resolved(tmp_path, chat=content).problems}

    assert {"out_of_range", "invalid_schema", "unresolved_reference"} == codes


def test_duplicate_anchor_is_rejected(tmp_path: Path) -> None:
    schemas = resolved(tmp_path, chat=EXPORT | {"$defs": {"A": {"$anchor": "x"}, "B": {"$anchor": "x"}}})

    assert ("/$defs/B", "duplicate_anchor") == pointer_and_code(only(schemas))


def test_duplicate_id_is_rejected(tmp_path: Path) -> None:
    schemas = resolved(tmp_path, a={"$id": "https://example.org/x"}, b={"$id": "https://example.org/x"})

    assert ("/$id", "duplicate_id") == pointer_and_code(only(schemas))
    assert only(schemas).file.endswith("b.json")


def test_embedded_resources_with_one_id_have_one_content(tmp_path: Path) -> None:
    def definitions(**schemas: Any) -> dict[str, Any]:
        return {"$defs": {name: {"$id": "https://example.org/x", **schema} for name, schema in schemas.items()}}

    inside = resolved(tmp_path / "a", a=definitions(A={"type": "string"}, B={"type": "integer"}))
    between = resolved(tmp_path / "b", a=definitions(A={"type": "string"}), b=definitions(B={"type": "integer"}))
    equal = resolved(tmp_path / "c", a=definitions(A=USER, B=USER), b=definitions(C=USER))

    assert "/$defs/B/$id: duplicate $id; first defined at /$defs/A: got https://example.org/x" in str(only(inside))
    assert "/$defs/B/$id: duplicate $id; first defined in a.json: got https://example.org/x" in str(only(between))
    assert () == equal.problems


@pytest.mark.parametrize("uri", ["http://[", "http://a:b/", "//[x"])
def test_malformed_uri_is_rejected_with_its_place(tmp_path: Path, uri: str) -> None:
    schemas = resolved(tmp_path, chat=EXPORT | {"$defs": {"A": {"properties": {"b": {"$id": uri}}}}})

    assert ("/$defs/A/properties/b/$id", "malformed_uri") == pointer_and_code(only(schemas))
    assert "hint: write a path or a URI" in str(only(schemas))


def test_older_drafts_are_upgraded(tmp_path: Path) -> None:
    old = {
        "$schema": DRAFT7,
        "$id": "old.json",
        "definitions": {
            "Pair": {"$id": "#pair", "items": [{"type": "string"}], "additionalItems": False},
            "Same": {"$ref": "#pair", "type": "string"},
        },
    }

    schemas = resolved(tmp_path, chat=referring("old.json#/definitions/Same"), old=old)

    assert () == schemas.problems
    definitions = schemas.documents[1].root["definitions"]
    assert {"$anchor": "pair", "prefixItems": [{"type": "string"}], "items": False} == definitions["Pair"]
    assert {"$ref": "#pair"} == definitions["Same"]


def test_empty_folder_has_no_endpoints(tmp_path: Path) -> None:
    assert Schemas(documents=(), groups=(), problems=()) == resolved(tmp_path)


def test_large_documents_are_resolved(tmp_path: Path) -> None:
    definitions = {f"D{number}": {"type": "object", "properties": {"next": {"$ref": f"#/$defs/D{number + 1}"}}}
                   for number in range(2_000)}  # fmt: skip

    schemas = resolved(tmp_path, chat=EXPORT | {"$defs": definitions | {"D2000": {}}})

    assert () == schemas.problems
