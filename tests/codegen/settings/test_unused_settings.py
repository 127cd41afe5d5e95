"""Members of lists in the settings that no schema needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegen.pipeline import read
from codegen.settings.project_settings import read_settings
from codegen.source.diagnostics import Problem, SchemaProblems

from ..support.folders import EXPORT, folder


def warnings(path: Path, settings: str) -> list[Problem]:
    """Return the warnings about a project with ``schemas/vendor/a.json``."""
    (path / "pyproject.toml").write_text(f"[tool.tornado-ws]\n{settings}\n", encoding="utf-8")
    folder(path / "schemas", it=EXPORT)
    folder(path / "schemas/vendor", a={"$defs": {"A": {"typ": "x"}}})
    return [*read(read_settings(path)).warnings]


@pytest.mark.parametrize(
    ("pattern", "hint"),
    [
        ("vendors/*", "patterns are relative to schemas, such as vendor/*"),
        ("schemas/vendor/*", 'did you mean "vendor/*"?'),
        ("./vendor/*.json", 'did you mean "vendor/*.json"?'),
        ("vendor", 'did you mean "vendor/*"?'),
        ("vendor/", 'did you mean "vendor/*"?'),
        ("schemas/vendor/", 'did you mean "vendor/*"?'),
        ("vendor\\\\*", 'did you mean "vendor/*"?'),
    ],
)
def test_pattern_without_a_file_is_a_warning(pattern: str, hint: str, tmp_path: Path) -> None:
    (warning,) = warnings(tmp_path, f'accept = ["typ"]\nthird-party = [\n  "*/a.json",\n  "{pattern}",\n]')

    got = pattern.replace("\\\\", "\\")
    assert f'pattern matches no file: got "{got}"' in str(warning)
    assert ("unused_setting", "/tool/tornado-ws/third-party/1", 5, hint) == (
        warning.code,
        warning.pointer,
        warning.line,
        warning.hint,
    )


def test_name_that_no_schema_contains_is_a_warning(tmp_path: Path) -> None:
    (warning,) = warnings(tmp_path, 'accept = ["typ", "itmes"]')

    assert (2, "/tool/tornado-ws/accept/1") == (warning.line, warning.pointer)
    assert str(warning).endswith('name that no schema contains: got "itmes" [unused_setting]\n  hint: remove the name')


def test_pattern_of_an_unreadable_file_is_used(tmp_path: Path) -> None:
    folder(tmp_path / "schemas/vendor", broken="{")

    found = warnings(tmp_path, 'accept = ["typ"]\nthird-party = ["vendor/broken.json"]')

    assert ["invalid_json"] == [warning.code for warning in found]


def test_unused_settings_are_errors_in_strict_projects(tmp_path: Path) -> None:
    with pytest.raises(SchemaProblems) as raised:
        warnings(tmp_path, 'strict = true\naccept = ["typ"]\nthird-party = ["x"]')

    assert ["unused_setting"] == [problem.code for problem in raised.value.problems]
