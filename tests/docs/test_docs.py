from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from codegen.pipeline import generate
from codegen.settings.project_settings import read_settings
from tests.docs.pages import ROOT, Block, anchors, blocks, links, pages

COMPLETE = [block for page in pages() for block in blocks(page, "python")]
PROJECTS = ("README.md", "docs/tutorial.md")
"""Pages with code blocks that belong to one project; they have their own tests."""
FRAGMENTS = [block for page in pages() for block in blocks(page, "py")]
COMPONENTS = [block for page in pages()[1:] for block in blocks(page, "svelte") if block.text.startswith("<script")]
SHELL = [block for page in pages() for block in blocks(page, "sh")]


def _relative(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", pages(), ids=_relative)
def test_every_link_has_a_target(page):
    for target in links(page):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page

        assert found.exists(), f"{_relative(page)} links to {target}"
        assert not anchor or anchor in anchors(found), f"{_relative(page)} links to {target}"


@pytest.mark.parametrize("page", pages(), ids=_relative)
def test_lines_of_pages_have_at_most_175_characters(page):
    listings = {line for block in blocks(page) for line in range(block.line, block.line + block.text.count("\n"))}
    lines = enumerate(page.read_text(encoding="utf-8").splitlines(), 1)
    wide = [number for number, line in lines if len(line) > 175 and number not in listings and line[:1] != "|"]

    assert wide == []


def test_pages_are_linked_from_the_readme_or_from_each_other():
    linked = {(page.parent / target.partition("#")[0]).resolve() for page in pages() for target in links(page)}

    assert [_relative(page) for page in pages()[4:] if page not in linked] == []


@pytest.mark.slow
def test_complete_python_blocks_pass_mypy(tmp_path):
    names: dict[str, Block] = {}
    for number, block in enumerate(block for block in COMPLETE if block.page not in PROJECTS):
        names[f"listing_{number}.py"] = block
        (tmp_path / f"listing_{number}.py").write_text(block.text, encoding="utf-8")

    files = [str(tmp_path / name) for name in names]
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--hide-error-context", *files]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    errors = re.findall(r"^.*/(listing_\d+\.py):(.*)$", checked.stdout, flags=re.MULTILINE)
    assert [] == [f"{names[name].name} {text}" for name, text in errors]
    assert checked.stderr == ""


def test_complete_python_blocks_run(tmp_path):
    """Each block is a module: its handlers are mounted, and a program for ``__main__`` is not started."""
    names = {f"listing_{number}": block for number, block in enumerate(COMPLETE) if "setup(" not in block.text}
    names = {name: block for name, block in names.items() if block.page not in PROJECTS}
    for name, block in names.items():
        (tmp_path / f"{name}.py").write_text(block.text, encoding="utf-8")
    program = f"for name in {[*names]}:\n    __import__(name)\n    print(name)"
    env = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, check=False)

    failed = [block.name for name, block in names.items() if name not in done.stdout.split()]
    assert failed == [], done.stderr


def test_complete_python_blocks_are_formatted(tmp_path):
    for number, block in enumerate(COMPLETE):
        (tmp_path / f"{number}.py").write_text(block.text, encoding="utf-8")
    command = [sys.executable, "-m", "ruff", "format", "--diff", "--isolated", "--line-length", "150", str(tmp_path)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)

    assert checked.stdout == ""


@pytest.mark.parametrize("block", FRAGMENTS, ids=lambda block: block.name)
def test_python_fragments_are_valid(block):
    compile(block.text, block.name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


@pytest.mark.slow
def test_complete_pages_pass_svelte_check(tmp_path):
    (tmp_path / "schemas").mkdir()
    for schema in (*(ROOT / "schemas").glob("*.json"), ROOT / "codegen/project/schemas/counter.json"):
        shutil.copy(schema, tmp_path / "schemas")
    streams = blocks(ROOT / "docs/how-to/streams.md", "json")[0]
    (tmp_path / "schemas/logs.json").write_text(streams.text, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text('[tool.tornado-ws]\nclient = "ws"\n', encoding="utf-8")
    generate(read_settings(tmp_path))
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    (tmp_path / "tsconfig.json").write_text(json.dumps({"extends": str(ROOT / "tsconfig.json"), "include": ["**/*"]}))
    for number, block in enumerate(COMPONENTS):
        (tmp_path / f"{number}.svelte").write_text(block.text.replace("'#lib/", "'./"), encoding="utf-8")

    command = [str(ROOT / "node_modules/.bin/svelte-check"), "--tsconfig", "tsconfig.json", "--fail-on-warnings"]
    checked = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert "found 0 errors and 0 warnings" in checked.stdout, checked.stdout


@pytest.mark.parametrize("block", SHELL, ids=lambda block: block.name)
def test_shell_blocks_are_valid(block):
    checked = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, text=True, check=False)

    assert (checked.stderr, checked.returncode) == ("", 0)


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/explanation/architecture.md"])
def test_paths_of_files_exist(page):
    """Names of files may omit the folders above them."""
    text = (ROOT / page).read_text(encoding="utf-8")
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    paths = [path for path in re.findall(r"`([\w./-]+\.(?:py|ts|json|md|sh|yaml|toml))`", text)]

    assert [] == [path for path in paths if not any(f"/{file}".endswith(f"/{path}") for file in files)]
