"""Problems of ``x-python``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codegen.pipeline import plan
from codegen.settings.project_settings import read_settings
from codegen.source.diagnostics import Problem, SchemaProblems

from ..support.folders import folder
from ..support.generated import payload

OBJECT = {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}
SETTINGS = 'models = "pydantic"\npython-models = ["app.models"]\n'


def problems(path: Path, definition: Any, *, settings: str = SETTINGS, **files: Any) -> tuple[Problem, ...]:
    """Return the problems of a folder with one definition."""
    (path / "pyproject.toml").write_text(f"[tool.tornado-ws]\n{settings}", encoding="utf-8")
    test = payload({"$ref": "#/$defs/Order"}, **{"$defs": {"Order": definition, "Base": OBJECT}})
    folder(path / "schemas", test=test, **files)
    try:
        return plan(read_settings(path)).warnings
    except SchemaProblems as error:
        return error.problems


def found(path: Path, definition: Any, **others: Any) -> list[tuple[str, str, str]]:
    return [(one.code, one.pointer, one.severity) for one in problems(path, definition, **others)]


PLACE = "/$defs/Order/x-python"


@pytest.mark.parametrize(
    "definition",
    [
        OBJECT,
        {"$ref": "#/$defs/Base"},
        {"allOf": [{"$ref": "#/$defs/Base"}]},
        {"allOf": [{"$ref": "#/$defs/Base"}, {"properties": {"name": {"type": "string"}}}]},
    ],
)
def test_definition_of_an_object_may_name_a_class_of_a_listed_module(tmp_path: Path, definition: Any) -> None:
    assert [] == found(tmp_path, {**definition, "x-python": "app.models:Order"})
    (text,) = (text for path, text in plan(read_settings(tmp_path)).missing.items() if path.name == "test.py")
    assert "\nfrom app.models import Order\n" in text


@pytest.mark.parametrize(
    "value",
    ["app.models", "app.models:", ":Order", "app.models:a.b", "app models:Order", "a:b\nimport os", "a:class", 3, None],
)
def test_other_values_are_invalid(tmp_path: Path, value: Any) -> None:
    assert [("invalid_python_model", PLACE, "error")] == found(tmp_path, {**OBJECT, "x-python": value})


@pytest.mark.parametrize("module", ["os", "app", "app.models.inner", "app.model"])
def test_module_that_the_settings_do_not_list_is_not_imported(tmp_path: Path, module: str) -> None:
    (problem,) = problems(tmp_path, {**OBJECT, "x-python": f"{module}:Order"})

    assert ("unlisted_python_model", PLACE) == (problem.code, problem.pointer)
    assert f'python-models = ["app.models", "{module}"]' in str(problem.hint)


@pytest.mark.parametrize(
    "definition",
    [
        {"type": "string"},
        {"type": "object", "additionalProperties": {"type": "string"}},
        {"type": ["object", "null"], "properties": {"a": {"type": "string"}}},
        {"type": "object", "anyOf": [{"properties": {"a": {"const": at}}, "required": ["a"]} for at in (1, 2)]},
    ],
)
def test_only_objects_with_properties_have_a_class(tmp_path: Path, definition: Any) -> None:
    assert ("invalid_python_model", PLACE, "error") in found(tmp_path, {**definition, "x-python": "app.models:Order"})


def test_only_definitions_have_a_class(tmp_path: Path) -> None:
    inline = {"type": "object", "properties": {"inner": {**OBJECT, "x-python": "app.models:Order"}}}

    pointer = "/$defs/Order/properties/inner/x-python"
    assert [("invalid_python_model", pointer, "error")] == found(tmp_path, inline)


def test_msgspec_classes_ignore_it_with_a_warning(tmp_path: Path) -> None:
    definition = {**OBJECT, "x-python": "app.models:Order"}

    settings = 'python-models = ["app.models"]\n'
    assert [("unused_python_model", PLACE, "warning")] == found(tmp_path, definition, settings=settings)


def test_schemas_of_others_choose_no_imports_and_can_be_used(tmp_path: Path) -> None:
    settings = 'models = "pydantic"\nthird-party = ["test.json"]\n'

    assert [("unlisted_python_model", PLACE, "warning")] == found(
        tmp_path, {**OBJECT, "x-python": "os:environ"}, settings=settings
    )
