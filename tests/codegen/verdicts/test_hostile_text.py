"""Text from a schema never becomes code, at any position and with any content."""

from __future__ import annotations

import ast
import builtins
import functools
import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from codegen.pipeline import generate
from codegen.settings.project_settings import Settings, read_settings

from ..support.folders import folder

ROOT = Path(__file__).parents[3]

PYTHON = 'setattr(__import__("builtins"), "hostile", 1)'
HARMLESS = "a b?"

HOSTILE = [
    f'""" + {PYTHON} + """',
    f"''' + {PYTHON} + '''",
    f'\\""" + {PYTHON} #',
    f'" + {PYTHON} + "',
    f"' + {PYTHON} + '",
    f"\n{PYTHON}\n",
    f"\r{PYTHON}\r",
    f"\u2028{PYTHON}\u2029",
    f"\x85{PYTHON}\x0c",
    "ends with a backslash \\",
    'ends with a quote "',
    "\\N{BULLET} \\x41 \\u0041 \\",
    "nul \x00 and bell \x07",
    "*/ alert(1); /*",
    "*\\/ alert(1); /*",
    "// alert(1)",
    "'; alert(1); '",
    "`${alert(1)}`",
    "</script><script>alert(1)</script>",
    "</SCRIPT ><img src=x onerror=alert(1)>",
    "<!-- --> {@html '<img src=x onerror=alert(1)>'} <!--",
    "{#if alert(1)}{/if} {alert(1)}",
    "{{ 7 * 7 }} {% raw %} {# x #}",
    "%s %(x)s {0} {x!r} $x ${x}",
    "\u202ealert(1)\u202c \ufeff \u200b",
    "\uff41\uff4c\uff45\uff52\uff54\uff08\uff11\uff09",  # alert(1) in full-width letters, which are identifiers
    "{",
    "/",
    "]]>",
]


def endpoint(text: str, name: str) -> dict[str, Any]:
    """Return an endpoint with ``text`` at every position for text, and with properties named ``name``."""
    described = {"description": text, "title": text, "$comment": text, "examples": [text]}
    record = {
        **described,
        "type": "object",
        "properties": {
            name: {**described, "type": "string", "default": text},
            "kind": {"const": text},
            "choice": {"enum": [text, 1, None], "deprecated": True, **described},
            "nested": {"type": "object", "properties": {name: {"type": "integer"}}, **described},
            "mapped": {"type": "object", "additionalProperties": {"type": "string", **described}},
        },
        "required": [name],
        "dependentRequired": {name: ["kind"]},
    }
    return {
        "kind": "persistent",
        "path": "/x",
        "description": text,
        "title": text,
        "$comment": text,
        "params": {
            "type": "object",
            "properties": {"a": {"type": "string", **described, "default": text}},
            **described,
        },
        "clientMessages": {
            "say": {"description": text, "$comment": text, "deprecated": True, "payload": {"$ref": "#/$defs/Line"}},
            "ask": {"description": text, "payload": {"const": text}, "reply": {**described, "type": "string"}},
            "pull": {"description": text, "stream": record},
        },
        "serverMessages": {
            "said": {"description": text, "payload": record},
            "rest": {"description": text, "payload": {"type": "object", "propertyNames": {"enum": [text]}}},
        },
        "errors": {"full": {"description": text}},
        "$defs": {"Line": record, "Other": {"type": "array", "items": {"$ref": "#/$defs/Line"}, **described}},
    }


def generated(path: Path, text: str, name: str = HARMLESS) -> Settings:
    settings = read_settings(path)
    folder(settings.schemas, chat=endpoint(text, name))
    generate(settings)
    return settings


@functools.cache
def python_of(text: str) -> str:
    """Return the Python module generated from ``text``."""
    with TemporaryDirectory() as path:
        return (generated(Path(path), text).python / "chat.py").read_text(encoding="utf-8")


def python_shape(source: str) -> str:
    """Return the syntax tree of a module without its strings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
    return ast.dump(tree)


def called(source: str) -> set[str]:
    """Return the calls and imports of a module."""
    nodes = list(ast.walk(ast.parse(source)))
    calls = {ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)}
    imports = {ast.unparse(node) for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)}
    return calls | imports


def client_shapes(generated: Sequence[Settings]) -> list[dict[str, Any]]:
    """Return the tokens of the client files of each endpoint, without strings, in one run of Node."""
    node = shutil.which("node")
    assert node, "expected node on the path"
    files = [sorted((settings.client / "chat").iterdir()) for settings in generated]
    command = [node, str(ROOT / "tests/node/structure.mjs"), *(str(path) for paths in files for path in paths)]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert 0 == run.returncode, run.stderr
    shapes = json.loads(run.stdout)
    return [{path.name: shapes[str(path)] for path in paths} for paths in files]


def sorted_tokens(shape: dict[str, Any]) -> dict[str, Any]:
    """Return a shape without the order of its tokens, because validators are sorted by property name."""
    return {name: sorted(tokens) if name.endswith(".ts") else tokens for name, tokens in shape.items()}


@pytest.fixture(scope="module")
def harmless(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return the code generated from harmless text."""
    return generated(tmp_path_factory.mktemp("harmless"), HARMLESS)


each_text = pytest.mark.parametrize("text", [pytest.param(text, id=ascii(text)[1:40]) for text in HOSTILE])


@each_text
def test_python_differs_only_in_its_strings(text: str) -> None:
    source = python_of(text)

    exec(compile(source, "chat.py", "exec"), {"__name__": "chat"})

    assert not hasattr(builtins, "hostile")
    assert python_shape(python_of(HARMLESS)) == python_shape(source)


@pytest.mark.slow
def test_client_differs_only_in_its_strings(harmless: Settings, tmp_path: Path) -> None:
    hostile = [generated(tmp_path / str(number), text) for number, text in enumerate(HOSTILE)]

    expected, *shapes = client_shapes([harmless, *hostile])

    assert [] == [text for text, shape in zip(HOSTILE, shapes, strict=True) if shape != expected]


@each_text
def test_property_name_adds_no_call_to_python(text: str, tmp_path: Path) -> None:
    source = (generated(tmp_path, HARMLESS, text).python / "chat.py").read_text(encoding="utf-8")

    exec(compile(source, "chat.py", "exec"), {"__name__": "chat"})

    assert not hasattr(builtins, "hostile")
    unnamed = {"typing.TypedDict", "tornado_ws.JsonCheck"}  # for names that are not identifiers
    assert called(source) <= called(python_of(HARMLESS)) | unnamed


@pytest.mark.slow
def test_property_name_changes_no_tokens_of_the_client(harmless: Settings, tmp_path: Path) -> None:
    hostile = [generated(tmp_path / str(number), HARMLESS, text) for number, text in enumerate(HOSTILE)]

    expected, *shapes = map(sorted_tokens, client_shapes([harmless, *hostile]))

    assert [] == [text for text, shape in zip(HOSTILE, shapes, strict=True) if shape != expected]


@each_text
def test_descriptions_keep_their_words(text: str) -> None:
    docstring = ast.get_docstring(ast.parse(python_of(text)), clean=False) or ""

    words = [word for word in text.split() if word.isprintable()]
    assert words == [word for word in words if word in docstring]
