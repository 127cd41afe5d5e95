"""Settings from pyproject.toml and options."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegen.model import Options
from codegen.settings.project_settings import read_settings
from codegen.source.diagnostics import Problem, SchemaProblems


def project(path: Path, text: str) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    (path / "pyproject.toml").write_text(text, encoding="utf-8")
    return path


def only(path: Path, text: str) -> Problem:
    with pytest.raises(SchemaProblems) as raised:
        read_settings(project(path, text))
    (problem,) = raised.value.problems
    return problem


def test_settings_have_defaults(tmp_path: Path) -> None:
    settings = read_settings(tmp_path)

    assert tmp_path / "schemas" == settings.schemas
    assert tmp_path / "generated" == settings.python
    assert tmp_path / "generated" / "client" == settings.client
    assert "schemas" == settings.source
    assert not settings.strict
    assert Options() == settings.options


def test_settings_are_read_from_pyproject(tmp_path: Path) -> None:
    text = '[tool.tornado-ws]\nschemas = "api"\npython = "app/ws"\nclient = "web/src/lib/ws"\nformat-assertion = true\n'
    text += 'strict = true\npython-names = "snake_case"\n'

    settings = read_settings(project(tmp_path, text))

    assert tmp_path / "api" == settings.schemas
    assert tmp_path / "app" / "ws" == settings.python
    assert tmp_path / "web" / "src" / "lib" / "ws" == settings.client
    assert settings.strict
    assert Options(formats=True, snake_case=True) == settings.options


def test_settings_of_the_generator_are_followed_or_reported(tmp_path: Path) -> None:
    followed = "use-annotated = true\nuse_union_operator = true\nsnake-case-field = true\n"
    ours = '[tool.tornado-ws]\nmodels = "pydantic"\n'
    text = f"{ours}[tool.datamodel-codegen]\n{followed}base-class = 'a.B'\n"

    settings = read_settings(project(tmp_path / "a", text))

    (warning,) = settings.warnings
    assert settings.options.snake_case
    assert ("generator_setting", 7, "warning") == (warning.code, warning.line, warning.severity)
    assert "wire format" in str(warning.hint)
    others = read_settings(project(tmp_path / "b", text.replace('"pydantic"', '"msgspec"')))
    assert ((), False) == (others.warnings, others.options.snake_case)


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("enum-field-as-literal = 'all'", None),
        ("strict-types = ['str']", None),
        ("use-unique-items-as-set = false", None),
        ("target-python-version = '3.12'", None),
        ("output = 'models.py'", None),
        ("target-python-version = '3.10'", "Python 3.11"),
        ("use-annotated = false", "always"),
        ("use-decimal-for-multiple-of = true", "Decimal"),
        ("use_title_as_name = true", "titles"),
        ("reuse-model = true", "the schema decides"),
    ],
)
def test_values_that_models_follow_have_no_warning(tmp_path: Path, setting: str, reason: str | None) -> None:
    text = f'[tool.tornado-ws]\nmodels = "pydantic"\n[tool.datamodel-codegen]\n{setting}\n'

    hints = [str(warning.hint) for warning in read_settings(project(tmp_path, text)).warnings]

    assert (reason is not None) == len(hints)
    assert reason is None or reason in hints[0]


@pytest.mark.parametrize("value", ["none", "one"])
def test_generator_selects_classes_of_enumerations(tmp_path: Path, value: str) -> None:
    text = '[tool.tornado-ws]\nmodels = "pydantic"\n[tool.datamodel-codegen]\n'
    text += f'enum_field_as_literal = "{value}"\ncapitalise-enum-members = true\n'

    settings = read_settings(project(tmp_path, text))

    assert Options(enum_classes=True, upper_case_members=True) == settings.options
    assert () == settings.warnings


def test_models_is_msgspec_or_pydantic(tmp_path: Path) -> None:
    assert "msgspec" == read_settings(tmp_path).models
    assert "pydantic" == read_settings(project(tmp_path, '[tool.tornado-ws]\nmodels = "pydantic"\n')).models
    assert "msgspec" == read_settings(tmp_path, {"models": "msgspec"}).models

    problem = only(tmp_path, '[tool.tornado-ws]\nmodels = "attrs"\n')

    assert ("wrong_type", 2, '"msgspec" or "pydantic"') == (problem.code, problem.line, problem.expected)


def test_pyproject_of_a_parent_folder_is_used(tmp_path: Path) -> None:
    project(tmp_path, '[tool.tornado-ws]\nschemas = "api"\n')
    project(tmp_path / "web", "[tool.other]\n")

    assert tmp_path / "api" == read_settings(tmp_path / "web").schemas


def test_options_override_pyproject(tmp_path: Path) -> None:
    project(tmp_path, '[tool.tornado-ws]\nschemas = "api"\nclient = "web"\n')

    settings = read_settings(tmp_path, {"schemas": Path("other"), "python": None, "client": None})

    assert Path("other") == settings.schemas
    assert tmp_path / "web" == settings.client


def test_paths_are_relative_to_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project(tmp_path, '[tool.tornado-ws]\nschemas = "api/schemas"\n'))

    settings = read_settings(Path())

    assert Path("api/schemas") == settings.schemas
    assert Path("generated") == settings.python


def test_path_for_headers_is_the_same_in_every_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project(tmp_path, '[tool.tornado-ws]\nschemas = "api/schemas"\n')
    (tmp_path / "web").mkdir()

    for folder in (tmp_path, tmp_path / "web"):
        monkeypatch.chdir(folder)
        assert "api/schemas" == read_settings(Path()).source


def test_unknown_setting_is_rejected_with_a_suggestion(tmp_path: Path) -> None:
    problem = only(tmp_path, '[tool.other]\nschema = 1\n\n[tool.tornado-ws]\npython = "x"\nschema = "api"\n')

    assert ("unknown_setting", 6, "did you mean schemas?") == (problem.code, problem.line, problem.hint)


@pytest.mark.parametrize(
    ("line", "expected"), [("python = 5", "a path"), ('format-assertion = "yes"', "true or false")]
)
def test_setting_of_the_wrong_type_is_rejected(line: str, expected: str, tmp_path: Path) -> None:
    problem = only(tmp_path, f"[tool.tornado-ws]\n{line}\n")

    assert ("wrong_type", 2, expected) == (problem.code, problem.line, problem.expected)


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ('unknown = "kept"', 'did you mean "keep"?'),
        ('models = "Pydantic"', 'did you mean "pydantic"?'),
        ('python-names = "snake-case"', 'did you mean "snake_case"?'),
        ('unknown = "sometimes"', None),
        ("models = 1", None),
        ('strict = "yes"', "write strict = true"),
        ("bigint = 0", "write bigint = false"),
        ('nullable = "maybe"', None),
        ('accept = "x-order"', 'write accept = ["x-order"]'),
        ("accept = 1", None),
        ("python = 1", None),
    ],
)
def test_wrong_value_has_a_hint(line: str, hint: str | None, tmp_path: Path) -> None:
    assert hint == only(tmp_path, f"[tool.tornado-ws]\n{line}\n").hint


def test_settings_must_be_a_table(tmp_path: Path) -> None:
    problem = only(tmp_path, "[tool]\ntornado-ws = 1\n")

    assert ("wrong_type", "/tool/tornado-ws", "a table", "1") == (
        problem.code,
        problem.pointer,
        problem.expected,
        problem.got,
    )


def test_invalid_toml_is_rejected_with_its_position(tmp_path: Path) -> None:
    problem = only(tmp_path, "[tool.tornado-ws]\nschemas = api\n")

    assert ("invalid_toml", 2, 11) == (problem.code, problem.line, problem.column)
    assert problem.message.startswith("invalid TOML: ")


def test_lists_are_read_from_pyproject(tmp_path: Path) -> None:
    settings = read_settings(project(tmp_path, '[tool.tornado-ws]\naccept = ["item"]\nthird-party = ["vendor/*"]\n'))

    assert (("item",), ("vendor/*",)) == (settings.accept, settings.third_party)


@pytest.mark.parametrize("value", ['"vendor"', "[1]", '[""]'])
def test_list_of_other_values_is_rejected(tmp_path: Path, value: str) -> None:
    with pytest.raises(SchemaProblems, match="wrong type: expected a list of patterns"):
        read_settings(project(tmp_path, f"[tool.tornado-ws]\nthird-party = {value}\n"))


@pytest.mark.parametrize(
    ("header", "line", "words"),
    [
        (
            "[tool.tornado_ws]",
            3,
            "/tool/tornado_ws: table without effect: expected [tool.tornado-ws], got [tool.tornado_ws]",
        ),
        (
            "[tool.'tornado ws']",
            3,
            "/tool/tornado ws: table without effect: expected [tool.tornado-ws], got [tool.tornado ws]",
        ),
        ("[tool.TornadoWs]", 3, "got [tool.TornadoWs]"),
        ("[tornado-ws]", 3, "/tornado-ws: table without effect: expected [tool.tornado-ws], got [tornado-ws]"),
        ("[tools.tornado-ws]", 3, "got [tools.tornado-ws]"),
        ("[tool]\ntornado_ws.strict = true\n[x]", 4, "got [tool.tornado_ws]"),
        ("[ tool . 'tornado_ws' ]", 3, "got [tool.tornado_ws]"),
    ],
)
@pytest.mark.parametrize("beside", ["", "[tool.tornado-ws]\n"])
def test_table_with_another_name_is_a_warning(header: str, line: int, words: str, beside: str, tmp_path: Path) -> None:
    settings = read_settings(project(tmp_path, f"[tool.x]\ny = 1\n{header}\nstrict = true\n{beside}"))

    (warning,) = settings.warnings
    assert ("misnamed_table", line, "warning", "rename the table") == (
        warning.code,
        warning.line,
        warning.severity,
        warning.hint,
    )
    assert words in str(warning)
    assert not settings.strict


@pytest.mark.parametrize("text", ["[tool.tornado-ws]\n", "[tool.tornado]\n", "tornado-ws = 1\n", "tool = 1\n", ""])
def test_other_tables_have_no_warning(text: str, tmp_path: Path) -> None:
    assert () == read_settings(project(tmp_path, text)).warnings


def test_members_of_lists_have_lines(tmp_path: Path) -> None:
    text = '[tool.tornado-ws]\naccept = ["b", "a"]\nthird-party = [\n  "a",\n  \'b\',\n]\n'

    lines = read_settings(project(tmp_path, text)).lines

    assert [2, 2, 4, 5] == [*lines.values()]
    assert "/tool/tornado-ws/third-party/1" == [*lines][-1]
