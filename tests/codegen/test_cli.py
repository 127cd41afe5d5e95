from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from codegen.cli import main
from codegen.settings import KNOWN
from codegen.version import VERSION

from .support.folders import COUNTER, EXPORT, folder

ROOT = Path(__file__).parents[2]
BROKEN = COUNTER | {"clientMessages": {"close": {}}, "ttl": 5}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a project with one endpoint."""
    folder(tmp_path / "schemas", counter=COUNTER)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_was_written_is_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == main([])

    written = capsys.readouterr().out.splitlines()
    assert "wrote generated/counter.py" in written
    assert "wrote generated/client/counter/index.ts" in written


def test_second_run_says_that_nothing_has_changed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([])
    capsys.readouterr()

    assert 0 == main([])
    assert "nothing has changed\n" == capsys.readouterr().out


def test_check_lists_what_differs_and_writes_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
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
    assert "run python -m codegen\n" == listed.err


def test_options_say_where_things_are_and_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder(tmp_path / "api", counter=COUNTER)

    assert 0 == main(["--schemas", "api", "--python", "app/ws", "--client", "web/src/lib/ws"])

    assert (tmp_path / "app/ws/counter.py").exists()
    assert (tmp_path / "web/src/lib/ws/counter/index.ts").exists()
    assert not (tmp_path / "generated").exists()


def test_problems_are_told_with_their_places(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder(project / "schemas", counter=BROKEN)

    assert 2 == main([])

    told = capsys.readouterr().err.splitlines()
    assert re.fullmatch(r"schemas/counter\.json:\d+:\d+: /clientMessages/close: .* \[reserved_name\]", told[0])
    assert "  hint: rename the message" == told[1]
    assert "2 problems; nothing was written" == told[-1]
    assert not (project / "generated").exists()


def test_problems_as_json(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
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
        "message": "ttl says nothing in an endpoint of kind persistent",
        "hint": "a persistent endpoint has no one-time URLs",
    }
    assert expected == problem


def test_changes_as_json(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == main(["--json"])

    told = json.loads(capsys.readouterr().out)
    assert [] == told["problems"] == told["stale"] == told["leftOver"]
    assert "generated/counter.py" in told["missing"]


def test_broken_settings_are_problems_too(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text('[tool.tornado-ws]\nschema = "api"\n')

    assert 2 == main([])
    assert "pyproject.toml:2:1: /tool/tornado-ws/schema: unknown setting [unknown_setting]" in capsys.readouterr().err


def test_file_of_somebody_else_is_a_problem(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder(project / "generated")
    (project / "generated" / "counter.py").write_text("mine = 1\n")

    assert 2 == main([])
    assert "generated/counter.py:1:1: somebody else's file stands here [not_generated]" in capsys.readouterr().err


def test_watch_prints_problems_and_goes_on(project: Path) -> None:
    command = [sys.executable, "-u", "-m", "codegen", "--watch"]
    with subprocess.Popen(
        command, cwd=project, env={"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            assert process.stdout is not None
            lines = iter(process.stdout.readline, "")
            next(line for line in lines if line == "watching schemas\n")

            folder(project / "schemas", counter=BROKEN)
            next(line for line in lines if line == "2 problems; nothing was written\n")

            folder(project / "schemas", counter=COUNTER | {"description": "Better."})
            next(line for line in lines if line == "wrote generated/counter.py\n")
        finally:
            process.terminate()
    assert "Better." in (project / "generated/counter.py").read_text()


def test_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])

    told = capsys.readouterr().out
    for word in ("examples:", "python -m codegen init my-app", "--check", "--watch", "--json", "exit status:", *KNOWN):
        assert word in told


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])

    assert f"{VERSION}\n" == capsys.readouterr().out


def test_unknown_option_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--schema", "x", "--nonsense"])


def test_command_runs_as_a_module(project: Path) -> None:
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
