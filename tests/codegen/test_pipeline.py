"""Pipeline from a schemas folder to generated files."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from codegen.pipeline import generate, plan, read
from codegen.schema.editor_schema import editor_schema
from codegen.settings.project_settings import Settings, read_settings
from codegen.source.diagnostics import Problem, SchemaProblems
from codegen.source.load import META_SCHEMA
from codegen.source.uri import BASE

from .support.folders import COUNTER, EXPORT, folder
from .support.generated import payload


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Create a project with two endpoints and return its settings."""
    folder(tmp_path / "schemas", counter=COUNTER, export=EXPORT)
    return read_settings(tmp_path)


def files(settings: Settings) -> dict[str, str]:
    """Return the text of all generated files, by path."""
    folder = settings.python.parent
    generated = (path for path in settings.python.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in generated}


def test_package_and_client_are_written(settings: Settings) -> None:
    generate(settings)

    assert {
        "generated/__init__.py",
        "generated/counter.py",
        "generated/export.py",
        "generated/py.typed",
        "generated/client/counter/index.ts",
        "generated/client/export/ExportSocket.svelte",
        "generated/client/runtime/live.svelte.ts",
        "generated/client/vite.js",
    } <= files(settings).keys()


@pytest.mark.parametrize(("name", "number"), [("a.json", "1" + "0" * 400), ("a.json", "1e400"), ("a.yaml", "1.0e+400")])
def test_number_out_of_range_is_one_problem(tmp_path: Path, name: str, number: str) -> None:
    """The replacement value causes no second problem."""
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / name).write_text(f'{{"$defs": {{"A": {{"multipleOf": {number}, "maxLength": {number}}}}}}}')

    with pytest.raises(SchemaProblems) as caught:
        generate(read_settings(tmp_path))

    assert ["number_out_of_range"] * 2 == [problem.code for problem in caught.value.problems]


def test_generating_again_changes_nothing(settings: Settings) -> None:
    generate(settings)

    assert not plan(settings)
    assert not generate(settings)


def test_only_files_of_the_changed_schema_are_written(settings: Settings) -> None:
    generate(settings)
    folder(settings.schemas, counter=COUNTER | {"description": "Another one."})

    changes = generate(settings)

    assert changes.stale
    assert all("counter" in path.as_posix() for path in changes.stale)
    assert not changes.missing and not changes.left_over


def test_generated_files_do_not_depend_on_the_folder_of_the_project(settings: Settings, tmp_path: Path) -> None:
    folder(tmp_path / "elsewhere" / "schemas", counter=COUNTER, export=EXPORT)
    other = read_settings(tmp_path / "elsewhere")

    generate(settings)
    generate(other)

    assert files(settings) == files(other)
    assert str(tmp_path) not in "".join(files(settings).values())


def test_files_of_a_deleted_schema_are_removed(settings: Settings) -> None:
    generate(settings)
    (settings.schemas / "export.json").unlink()

    generate(settings)

    assert not [path for path in files(settings) if "xport" in path]
    assert not (settings.client / "export").exists()


def test_nothing_is_written_if_a_schema_has_a_problem(settings: Settings) -> None:
    generate(settings)
    before = files(settings)
    folder(settings.schemas, counter=COUNTER | {"description": "Another one."}, export=EXPORT | {"ttl": 0})

    with pytest.raises(SchemaProblems):
        generate(settings)

    assert before == files(settings)


def test_problems_of_all_steps_are_reported_together(settings: Settings, tmp_path: Path) -> None:
    folder(
        settings.schemas,
        a="{",
        b=COUNTER | {"path": "/b", "ttl": 5},
        c=EXPORT | {"clientMessages": {"x": {"payload": {"$ref": "nowhere.json"}}}},
        d=EXPORT | {"serverMessages": {"moved": {"payload": {"type": "string"}, "latest": "/id"}}},
    )

    with pytest.raises(SchemaProblems) as raised:
        generate(settings)

    expected = [
        ("a", "invalid_json"),
        ("b", "disallowed_keyword"),
        ("c", "unresolved_reference"),
        ("d", "unresolved_latest"),
    ]
    assert expected == [(Path(problem.file).stem, problem.code) for problem in raised.value.problems]


def test_existing_meta_schema_is_updated(settings: Settings) -> None:
    generate(settings)
    assert not (settings.schemas / META_SCHEMA).exists()

    (settings.schemas / META_SCHEMA).touch()
    generate(settings)

    assert editor_schema() == (settings.schemas / META_SCHEMA).read_text(encoding="utf-8")


