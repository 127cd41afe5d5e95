"""Scaffold of `python -m codegen init`."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from codegen.cli import main
from codegen.scaffold import init
from codegen.schema.editor_schema import editor_schema
from codegen.source.diagnostics import SchemaProblems

ROOT = Path(__file__).parents[2]
SERVE = (sys.executable, "-m", "tornado_ws", "serve", "app:make")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "MYPYPATH": str(ROOT)}


def run(folder: Path, *command: str) -> str:
    """Run a command in a folder and return its output."""
    done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True)
    assert 0 == done.returncode, done.stdout + done.stderr
    return done.stdout


def run_failing(folder: Path, *command: str) -> str:
    """Run a failing command in a folder and return its output."""
    done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True)
    assert 0 != done.returncode, done.stdout
    return done.stdout


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def listens(port: int) -> bool:
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) == 0


def wait_until(condition: Callable[[], bool]) -> None:
    for _ in range(200):
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("the condition does not hold after 20 seconds")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Create a project, run codegen and make it the working directory."""
    init(tmp_path / "app")
    monkeypatch.chdir(tmp_path / "app")
    assert 0 == main([])
    return tmp_path / "app"


def test_project_is_complete(tmp_path: Path) -> None:
    init(tmp_path / "app")

    written = {
        path.relative_to(tmp_path / "app").as_posix() for path in (tmp_path / "app").rglob("*") if path.is_file()
    }
    assert {
        ".gitignore",
        "README.md",
        "app.py",
        "pyproject.toml",
        "requirements.txt",
        "schemas/counter.json",
        "schemas/endpoint.schema.json",
        "web/index.html",
        "web/package.json",
        "web/src/App.svelte",
        "web/src/main.ts",
        "web/svelte.config.js",
        "web/tsconfig.json",
        "web/vite.config.js",
    } == written
    assert editor_schema() == (tmp_path / "app/schemas/endpoint.schema.json").read_text(encoding="utf-8")


def test_next_steps_are_printed_and_equal_those_of_the_readme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    output = init(tmp_path / "my app")

    change, *commands = re.findall(r"^  (.*?)(?: +#.*)?$", output, re.MULTILINE)
    readme = (tmp_path / "my app" / "README.md").read_text(encoding="utf-8")
    assert f"cd '{tmp_path / 'my app'}'" == change
    assert [
        "python3 -m venv .venv",
        ". .venv/bin/activate",
        "python -m pip install -r requirements.txt",
        "python -m codegen",
        "npm --prefix web install",
        "npm --prefix web run build",
        "python -m tornado_ws serve app:make",
    ] == commands
    assert "\n".join(commands) in re.sub(" +#.*", "", readme)


@pytest.mark.parametrize(
    ("variable", "prefix", "active"), [(True, "/venv", True), (True, None, False), (False, "/venv", False)]
)
def test_next_steps_use_an_activated_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: bool, prefix: str | None, active: bool
) -> None:
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    if variable:
        monkeypatch.setenv("VIRTUAL_ENV", "/venv")
    monkeypatch.setattr(sys, "prefix", prefix or sys.base_prefix)

    steps = init(tmp_path / "app").partition("Next steps:")[2]

    assert active == ("-m venv" not in steps and "activate" not in steps)
    assert "python -m pip install -r requirements.txt" in steps


def test_existing_files_are_never_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "app.py").write_text("mine = 1\n")
    (tmp_path / "README.md").touch()

    with pytest.raises(SchemaProblems) as raised:
        init(tmp_path)

    assert ["file_exists", "file_exists"] == [problem.code for problem in raised.value.problems]
    assert [False, True] == [bool(problem.hint) for problem in raised.value.problems]
    assert {"app.py", "README.md"} == {path.name for path in tmp_path.iterdir()}
    assert 2 == main(["init", str(tmp_path)])
    assert "app.py:1:1: file already exists [file_exists]" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "others", "free"),
    [
        (["todo"], [], "todo-2"),
        (["todo"], ["todo-2"], "todo-3"),
        (["my todo"], [], "'my todo-2'"),
        (["in/todo"], [], "in/todo-2"),
        ([], [], "my-app"),
        (["."], ["my-app"], "my-app-2"),
    ],
)
def test_second_call_names_a_folder_that_is_free(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    others: list[str],
    free: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    for other in others:
        Path(other).mkdir()
    assert 0 == main(["init", *arguments])

    assert 2 == main(["init", *arguments])

    assert f"\n  hint: use another folder: python -m codegen init {free}\n" in capsys.readouterr().err


@pytest.mark.parametrize("names", [["app.py"], ["README.md", "pyproject.toml"]])
def test_existing_application_is_pointed_to_its_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], names: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in names:
        Path(name).touch()

    assert 2 == main(["init", "."])

    url = re.search("hint: to add sockets to an existing application, see (.*)/\n", capsys.readouterr().err)
    assert url
    site = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]["Documentation"]
    assert (ROOT / f"docs/{url[1].removeprefix(site)}.md").is_file()


