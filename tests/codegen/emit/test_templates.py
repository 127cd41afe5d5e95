"""Templates, which reject text that is not code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
import pytest

from codegen.emit.templates import Code, template
from codegen.identifiers import Name


@pytest.fixture
def render(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that renders a template of a package."""
    package = tmp_path / f"templates_{tmp_path.name}"  # unique, since Python caches packages
    package.mkdir()
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)

    def render(source: str, **values: object) -> str:
        (package / "file.jinja").write_text(source, encoding="utf-8")
        return template(package.name, "file.jinja", literal=lambda value: Code(repr(value))).render(**values)

    return render


def test_text_is_rejected(render: Any) -> None:
    with pytest.raises(TypeError, match=r"'import os' is text, not code: pass it through a filter"):
        render("{{ x }}", x="import os")


def test_names_code_and_numbers_are_rendered(render: Any) -> None:
    assert "Line 'a<b' 7" == render("{{ name }} {{ text | literal }} {{ n }}", name=Name("Line"), text="a<b", n=7)


def test_macros_return_code(render: Any) -> None:
    text = "{% macro field(name) %}{{ name }}: str{% endmacro %}{{ field(name) }}"

    assert "nick: str" == render(text, name=Name("nick"))


def test_macros_reject_text(render: Any) -> None:
    with pytest.raises(TypeError, match="is text, not code"):
        render("{% macro field(name) %}{{ name }}{% endmacro %}{{ field(name) }}", name="x")


@pytest.mark.parametrize("expression", ["x | safe", "x | e", "[code, x] | join", "x | replace('a', 'b')", "x | tojson"])
def test_filters_that_turn_text_into_code_are_unknown(render: Any, expression: str) -> None:
    with pytest.raises(jinja2.TemplateAssertionError, match="No filter named"):
        render("{{ " + expression + " }}", x="a", code=Code("b"))


def test_joining_code_and_text_is_rejected(render: Any) -> None:
    with pytest.raises(jinja2.TemplateAssertionError, match="~ joins text"):
        render("{{ code ~ x }}", x="a", code=Code("b"))
    with pytest.raises(TypeError, match="'ba' is text"):
        render("{{ code + x }}", x="a", code=Code("b"))


def test_undefined_names_are_rejected(render: Any) -> None:
    with pytest.raises(jinja2.UndefinedError, match="'x' is undefined"):
        render("{{ x }}")


def test_final_newline_is_kept(render: Any) -> None:
    assert "x\n" == render("x\n")


def test_each_template_uses_its_own_filters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / f"filters_{tmp_path.name}"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "file.jinja").write_text('{{ "x" | here }}', encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)

    rendered = [
        template(package.name, "file.jinja", here=lambda name, end=end: Code(name + end)).render() for end in ("1", "2")
    ]

    assert ["x1", "x2"] == rendered