def test_definitions_may_refer_to_other_files(tmp_path: Path) -> None:
    definitions = {
        "Done": {"$ref": "common.json#/$defs/Done"},
        "Other": {"type": "array", "items": {"$ref": "#/$defs/Done"}},
    }
    endpoint = EXPORT | {"serverMessages": {"said": {"payload": {"$ref": "#/$defs/Other"}}}, "$defs": definitions}
    folder(tmp_path / "schemas", export=endpoint, common={"$defs": {"Done": {"type": "string"}}})

    (model,) = read(read_settings(tmp_path)).endpoints

    assert {"$defs": {"Done": {"type": "string"}}}.items() <= model.bundle["$defs"][f"{BASE}common.json"].items()


def test_yaml_and_json_produce_the_same_model(tmp_path: Path) -> None:
    schemas = folder(tmp_path / "schemas")
    (schemas / "export.yaml").write_text(
        """
        kind: ephemeral
        ticket:
          type: object
          properties: {room: {type: string}}
          required: [room]
        serverMessages:
          finished:
            payload: {type: string}
        """
    )
    folder(tmp_path / "json" / "schemas", export=EXPORT)

    (yaml,) = read(read_settings(tmp_path)).endpoints
    (json,) = read(read_settings(tmp_path / "json")).endpoints

    assert (json.ticket, json.server, json.definitions) == (yaml.ticket, yaml.server, yaml.definitions)
    assert "schemas/export.yaml" == yaml.source


def test_warning_does_not_prevent_generation(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    warning = Problem(file="schemas/counter.json", code="odd", message="odd", severity="warning")
    monkeypatch.setattr("codegen.lint.check_folder", lambda *_: [warning])

    changes = generate(settings)

    assert changes.missing
    assert (warning,) == changes.warnings


def test_warning_is_an_error_if_strict(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    warning = Problem(file="schemas/counter.json", code="odd", message="odd", severity="warning")
    monkeypatch.setattr("codegen.lint.check_folder", lambda *_: [warning])

    with pytest.raises(SchemaProblems) as caught:
        generate(replace(settings, strict=True))

    assert (replace(warning, severity="error"),) == caught.value.problems


@pytest.mark.parametrize("pattern", ["vendor/*", "*.yaml", "vendor/**/it.yaml"])
def test_mistakes_in_third_party_schemas_are_warnings_even_if_strict(tmp_path: Path, pattern: str) -> None:
    (tmp_path / "pyproject.toml").write_text(
        f'[tool.tornado-ws]\nstrict = true\nthird-party = ["{pattern}"]\n', encoding="utf-8"
    )
    folder(tmp_path / "schemas", test=payload({"$ref": "vendor/deep/it.yaml"}))
    (tmp_path / "schemas/vendor/deep").mkdir(parents=True)
    (tmp_path / "schemas/vendor/deep/it.yaml").write_text("{maxLenght: 1, enum: []}", encoding="utf-8")

    result = read(read_settings(tmp_path))

    assert ["misspelled_keyword", "empty_enum"] == [problem.code for problem in result.warnings]


@pytest.mark.parametrize(
    ("code", "schema"),
    [
        ("invalid_schema", {"properties": {"a": {"items": {"type": "strin"}}}}),
        ("misspelled_keyword", {"type": "string", "maxLenght": 1}),
        ("unsupported_pattern", {"pattern": "a(?!b)"}),
        ("remote_reference", {"$ref": "https://example.com/a.json"}),
        ("inexact_number", {"const": 2**53 + 1}),
    ],
)
def test_a_thousand_problems_are_reported_once_in_seconds(tmp_path: Path, code: str, schema: Any) -> None:
    shared = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "definitions": {f"D{at}": schema for at in range(1000)},
    }
    endpoint = payload({"$ref": "shared.json#/definitions/D1"})
    folder(tmp_path / "schemas", shared=shared, one=endpoint, two=endpoint)
    start = time.process_time()

    with pytest.raises(SchemaProblems) as caught:
        read(read_settings(tmp_path))

    assert [code] * 1000 == [problem.code for problem in caught.value.problems]
    assert time.process_time() - start < 10  # 0.6 s on an idle machine without coverage


def test_shared_module_is_written_while_endpoints_share_definitions(settings: Settings) -> None:
    reference = {"payload": {"$ref": "count.json"}}
    folder(settings.schemas, count={"type": "object", "properties": {"count": {"type": "integer"}}})
    folder(settings.schemas, counter=COUNTER | {"serverMessages": COUNTER["serverMessages"] | {"other": reference}})
    generate(settings)
    shared = {settings.python / "shared.py", settings.client / "shared.ts"}

    assert shared == {path for path in shared if path.exists()}
    assert not plan(settings)

    folder(settings.schemas, counter=COUNTER)
    changes = generate(settings)

    assert shared == {*changes.left_over}
    assert not any(path.exists() for path in shared)