def test_project_can_be_created_in_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    assert 0 == main(["init"])

    output = capsys.readouterr().out
    assert "wrote app.py\n" in output
    assert "  cd " not in output


def test_init_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["init", "--help"])

    assert "Never overwrites a file" in capsys.readouterr().out


def test_schema_for_editors_is_added_to_an_existing_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text('[tool.tornado-ws]\nschemas = "protocol"\n')
    path = tmp_path / "protocol/endpoint.schema.json"

    assert 0 == main(["editor"])

    assert editor_schema() == path.read_text(encoding="utf-8")
    assert "wrote protocol/endpoint.schema.json\n" in capsys.readouterr().out
    assert 0 == main(["editor"])
    assert "up to date: protocol/endpoint.schema.json\n" in capsys.readouterr().out
    path.write_text("{}")
    assert 2 == main(["editor"])
    assert "protocol/endpoint.schema.json:1:1: not written by codegen" in capsys.readouterr().err


def test_versions_of_the_client_are_those_of_our_own_tests(tmp_path: Path) -> None:
    init(tmp_path)

    scaffold = json.loads((tmp_path / "web/package.json").read_text())["devDependencies"]
    ours = json.loads((ROOT / "package.json").read_text())["devDependencies"]
    assert scaffold == {name: ours[name] for name in scaffold}


def test_project_is_up_to_date_after_codegen(project: Path) -> None:
    assert 0 == main(["--check"])


@pytest.mark.slow
def test_project_passes_mypy(project: Path) -> None:
    assert "Success" in run(project, sys.executable, "-m", "mypy", "app.py", "generated")


@pytest.mark.slow
def test_renamed_message_is_found_by_mypy_and_svelte_check(project: Path) -> None:
    (project / "web" / "node_modules").symlink_to(ROOT / "node_modules")
    schema = project / "schemas" / "counter.json"
    schema.write_text(schema.read_text().replace('"add"', '"plus"'))
    run(project, sys.executable, "-m", "codegen")

    mypy = run_failing(project, sys.executable, "-m", "mypy", "app.py")
    page = run_failing(project, "npm", "--prefix", "web", "run", "check")

    assert 'Final class app.Counter has abstract attributes "on_plus"' in mypy
    assert '"add"' in page
    assert '"plus"' in page


@pytest.mark.slow
def test_no_connection_is_accepted_while_the_server_stops(project: Path) -> None:
    port = free_port()
    handshake = (
        f"GET /counter HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    environment = {**ENVIRONMENT, "PORT": str(port)}
    with subprocess.Popen(SERVE, cwd=project, env=environment) as server:
        try:
            wait_until(lambda: listens(port))
            with socket.create_connection(("127.0.0.1", port)) as client:  # it does not close, so the server waits
                client.sendall(handshake.encode())
                assert b"101" in client.recv(1000)

                server.terminate()

                while listens(port):
                    time.sleep(0.05)
                assert server.poll() is None
        finally:
            server.kill()


@pytest.mark.slow
def test_server_in_debug_mode_starts_again_with_new_modules_and_waits_after_an_error(project: Path) -> None:
    port = free_port()
    log = project / "log.txt"
    command = [*SERVE, "--reload"]
    with (
        log.open("w") as output,
        subprocess.Popen(
            command, cwd=project, env={**ENVIRONMENT, "PORT": str(port)}, stdout=output, stderr=subprocess.STDOUT
        ) as server,
    ):
        try:
            wait_until(lambda: log.read_text().count("http://") == 1)
            time.sleep(1)  # changes before its first look are not noticed
            schema = project / "schemas/counter.json"
            schema.write_text(schema.read_text().replace('"clientMessages": {', '"clientMessages": {"reset": {},'))
            assert 0 == main([])
            wait_until(lambda: "Counter lacks on_reset" in log.read_text())
            time.sleep(1)

            app = project / "app.py"
            app.write_text(
                app.read_text().replace(
                    "    async def on_add", "    async def on_reset(self) -> None: ...\n\n    async def on_add"
                )
            )

            wait_until(lambda: log.read_text().count("http://") == 2)
            assert listens(port)
        finally:
            server.kill()


def test_port_in_use_is_reported_in_one_line(project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        environment = {**ENVIRONMENT, "PORT": str(port)}
        done = subprocess.run(SERVE, cwd=project, env=environment, capture_output=True, text=True)

    place = f"port: cannot listen on localhost:{port}: Address already in use by process {os.getpid()} (NAME)"
    expected = f"python -m tornado_ws: {place}; stop that program, or choose another port\n"
    assert (2, expected) == (done.returncode, re.sub(r"\([^)]+\)", "(NAME)", done.stderr))


@pytest.mark.slow
def test_page_passes_svelte_check_and_builds(project: Path) -> None:
    npm = shutil.which("npm")
    assert npm, "expected npm on the path"
    (project / "web" / "node_modules").symlink_to(ROOT / "node_modules")

    run(project, npm, "--prefix", "web", "run", "check")
    run(project, npm, "--prefix", "web", "run", "build")

    assert list((project / "web" / "dist").glob("assets/*.js"))
