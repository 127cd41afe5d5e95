"""Problems of ``x-python``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from codegen.cache.fingerprint import fingerprint
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
        found = plan(read_settings(path)).warnings
    except SchemaProblems as error:
        found = error.problems
    return tuple(problem for problem in found if problem.code != "unused_setting")


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


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("app.models.Order", 'did you mean "app.models:Order"?'),
        ("app:models:Order", 'did you mean "app.models:Order"?'),
        ("Order", 'such as "app.models:Order"'),
        ("app/models.py:Order", 'such as "app.models:Order"'),
        (3, 'such as "app.models:Order"'),
    ],
)
def test_hint_shows_the_form_of_the_value(value: Any, hint: str, tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, {**OBJECT, "x-python": value})

    assert hint == problem.hint


def module(path: Path, text: str, name: str = "app/models.py") -> Path:
    """Write a module of the application."""
    file = path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["app/models.py", "src/app/models.py", "app/models/__init__.py"])
def test_class_that_its_module_does_not_define_is_a_problem(name: str, tmp_path: Path) -> None:
    module(tmp_path, "import os\nclass Ordre: ...\ndef Order(): ...\n", name)

    (problem,) = problems(tmp_path, {**OBJECT, "x-python": "app.models:Order"})

    assert (
        f"/$defs/Order/x-python: no such class in {name}: got Order [missing_python_model]\n  hint: did you mean Ordre?"
    ) == str(problem).split(": ", 1)[1]


@pytest.mark.parametrize(
    "text",
    [
        "class Order: ...",
        "from .other import Order",
        "from .other import Line as Order",
        "Order = make()",
        "Order: type = make()",
        "if True:\n    class Order: ...",
        "try:\n    pass\nexcept ImportError:\n    class Order: ...",
        "for Order in (): pass",
        "from .other import *",
        "def __getattr__(name): ...",
        "globals()['Order'] = 1",
        "with make() as Order: pass",
        "a syntax error",
    ],
)
def test_module_that_may_define_the_class_has_no_problem(text: str, tmp_path: Path) -> None:
    module(tmp_path, text)

    assert [] == found(tmp_path, {**OBJECT, "x-python": "app.models:Order"})


def test_module_that_its_package_does_not_contain_is_a_problem(tmp_path: Path) -> None:
    module(tmp_path, "", "app/__init__.py")

    (problem,) = problems(tmp_path, {**OBJECT, "x-python": "app.models:Order"})

    assert (
        "/$defs/Order/x-python: module not found: got app.models [missing_python_model]\n"
        "  hint: create app/models.py, or correct the name"
    ) == str(problem).split(": ", 1)[1]


def test_compiled_modules_and_packages_that_are_not_installed_are_not_read(tmp_path: Path) -> None:
    assert [] == found(tmp_path, {**OBJECT, "x-python": "app.models:Order"})

    module(tmp_path, "", "app/models.cpython-311-x86_64-linux-gnu.so")

    assert [] == found(tmp_path, {**OBJECT, "x-python": "app.models:Order"})


def test_changed_module_is_noticed_by_the_cache(tmp_path: Path) -> None:
    problems(module(tmp_path, "class Order: ..."), {**OBJECT, "x-python": "app.models:Order"})
    before = fingerprint(read_settings(tmp_path))

    module(tmp_path, "class Order: ...\n# a comment\n")
    assert before == fingerprint(read_settings(tmp_path))

    module(tmp_path, "class Line: ...")
    assert before != fingerprint(read_settings(tmp_path))


def test_listed_module_that_no_schema_names_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[tool.tornado-ws]\n{SETTINGS}", encoding="utf-8")
    folder(tmp_path / "schemas", test=payload(OBJECT))

    (warning,) = plan(read_settings(tmp_path)).warnings

    assert (
        'pyproject.toml:3:1: warning: /tool/tornado-ws/python-models/0: module that no schema names: got "app.models" '
        "[unused_setting]\n"
        '  hint: write "x-python": "app.models:…" in a definition'
    ) in str(warning)


@pytest.mark.parametrize(
    ("module", "hint"),
    [("app.model", 'did you mean "app.models:Order"? if you trust'), ("os", "if you trust the schema")],
)
def test_hint_for_an_unlisted_module_names_a_similar_one(module: str, hint: str, tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, {**OBJECT, "x-python": f"{module}:Order"})

    assert str(problem.hint).startswith(hint)


@pytest.mark.parametrize("value", ["app.models:Order", "app/models.py", "", ".models", "app..models", "1.a", "a\nb"])
def test_python_models_must_be_modules(value: str, tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, OBJECT, settings=f'models = "pydantic"\npython-models = [{json.dumps(value)}]\n')

    assert ("wrong_type", 'a list of modules, such as "app.models"') == (problem.code, problem.expected)
