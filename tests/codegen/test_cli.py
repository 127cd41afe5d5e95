"""Command-line interface."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from codegen.cli import main
from codegen.settings.setting_table import SETTINGS
from codegen.version import VERSION

from .support.folders import COUNTER, EXPORT, folder

ROOT = Path(__file__).parents[2]
BROKEN = COUNTER | {"clientMessages": {"close": {}}, "ttl": 5}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Create a project with one endpoint and make it the working directory."""
    folder(tmp_path / "schemas", counter=COUNTER)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_written_files_are_listed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == main([])

    written = capsys.readouterr().out.splitlines()
    assert "wrote generated/counter.py" in written
    assert "wrote generated/client/counter/index.ts" in written


@pytest.mark.parametrize("command", [[], ["--check"], ["--explain"], ["record"]])
def test_settings_of_a_folder_above_are_named(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    Path("pyproject.toml").write_text("[tool.tornado-ws]\n")
    main([])
    main(command)
    assert "settings" not in capsys.readouterr().err

    Path("web").mkdir()
    monkeypatch.chdir("web")
    main(command)
    assert "settings: ../pyproject.toml" in capsys.readouterr().err.splitlines()


def test_console_script_runs_where_a_folder_of_the_project_has_the_same_name(project: Path, tmp_path: Path) -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    module, _, function = scripts["tornado-ws-codegen"].partition(":")
    script = tmp_path / "bin/tornado-ws-codegen"  # as installers write it
    script.parent.mkdir()
    script.write_text(f"import sys\nfrom {module} import {function}\nsys.exit({function}())\n")
    (project / "codegen").mkdir()
    (project / "codegen/__init__.py").touch()
    (project / "codegen/__main__.py").write_text("print('of the project')\n")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    def run(*arguments: str) -> tuple[int, str]:
        command = (sys.executable, *arguments)
        done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    assert (0, "of the project\n") == run("-m", "codegen")
    status, output = run(str(script))
    assert (0, True) == (status, "wrote generated/counter.py" in output)


def test_internal_error_is_a_problem_and_its_traceback_an_option(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "codegen.pipeline", None)

    assert 2 == main([])
    short = capsys.readouterr().err
    assert 2 == main(["--traceback"])
    full = capsys.readouterr().err

    assert short.startswith("schemas:1:1: unexpected exception: got ModuleNotFoundError: ")
    assert "Traceback" not in short
    assert "Traceback" in full


def test_second_run_reports_that_files_are_up_to_date(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([])
    capsys.readouterr()

    assert 0 == main([])
    assert "up to date\n" == capsys.readouterr().out


def test_check_lists_differences_and_writes_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 1 == main(["--check"])
    assert "missing: generated/counter.py" in capsys.readouterr().out.splitlines()
    assert not (project / "generated").exists()

    main([])
    assert 0 == main(["--check"])

    folder(project / "schemas", counter=COUNTER | {"description": "Another."}, export=EXPORT)
    (project / "generated" / "old.py").write_text((project / "generated" / "counter.py").read_text())
    capsys.readouterr()

    assert 1 == main(["--check"])
    listed = capsys.readouterr()
    assert {"stale: generated/counter.py", "missing: generated/export.py", "left over: generated/old.py"} <= set(
        listed.out.splitlines()
    )
    assert "generated code is not up to date; run: python -m codegen\n" == listed.err


def test_options_set_the_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder(tmp_path / "api", counter=COUNTER)

    assert 0 == main(["--schemas", "api", "--python", "app/ws", "--client", "web/src/lib/ws"])

    assert (tmp_path / "app/ws/counter.py").exists()
    assert (tmp_path / "web/src/lib/ws/counter/index.ts").exists()
    assert not (tmp_path / "generated").exists()


def test_problems_are_printed_with_their_positions(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder(project / "schemas", counter=BROKEN)

    assert 2 == main([])

    lines = capsys.readouterr().err.splitlines()
    assert re.fullmatch(r"schemas/counter\.json:\d+:\d+: /clientMessages/close: .* \[reserved_name\]", lines[0])
    assert "  hint: rename the message" == lines[1]
    assert "2 errors; nothing was written" == lines[-1]
    assert not (project / "generated").exists()


def test_errors_follow_the_warnings(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder(project / "schemas", counter=BROKEN, z={"$defs": {"Note": {"type": "string", "nullable": True}}})

    assert 2 == main([])

    lines = capsys.readouterr().err.splitlines()
    assert "warning" in lines[0]
    assert "2 errors and 1 warning; nothing was written" == lines[-1]


def test_strict_warnings_name_the_settings(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text("[tool.tornado-ws]\nstrict = true\n")
    folder(project / "schemas", money={"$defs": {"Note": {"type": "string", "nullable": True}}})

    assert 2 == main([])

    *_, count, hint = capsys.readouterr().err.splitlines()
    assert "1 error; nothing was written" == count
    expected = "1 warning is an error, because `strict` is set; `third-party` lists schemas that you do not edit"
    assert f"  hint: {expected}" == hint


def test_warning_about_a_file_of_others_is_printed_once(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text('[tool.tornado-ws]\nthird-party = ["money.json"]\n')
    text = {"type": "string", "nullable": True}
    folder(
        project / "schemas", money={"$defs": {"A": text, "B": text, "C": text}}, own={"$defs": {"A": text, "B": text}}
    )

    assert 0 == main([])
    printed = capsys.readouterr().err
    assert 0 == main(["--json"])

    assert ["/$defs/A/nullable", "/$defs/A/nullable", "/$defs/B/nullable"] == re.findall(r"/\S+/nullable", printed)
    assert "  … and 2 more places" in printed.splitlines()
    assert "5 warnings" == printed.splitlines()[-1]
    assert 5 == len(json.loads(capsys.readouterr().out)["problems"])


def test_problems_are_printed_as_json(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder(project / "schemas", counter=COUNTER | {"ttl": 5})

    assert 2 == main(["--json"])

    (problem,) = json.loads(capsys.readouterr().out)["problems"]
    line = (project / "schemas/counter.json").read_text().splitlines().index('  "ttl": 5') + 1
    expected = {
        "file": "schemas/counter.json",
        "line": line,
        "column": 3,
        "pointer": "/ttl",
        "code": "disallowed_keyword",
        "message": "`ttl` is not allowed in a persistent endpoint",
        "hint": "ttl is the lifetime of one-time URLs; a persistent endpoint has none",
        "severity": "error",
    }
    assert expected == problem


def test_changes_are_printed_as_json(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == main(["--json"])

    document = json.loads(capsys.readouterr().out)
    assert [] == document["problems"] == document["stale"] == document["leftOver"]
    assert "generated/counter.py" in document["missing"]


def test_invalid_settings_are_problems(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text('[tool.tornado-ws]\nschema = "api"\n')

    assert 2 == main([])
    assert "pyproject.toml:2:1: /tool/tornado-ws/schema: unknown setting [unknown_setting]" in capsys.readouterr().err


def test_file_not_written_by_codegen_is_a_problem(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder(project / "generated")
    (project / "generated" / "counter.py").write_text("mine = 1\n")

    assert 2 == main([])
    assert "generated/counter.py:1:1: not written by codegen [not_generated]" in capsys.readouterr().err


def test_watch_continues_after_problems(project: Path) -> None:
    command = [sys.executable, "-u", "-m", "codegen", "--watch"]
    with subprocess.Popen(
        command, cwd=project, env={"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            assert process.stdout is not None
            lines = iter(process.stdout.readline, "")
            next(line for line in lines if line == "watching schemas\n")

            folder(project / "schemas", counter=BROKEN)
            next(line for line in lines if line == "2 errors; nothing was written\n")

            folder(project / "schemas", counter=COUNTER | {"description": "Better."})
            next(line for line in lines if line == "wrote generated/counter.py\n")

            (project / "pyproject.toml").write_text('[tool.tornado-ws]\npython = "made"\n', encoding="utf-8")
            next(line for line in lines if line == "wrote made/counter.py\n")
        finally:
            process.terminate()
    assert "Better." in (project / "generated/counter.py").read_text()


def test_help_has_examples_and_settings(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])

    text = capsys.readouterr().out
    for word in (
        "examples:",
        "python -m codegen init my-app",
        "--check",
        "--watch",
        "--json",
        "exit status:",
        *SETTINGS,
    ):
        assert word in text


def test_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])

    assert f"{VERSION}\n" == capsys.readouterr().out


def test_unknown_option_is_rejected(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--schema", "x", "--nonsense"])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            ["--check", "--watch"],
            "--check cannot be combined with --watch: it looks at the generated files once, and writes nothing",
        ),
        (["--explain", "--watch"], "--explain cannot be combined with --watch: it runs once, and writes nothing"),
        (
            ["--check", "--explain"],
            "--explain cannot be combined with --check: it does not look at the generated files",
        ),
        (["--explain", "--no-cache"], "--explain cannot be combined with --no-cache: it never uses the cache"),
        (["--json", "--explain"], "--explain cannot be combined with --json: it prints text"),
        (["--json", "--traceback"], "--traceback cannot be combined with --json: tracebacks are printed as text"),
    ],
)
def test_options_that_exclude_each_other_are_rejected(
    options: list[str], words: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(options)

    assert capsys.readouterr().err.endswith(f"error: {words}\n")
    assert not (project / "generated").exists()


def test_package_runs_as_a_command(project: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-W", "error", "-m", "codegen"],
        cwd=project,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert "wrote generated/counter.py" in run.stdout
    assert "" == run.stderr


def test_missing_dependency_is_no_problem_of_the_schemas(project: Path) -> None:
    """The Vite plugin builds the page from the existing files if this Python lacks the dependencies."""
    program = "import sys; sys.modules['jinja2'] = None; from codegen.cli import main; sys.exit(main(['--json']))"

    done = subprocess.run([sys.executable, "-c", program], cwd=project, capture_output=True, text=True, check=False)

    assert ("", 2) == (done.stdout, done.returncode)
    assert "codegen requires jinja2; run: pip install 'tornado-ws[codegen]'\n" == done.stderr


@pytest.mark.parametrize("options", ["--explain", "--help", "--version", "--check --json", "--schemas none", "init x"])
def test_command_ends_quietly_if_its_output_is_closed(project: Path, options: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "codegen", *options.split()]
    is_error = "none" in options

    done = subprocess.run(
        command,
        cwd=project,
        env={"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE if is_error else writer,
        stderr=writer if is_error else subprocess.PIPE,
        check=False,
    )
    os.close(writer)

    assert (141, b"") == (done.returncode, (done.stdout if is_error else done.stderr))
