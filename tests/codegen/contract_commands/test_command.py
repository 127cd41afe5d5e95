"""The commands ``diff`` and ``record``, in projects with real repositories of git."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from codegen.cli import main
from tests.codegen.evolution.versions import SHOP, changed

NARROWER = changed(clientMessages__list__payload={"type": "integer", "minimum": 0, "maximum": 5})
WIDER = changed(clientMessages__list__payload={"type": "integer", "minimum": 0})


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a repository with one commit, as the working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    write(SHOP)
    git("init", "--quiet", "--initial-branch=main")
    commit()
    return tmp_path


def git(*arguments: str) -> None:
    identity = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org")
    subprocess.run(["git", *identity, *arguments], check=True)


def commit() -> None:
    git("add", "--all")
    git("commit", "--quiet", "--message=Change the schemas")


def write(document: Any, name: str = "shop") -> None:
    path = Path("schemas", f"{name}.json")
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(document, indent=2), encoding="utf-8")


@pytest.mark.usefixtures("project")
def test_diff_without_changes_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff"]) == 0
    assert capsys.readouterr().out == "no changes\n"


@pytest.mark.usefixtures("project")
def test_diff_compares_with_the_last_commit(capsys: pytest.CaptureFixture[str]) -> None:
    write(NARROWER)

    assert main(["diff"]) == 1
    assert capsys.readouterr().out == (
        "since git:HEAD:\n  breaking    shop client message list: payload: maximum 9 → 5\nchanges: 1 breaking\n"
    )
    commit()
    assert main(["diff"]) == 0
    assert main(["diff", "--against", "git:HEAD~1"]) == 1


@pytest.mark.usefixtures("project")
def test_diff_of_a_revision_uses_the_settings_of_the_revision(capsys: pytest.CaptureFixture[str]) -> None:
    settings = Path("pyproject.toml")
    settings.write_text('[tool.tornado-ws]\nunknown = "forbid"\n', encoding="utf-8")
    commit()
    settings.unlink()
    write(changed(defs__Item__properties__note={"type": "string"}))

    assert main(["diff"]) == 1
    assert "server message item /note: payload: new, and not accepted by old clients" in capsys.readouterr().out


@pytest.mark.usefixtures("project")
def test_diff_compares_with_a_folder(capsys: pytest.CaptureFixture[str]) -> None:
    Path("old").mkdir()
    Path("schemas/shop.json").rename("old/shop.json")
    write(WIDER)

    assert main(["diff", "--against", "old"]) == 0
    assert "compatible  shop client message list: payload is equal or wider\n" in capsys.readouterr().out


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("against", "text"),
    [
        ("git:nowhere", 'git:nowhere:1:1: expected a revision of git, got "nowhere" [no_schemas]'),
        ("git:--output=x", 'git:--output=x:1:1: expected a revision of git, got "--output=x" [no_schemas]'),
        ("nowhere", "nowhere:1:1: folder not found [no_schemas]"),
    ],
)
def test_diff_with_an_unknown_version_names_it(capsys: pytest.CaptureFixture[str], against: str, text: str) -> None:
    assert main(["diff", "--against", against]) == 2
    assert capsys.readouterr().err.startswith(f"{text}\n  hint: ")


def test_diff_outside_of_a_repository_names_git(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write(SHOP)

    assert main(["diff"]) == 2
    printed = capsys.readouterr().err
    assert "git:HEAD:1:1: not a git repository" in printed
    assert "hint: name a folder" in printed


def test_diff_in_a_repository_without_a_commit_asks_for_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    write(SHOP)
    git("init", "--quiet")

    assert main(["diff"]) == 2
    assert capsys.readouterr().err.startswith(
        'git:HEAD:1:1: expected a revision of git, got "HEAD" [no_schemas]\n  hint: commit the schemas first'
    )


@pytest.mark.usefixtures("project")
def test_diff_of_a_revision_without_the_folder_names_it(capsys: pytest.CaptureFixture[str]) -> None:
    Path("schemas").rename("protocol")

    assert main(["diff", "--schemas", "protocol"]) == 2
    assert "git:HEAD:1:1: no folder protocol in this revision" in capsys.readouterr().err


@pytest.mark.usefixtures("project")
def test_diff_reports_an_invalid_schema(capsys: pytest.CaptureFixture[str]) -> None:
    write({"kind": "persistent"})

    assert main(["diff"]) == 2
    assert "schemas/shop.json:2:11: /kind: missing keyword `path`" in capsys.readouterr().err


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(("fail_on", "status"), [("breaking", 0), ("unknown", 1), ("never", 0)])
def test_unknown_verdict_fails_unless_only_breaking_ones_do(fail_on: str, status: int) -> None:
    write(changed(serverMessages__confirm__payload={"type": "string", "pattern": "^ab"}))
    commit()
    write(changed(serverMessages__confirm__payload={"type": "string", "pattern": "^abc?"}))

    assert main(["diff", "--fail-on", fail_on]) == status


@pytest.mark.usefixtures("project")
def test_diff_as_json_contains_the_location(capsys: pytest.CaptureFixture[str]) -> None:
    write(NARROWER)
    main(["diff", "--format", "json"])

    (group,) = json.loads(capsys.readouterr().out)["groups"]
    lines = Path("schemas/shop.json").read_text(encoding="utf-8").splitlines()
    line = lines.index('    "list": {') + 2
    assert group["since"] == "git:HEAD"
    (found,) = group["changes"]
    assert found.pop("column") > 1
    assert found == {
        "verdict": "breaking",
        "code": "payload_changed",
        "endpoint": "shop",
        "message": "client message list",
        "place": "",
        "text": "payload: maximum 9 → 5",
        "file": "schemas/shop.json",
        "line": line,
    }


@pytest.mark.usefixtures("project")
def test_diff_for_github_annotates_lines(capsys: pytest.CaptureFixture[str]) -> None:
    write(NARROWER)
    main(["diff", "--format", "github"])

    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("::error file=schemas/shop.json,line=")
    assert line.endswith(",title=breaking since git%3AHEAD::shop client message list: payload: maximum 9 → 5")


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("changes", "line", "text"),
    [
        ({"errors__closed": {}}, '    "closed": {}', "shop: error closed is new: old clients do not know it"),
        ({"clientMessages__list__rate": "1/s"}, '    "list": {', "shop client message list: rate none → 1/1s"),
        ({"path": "/shops"}, '  "path": "/shops",', "shop: path /shop/{name} → /shops"),
    ],
)
def test_change_without_a_schema_has_the_line_of_its_declaration(
    capsys: pytest.CaptureFixture[str], changes: dict[str, Any], line: str, text: str
) -> None:
    write(changed(**changes))
    main(["diff", "--format", "github"])

    (found,) = capsys.readouterr().out.splitlines()
    number = Path("schemas/shop.json").read_text(encoding="utf-8").splitlines().index(line) + 1
    assert found.startswith(f"::error file=schemas/shop.json,line={number},col=")
    assert found.endswith(f"::{text}")


@pytest.mark.parametrize("folder", [".", "web"])
def test_annotations_have_paths_in_the_workspace_of_github(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: str
) -> None:
    Path("pyproject.toml").write_text("[tool.tornado-ws]\n", encoding="utf-8")
    Path("web").mkdir()
    write(changed(clientMessages__leave=None, clientMessages__list__rate="1/s"))
    monkeypatch.setenv("GITHUB_WORKSPACE", str(project.parent))
    monkeypatch.chdir(folder)
    main(["diff", "--format", "github"])

    changes = capsys.readouterr().out.splitlines()
    assert len(changes) == 2
    assert all(line.startswith(f"::error file={project.name}/schemas/shop.json,") for line in changes)


@pytest.mark.usefixtures("project")
def test_recorded_release_is_what_later_versions_are_compared_with(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["record"]) == 0
    assert capsys.readouterr().out == ("recorded shop\nwrote schemas/contracts.lock; now run: python -m codegen\n")
    assert main(["record"]) == 0
    assert capsys.readouterr().out == "up to date: schemas/contracts.lock\n"
    write(NARROWER)
    commit()

    assert main(["diff"]) == 1
    assert "since the release of 20" in capsys.readouterr().out


@pytest.mark.usefixtures("project")
def test_generated_module_lists_compatible_releases() -> None:
    main(["record"])
    write(WIDER)
    main([])

    first = json.loads(Path("schemas/contracts.lock").read_text(encoding="utf-8").splitlines()[1])
    assert f'compatible=("{first["document"]["contract"]}",)' in Path("generated/shop.py").read_text(encoding="utf-8")
    write(NARROWER)
    main([])
    assert "compatible=" not in Path("generated/shop.py").read_text(encoding="utf-8")


@pytest.mark.usefixtures("project")
def test_change_of_the_lock_file_makes_generated_code_stale() -> None:
    write(WIDER)
    main([])
    assert main(["--check"]) == 0
    write(SHOP)
    main(["record"])
    write(WIDER)

    assert main(["--check"]) == 1


@pytest.mark.usefixtures("project")
def test_only_the_newest_releases_are_kept(capsys: pytest.CaptureFixture[str]) -> None:
    for maximum in (9, 10, 11):
        write(changed(clientMessages__list__payload={"type": "integer", "maximum": maximum}))
        main(["record", "--keep", "2"])

    assert "removed shop of 20" in capsys.readouterr().out
    lines = Path("schemas/contracts.lock").read_text(encoding="utf-8").splitlines()
    assert [f'"maximum":{maximum}' in line for line, maximum in zip(lines[1:], (10, 11), strict=True)] == [True, True]


@pytest.mark.usefixtures("project")
def test_invalid_line_of_the_lock_file_has_a_number(capsys: pytest.CaptureFixture[str]) -> None:
    main(["record"])
    with Path("schemas/contracts.lock").open("a", encoding="utf-8") as file:
        file.write("<<<<<<< main\n")

    for command in (["diff"], ["record"], []):
        assert main(command) == 2
        assert "schemas/contracts.lock:3:1: the line is not a release" in capsys.readouterr().err


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("keep", ["0", "-1", "many"])
def test_keep_is_a_positive_number(keep: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["record", "--keep", keep])


@pytest.mark.usefixtures("project")
def test_unreadable_lock_file_is_a_problem(capsys: pytest.CaptureFixture[str]) -> None:
    Path("schemas/contracts.lock").write_bytes(b"\xff")

    assert main(["diff"]) == 2
    assert "schemas/contracts.lock:1:1: the line is not a release" in capsys.readouterr().err
