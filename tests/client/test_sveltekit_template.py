"""Official templates of SvelteKit with a generated client; their own checks find nothing in it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from .project import ENVIRONMENT, ROOT

pytestmark = pytest.mark.slow

CREATE = ("npx", "--yes", "sv@0.17.1", "create", ".", "--template", "minimal", "--types", "ts", "--no-install")
INSTALL = ("npm", "install", "--no-fund", "--no-audit", "--loglevel=error", "--prefer-offline", "--engine-strict=false")
PLUGIN = "import { websockets } from './src/lib/ws/vite.js';\n"
CODEGEN = (sys.executable, "-m", "codegen")


def run(folder: Path, *command: str, fails: bool = False) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env={**ENVIRONMENT, "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    assert fails or done.returncode == 0, f"{command}: {done.stdout}"
    return done.stdout


def template(folder: Path, *, kit: int = 2, add: Sequence[str] = ()) -> None:
    """Create a project with the endpoints of the demo and of the tests of the client."""
    run(folder, *CREATE, *(("--add", *add) if add else ("--no-add-ons",)))
    if kit == 3:  # the template is for 2; no adapter is needed for the checks
        _change_json(folder / "package.json", devDependencies={"@sveltejs/kit": "^3.2.0"})
        tsconfig = {"extends": "$app/tsconfig", "include": ["src", "*"], "compilerOptions": {"allowJs": True}}
        (folder / "tsconfig.json").write_text(json.dumps(tsconfig), encoding="utf-8")
    _change_json(folder / "tsconfig.json", compilerOptions=strict_options())
    config = (folder / "vite.config.ts").read_text(encoding="utf-8")
    (folder / "vite.config.ts").write_text(PLUGIN + config.replace("plugins: [", "plugins: [websockets(), ", 1))
    run(folder, *INSTALL, *(["--legacy-peer-deps"] if kit == 3 else []))

    (folder / "schemas").mkdir()
    for schemas in ("schemas", "tests/client/schemas"):
        for path in (ROOT / schemas).glob("*.json"):
            shutil.copy(path, folder / "schemas")
    (folder / "pyproject.toml").write_text('[tool.tornado-ws]\npython = "generated"\nclient = "src/lib/ws"\n')
    run(folder, *CODEGEN)


def strict_options() -> dict[str, object]:
    """Return all options of our own check that make a compiler stricter, and those that the template has on purpose."""
    options = json.loads((ROOT / "tsconfig.json").read_text(encoding="utf-8"))["compilerOptions"]
    strict = {name: value for name, value in options.items() if isinstance(value, bool) and name != "skipLibCheck"}
    return {**strict, "checkJs": True}


def _change_json(path: Path, **members: dict[str, object]) -> None:
    text = re.sub(r"^\s*//.*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    document = json.loads(text)
    for name, changed in members.items():
        document[name] |= changed
    path.write_text(json.dumps(document, indent="\t"), encoding="utf-8")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project of SvelteKit 2 with a linter and a formatter."""
    folder = tmp_path_factory.mktemp("project")
    template(folder, add=("eslint", "prettier"))
    shutil.rmtree(folder / "node_modules/@types/node")  # the template without a linter has none
    return folder


def check(folder: Path) -> None:
    """Check a project, and again with a mistake."""
    assert not (folder / "node_modules/@types/node").exists()

    output = run(folder, "npm", "run", "check")

    assert "0 errors and 0 warnings" in output
    wrong = folder / "src/lib/wrong.js"
    wrong.write_text("import { Chat } from './ws/chat/index.js';\nnew Chat(1);\n")
    assert "1 error" in run(folder, "npm", "run", "check", fails=True)
    wrong.unlink()


def test_check_finds_nothing(project: Path) -> None:
    check(project)


def test_check_finds_nothing_with_version_3(tmp_path: Path) -> None:
    template(tmp_path, kit=3)
    check(tmp_path)


def test_linter_and_formatter_leave_generated_files_alone(project: Path) -> None:
    ours = "src/lib/ws"
    (project / "src/lib/wrong.ts").write_text("export const wrong:any  =   1;\n")
    (project / "src/lib/directive.ts").write_text("/* eslint-disable */\nexport const right = 1;\n")

    reported = run(project, "npx", "eslint", ".", fails=True)
    assert "wrong.ts" in reported and "directive.ts" in reported
    assert ours not in reported
    assert "" == run(project, "npx", "eslint", "--max-warnings", "0", f"{ours}/chat/messages.ts", ours)
    unformatted = run(project, "npx", "prettier", "--check", ".", fails=True)
    assert "wrong.ts" in unformatted
    assert ours not in unformatted

    run(project, "npx", "eslint", "--fix", ".", fails=True)
    run(project, "npx", "prettier", "--write", ".")

    assert "eslint-disable" not in (project / "src/lib/directive.ts").read_text()
    assert "wrong: any = 1" in (project / "src/lib/wrong.ts").read_text()
    run(project, *CODEGEN, "--check")
