"""Errors in files of others, with and without an endpoint that needs the part."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from codegen.pipeline import read
from codegen.schema.resolve import resolve
from codegen.settings.project_settings import read_settings
from codegen.source.diagnostics import Problem, SchemaProblems
from codegen.source.load import load

from ..support.generated import payload

GOOD = {"type": "object", "properties": {"name": {"type": "string"}}}
HINT = "left out, since no endpoint needs it"


def problems(folder: Path, files: Mapping[str, Any], *, third_party: str = "vendor/*") -> list[Problem]:
    """Return the problems of a strict project; texts are files as they are."""
    folder.mkdir(exist_ok=True)
    (folder / "pyproject.toml").write_text(
        f'[tool.tornado-ws]\nstrict = true\nthird-party = ["{third_party}"]\n', encoding="utf-8"
    )
    for name, content in files.items():
        path = folder / "schemas" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    try:
        found = read(read_settings(folder)).warnings
    except SchemaProblems as error:
        found = error.problems
    return [problem for problem in found if problem.code != "unused_setting"]


def seen(found: list[Problem]) -> list[tuple[str, str, str]]:
    return [(problem.pointer, problem.code, problem.severity) for problem in found]


FAULTS = [
    ({"$ref": "https://example.org/x.json"}, "/$ref", "remote_reference"),
    ({"$ref": "#/definitions/Goof"}, "/$ref", "unresolved_reference"),
    ({"$ref": "missing.json"}, "/$ref", "unresolved_reference"),
    ({"$ref": "../../x.json"}, "/$ref", "reference_outside_folder"),
    ({"$ref": "#/definitions"}, "/$ref", "reference_to_non_schema"),
    ({"$ref": "../test.json#/serverMessages/it/payload"}, "/$ref", "reference_outside_defs"),
    ({"$ref": "http://["}, "/$ref", "malformed_uri"),
    ({"properties": {"a": {"items": {"$ref": "urn:x"}}}}, "/properties/a/items/$ref", "remote_reference"),
    ({"type": "strin"}, "/type", "invalid_schema"),
    ({"$id": "http://a.org/", "$schema": "http://a.org/meta"}, "/$schema", "unsupported_dialect"),
]


@pytest.mark.parametrize(("fault", "pointer", "code"), FAULTS)
@pytest.mark.parametrize(
    "draft", ["http://json-schema.org/draft-04/schema#", "http://json-schema.org/draft-07/schema#"]
)
def test_error_in_a_definition_that_no_endpoint_reaches_is_a_warning(
    fault: Any, pointer: str, code: str, draft: str, tmp_path: Path
) -> None:
    unused = {"Bad": fault, "User": {"items": {"$ref": "#/definitions/Bad"}}}
    vendor = {"$schema": draft, "definitions": {"Good": GOOD, **unused}}

    found = problems(
        tmp_path, {"test.json": payload({"$ref": "vendor/a.json#/definitions/Good"}), "vendor/a.json": vendor}
    )

    assert [(f"/definitions/Bad{pointer}", code, "warning")] == seen(found)
    assert [HINT] == [problem.hint for problem in found]


@pytest.mark.parametrize(("fault", "pointer", "code"), FAULTS)
@pytest.mark.parametrize("way", ["directly", "through another definition", "from a file of the user"])
def test_error_in_a_definition_that_an_endpoint_reaches_remains(
    fault: Any, pointer: str, code: str, way: str, tmp_path: Path
) -> None:
    vendor = {"definitions": {"Good": {"items": {"$ref": "#/definitions/Bad"}}, "Bad": fault}}
    name = "Bad" if way == "directly" else "Good"
    files: dict[str, Any] = {
        "test.json": payload({"$ref": f"vendor/a.json#/definitions/{name}"}),
        "vendor/a.json": vendor,
    }
    if way == "from a file of the user":
        files |= {"test.json": payload(True), "common.json": {"$ref": "vendor/a.json#/definitions/Good"}}

    found = problems(tmp_path, files)

    assert [(f"/definitions/Bad{pointer}", code, "error")] == seen(found)
    assert HINT not in {problem.hint for problem in found}


@pytest.mark.parametrize(("fault", "pointer", "code"), FAULTS)
def test_error_in_a_definition_of_the_user_remains(fault: Any, pointer: str, code: str, tmp_path: Path) -> None:
    shared = {"definitions": {"Good": GOOD, "Bad": fault}}

    found = problems(tmp_path, {"test.json": payload({"$ref": "own/a.json#/definitions/Good"}), "own/a.json": shared})

    assert [(f"/definitions/Bad{pointer}", code, "error")] == seen(found)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("{", "invalid_json"),
        ("", "empty_file"),
        ("[]", "not_a_schema"),
        ('{"type": "strin"}', "invalid_schema"),
        ('{"$schema": "http://a.org/meta"}', "unsupported_dialect"),
        ('{"$id": "http://["}', "malformed_uri"),
        ('{"type": "string", "type": "string"}', "duplicate_key"),
    ],
)
def test_file_with_errors_matters_only_if_an_endpoint_leads_there(content: str, code: str, tmp_path: Path) -> None:
    good = {"definitions": {"Good": GOOD, "Other": {"$ref": "bad.json"}}}
    files = {"test.json": payload({"$ref": "vendor/a.json#/definitions/Good"}), "vendor/a.json": good}
    other = files | {"test.json": payload({"$ref": "vendor/a.json#/definitions/Other"})}

    unused = problems(tmp_path / "unused", files | {"vendor/bad.json": content})
    used = problems(tmp_path / "used", other | {"vendor/bad.json": content})

    assert {(code, "warning")} == {(problem.code, problem.severity) for problem in unused}
    assert {(code, "error")} == {(problem.code, problem.severity) for problem in used}


@pytest.mark.parametrize(
    ("endpoint", "pointer"),
    [
        (payload({"type": "strin"}), "/serverMessages/it/payload/type"),
        (payload(True, **{"$defs": {"Bad": {"type": "strin"}}}), "/$defs/Bad/type"),
        (payload(True, **{"$defs": {"Bad": {"$ref": "urn:x"}}}), "/$defs/Bad/$ref"),
        (payload(True) | {"kind": "other"}, "/kind"),
        (payload(True, unknown=1), "/unknown"),
    ],
)
def test_errors_in_an_endpoint_remain_wherever_it_is(endpoint: Any, pointer: str, tmp_path: Path) -> None:
    found = problems(tmp_path, {"vendor/test.json": endpoint})

    assert [(pointer, "error")] == [(problem.pointer, problem.severity) for problem in found]


def test_broken_root_matters_only_if_an_endpoint_leads_there(tmp_path: Path) -> None:
    vendor = {"$ref": "https://example.org/x.json", "$defs": {"Good": GOOD}}

    unused = problems(
        tmp_path / "1", {"test.json": payload({"$ref": "vendor/a.json#/$defs/Good"}), "vendor/a.json": vendor}
    )
    used = problems(tmp_path / "2", {"test.json": payload({"$ref": "vendor/a.json"}), "vendor/a.json": vendor})

    assert [("/$ref", "remote_reference", "warning")] == seen(unused)
    assert [("/$ref", "remote_reference", "error")] == seen(used)


def test_part_of_a_definition_needs_the_whole_definition(tmp_path: Path) -> None:
    vendor = {"$defs": {"Half": {"properties": {"a": {"type": "string"}, "b": {"$ref": "urn:x"}}}}}

    found = problems(
        tmp_path, {"test.json": payload({"$ref": "vendor/a.json#/$defs/Half/properties/a"}), "vendor/a.json": vendor}
    )

    assert ["error"] == [problem.severity for problem in found]


def test_dynamic_anchors_of_a_needed_file_are_needed(tmp_path: Path) -> None:
    vendor = {
        "$defs": {
            "Node": {"properties": {"next": {"$dynamicRef": "#node"}}},
            "Any": {"$dynamicAnchor": "node", "$ref": "urn:x"},
        }
    }

    found = problems(tmp_path, {"test.json": payload({"$ref": "vendor/a.json#/$defs/Node"}), "vendor/a.json": vendor})

    assert [("/$defs/Any/$ref", "remote_reference", "error")] == seen(found)


@pytest.mark.parametrize("anchor", [{"$dynamicAnchor": "node"}, {"items": {"$dynamicAnchor": "node"}}])
def test_invalid_schema_beside_a_dynamic_anchor_is_needed_with_its_file(anchor: Any, tmp_path: Path) -> None:
    tree = {"$id": "https://example.org/tree", "properties": {"next": {"$dynamicRef": "#node"}}}
    bad = {**anchor, "type": "strin"}
    files = {
        "test.json": payload({"$ref": "vendor/a.json"}),
        "vendor/a.json": {"$id": "https://example.org/a", "$ref": "tree", "$defs": {"Any": bad}},
        "vendor/tree.json": {**tree, "$defs": {"Any": {"$dynamicAnchor": "node"}}},
    }

    used = problems(tmp_path / "1", files)
    unused = problems(tmp_path / "2", files | {"test.json": payload({"$ref": "vendor/tree.json"})})

    assert [("/$defs/Any/type", "invalid_schema", "error")] == seen(used)
    assert [("/$defs/Any/type", "invalid_schema", "warning")] == seen(unused)


def test_property_that_is_called_like_a_container_is_part_of_its_schema(tmp_path: Path) -> None:
    inner = {"type": "object", "properties": {"$ref": {"type": "string"}, "definitions": {"items": {"$ref": "urn:x"}}}}
    vendor = {"$defs": {"Good": inner}}

    found = problems(tmp_path, {"test.json": payload({"$ref": "vendor/a.json#/$defs/Good"}), "vendor/a.json": vendor})

    assert [("/$defs/Good/properties/definitions/items/$ref", "remote_reference", "error")] == seen(found)


def test_unused_definition_in_a_group_is_found_by_its_place_in_the_text(tmp_path: Path) -> None:
    vendor = {
        "components": {
            "schemas": {
                "Good": {"type": "object"},
                "Bad": {"type": "strin"},
                "Worse": {"$ref": "#/components/schemas/Bad"},
            }
        },
        "$defs": {"Way": {"$ref": "#/components/schemas/Worse"}},
    }

    found = problems(
        tmp_path, {"test.json": payload({"$ref": "vendor/a.json#/components/schemas/Good"}), "vendor/a.json": vendor}
    )

    assert [("/components/schemas/Bad/type", "invalid_schema", "warning")] == seen(found)


def test_error_behind_another_one_is_reported(tmp_path: Path) -> None:
    bad = {"type": "strin"}
    vendor = {"$schema": "http://json-schema.org/draft-07/schema#", "definitions": {"A": bad, "B": {"items": bad}}}

    found = problems(tmp_path, {"test.json": payload(True), "vendor/a.json": vendor})

    assert ["/definitions/A/type", "/definitions/B/items/type"] == [problem.pointer for problem in found]
    assert {"warning"} == {problem.severity for problem in found}


def test_file_with_errors_can_be_needed_by_its_identifier(tmp_path: Path) -> None:
    files = {
        "test.json": payload({"$ref": "https://example.org/bad"}),
        "vendor/bad.json": {"$id": "https://example.org/bad", "type": "strin"},
    }

    assert [("/type", "invalid_schema", "error")] == seen(problems(tmp_path, files))


@pytest.mark.parametrize(("identity", "code"), [("$anchor", "duplicate_anchor"), ("$id", "duplicate_id")])
def test_ambiguous_names_matter_in_every_file_that_others_refer_to(identity: str, code: str, tmp_path: Path) -> None:
    twins = {"$defs": {"Good": GOOD, "A": {identity: "x"}, "B": {identity: "x", "type": "string"}}}
    other = {"$defs": {"Good": GOOD, "Unused": {"$ref": "twins.json#/$defs/Good"}}}
    own = {"test.json": payload({"$ref": "vendor/a.json#/$defs/Good"}), "vendor/a.json": {"$defs": {"Good": GOOD}}}

    unused = problems(tmp_path / "1", own | {"vendor/twins.json": twins})
    used = problems(tmp_path / "2", own | {"vendor/twins.json": twins, "vendor/a.json": other})

    assert [(code, "warning")] == [(problem.code, problem.severity) for problem in unused]
    assert [(code, "error")] == [(problem.code, problem.severity) for problem in used]


def test_second_version_of_a_protocol_does_not_matter(tmp_path: Path) -> None:
    version = {
        "a.json": {"$id": "http://example.org/a", "$ref": "b"},
        "b.json": {"$id": "http://example.org/b", **GOOD},
    }
    files = {f"vendor/v{number}/{name}": content for number in (1, 2) for name, content in version.items()}

    found = problems(tmp_path, {"test.json": payload({"$ref": "vendor/v1/a.json"}), **files})

    assert {("duplicate_id", "warning")} == {(problem.code, problem.severity) for problem in found}
    assert {"vendor/v2/a.json", "vendor/v2/b.json"} == {problem.file.partition("schemas/")[2] for problem in found}


def test_file_that_only_an_unused_definition_needs_is_in_the_group(tmp_path: Path) -> None:
    vendor = {"$defs": {"Good": GOOD, "Unused": {"$ref": "b.json"}}}
    files = {
        "test.json": payload({"$ref": "vendor/a.json#/$defs/Good"}),
        "vendor/a.json": vendor,
        "vendor/b.json": GOOD,
    }
    problems(tmp_path, files)

    (group,) = resolve(load(tmp_path / "schemas", third_party=["vendor/*"])).groups

    assert ["test.json", "vendor/a.json", "vendor/b.json"] == [str(document.path) for document in group.documents]


def test_errors_in_unused_definitions_of_files_that_are_not_listed_have_a_way_out(tmp_path: Path) -> None:
    files = {
        "test.json": payload({"$ref": "copied/a.json#/$defs/Good"}),
        "copied/a.json": {"$defs": {"Good": {"items": {"$ref": "urn:x"}}, "Bad": {"$ref": "urn:y"}}},
    }

    used, unused = problems(tmp_path, files)

    way_out = "no endpoint needs this part: if you do not edit the file, list it in `third-party`"
    assert ("/$defs/Good/items/$ref", "/$defs/Bad/$ref") == (used.pointer, unused.pointer)
    assert "third-party" not in str(used.hint)
    assert str(unused.hint).endswith(f"; {way_out}")
    assert ("error", "error") == (used.severity, unused.severity)
