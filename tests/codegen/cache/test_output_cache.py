"""Cache of generated files."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from codegen.cache import fingerprint
from codegen.cache.json_form import decode
from codegen.cache.output_cache import FOLDER, MAX_ENTRIES, OutputCache
from codegen.cli import main
from codegen.emit.results import Generated
from codegen.pipeline import run
from codegen.schema.resolve import Group
from codegen.schema_folder import ReadGroup, Report, SchemaFolder
from codegen.settings.project_settings import Settings, read_settings

from ..support.folders import COUNTER, folder

SHARED = {"$defs": {"Step": {"type": "integer", "minimum": 1}}}
GOLDEN = Path(__file__).parents[2] / "golden"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Create a project with one endpoint and make it the working directory."""
    folder(tmp_path / "schemas", counter=COUNTER, common=SHARED)
    (tmp_path / "pyproject.toml").write_text("[tool.tornado-ws]\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list that each run of the pipeline extends."""
    found: list[str] = []

    def counted(settings: Settings, cache: OutputCache | None, report: Report) -> Generated:
        found.append("run")
        return run(settings, cache, report)

    monkeypatch.setattr("codegen.pipeline.run", counted)
    return found


def _files(project: Path) -> dict[str, bytes]:
    generated = project / "generated"
    return {path.relative_to(project).as_posix(): path.read_bytes() for path in generated.rglob("*") if path.is_file()}


def _entry(project: Path) -> Path:
    (entry,) = (project / FOLDER).glob("*.outputs")
    return entry


def test_second_run_reads_no_schema(project: Path, runs: list[str]) -> None:
    assert (0, 0, 0) == (main([]), main([]), main(["--check"]))

    assert ["run"] == runs


def test_changed_generated_file_is_stale_and_restored_from_the_cache(project: Path, runs: list[str]) -> None:
    main([])
    module = project / "generated" / "counter.py"
    expected = module.read_text()
    module.write_text(expected.replace("Handler", "Other"))

    assert 1 == main(["--check"])
    assert 0 == main([])
    assert expected == module.read_text()
    assert ["run"] == runs


def _other_text(project: Path) -> None:
    folder(project / "schemas", counter=COUNTER | {"description": "Other."})


def _other_shared_file(project: Path) -> None:
    folder(project / "schemas", common={"$defs": {"Step": {"type": "integer"}}})


def _other_file(project: Path) -> None:
    folder(project / "schemas", second=COUNTER | {"path": "/second"})


def _renamed_file(project: Path) -> None:
    (project / "schemas" / "counter.json").rename(project / "schemas" / "other.json")


def _other_setting(project: Path) -> None:
    (project / "pyproject.toml").write_text('[tool.tornado-ws]\npython-names = "snake_case"\n')


def _meta_schema(project: Path) -> None:
    (project / "schemas" / "endpoint.schema.json").write_text("")


@pytest.mark.parametrize(
    "change", [_other_text, _other_shared_file, _other_file, _renamed_file, _other_setting, _meta_schema]
)
def test_each_change_of_an_input_runs_the_pipeline(
    project: Path, runs: list[str], change: Callable[[Path], None]
) -> None:
    main([])
    change(project)

    assert 0 == main([])
    assert ["run", "run"] == runs
    expected = {path: text for path, text in run(read_settings(Path())).files.items() if path.exists()}
    assert expected == {path: path.read_text() for path in expected}


def test_other_version_of_a_package_runs_the_pipeline(
    project: Path, runs: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    packages = tmp_path_factory.mktemp("packages")
    monkeypatch.syspath_prepend(str(packages))
    fingerprint._program.cache_clear()
    main([])
    (packages / "msgspec-999.dist-info").mkdir()
    fingerprint._program.cache_clear()
    main([])
    fingerprint._program.cache_clear()

    assert ["run", "run"] == runs


def test_own_sources_are_part_of_the_fingerprint(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    names = {path.name for package in fingerprint.PACKAGES for path in fingerprint._sources(package)}

    assert {"fingerprint.py", "module.py.jinja", "validators.ts", "schema_validator.py"} <= names


@pytest.fixture
def groups(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Return the list of the groups of files that are read, each as the names of its files."""
    found: list[list[str]] = []
    read = SchemaFolder.read

    def counted(self: SchemaFolder, group: Group, report: Report) -> ReadGroup:
        found.append([document.path.stem for document in group.documents])
        return read(self, group, report)

    monkeypatch.setattr(SchemaFolder, "read", counted)
    return found


def _endpoint(name: str, payload: Any, **others: Any) -> dict[str, Any]:
    messages = {"it": {"payload": payload}}
    return {"kind": "persistent", "path": f"/{name}", "serverMessages": messages, **others}


LONELY = {"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}, "required": ["a"]}
"""Type that requires itself."""
STEP = {"$ref": "common.json#/$defs/Step"}


def _project_of_five(project: Path) -> None:
    alone = {name: _endpoint(name, {"type": "string", "minimum": 1}) for name in ("fifth", "fourth")}
    folder(project / "schemas", first=_endpoint("first", STEP), second=_endpoint("second", STEP), **alone)


def _equal_to_a_run_without_cache(project: Path) -> bool:
    expected = {path.as_posix(): text.encode() for path, text in run(read_settings(Path())).files.items()}
    return expected == _files(project)


def test_only_the_group_of_a_changed_file_is_read_again(project: Path, groups: list[list[str]]) -> None:
    _project_of_five(project)
    main([])
    assert [["common", "first", "second"], ["counter"], ["fifth"], ["fourth"]] == groups

    groups.clear()
    folder(project / "schemas", fourth=_endpoint("fourth", {"type": "number"}))
    main([])
    assert [["fourth"]] == groups
    assert _equal_to_a_run_without_cache(project)

    groups.clear()
    folder(project / "schemas", common={"$defs": {"Step": {"type": "string"}}})
    main([])
    assert [["common", "first", "second"]] == groups
    assert _equal_to_a_run_without_cache(project)


def test_file_that_joins_a_group_is_read_with_it(project: Path, groups: list[list[str]]) -> None:
    _project_of_five(project)
    main([])
    groups.clear()
    folder(project / "schemas", fourth=_endpoint("fourth", STEP))
    main([])

    assert [["common", "first", "fourth", "second"]] == groups
    assert _equal_to_a_run_without_cache(project)


def test_removed_endpoint_has_no_files_and_no_route(project: Path, groups: list[list[str]]) -> None:
    _project_of_five(project)
    main([])
    groups.clear()
    (project / "schemas" / "fifth.json").unlink()
    main([])

    assert [] == groups
    assert not (project / "generated" / "fifth.py").exists()
    assert "/fifth" not in (project / "generated" / "client" / "vite.js").read_text()
    assert _equal_to_a_run_without_cache(project)


def test_warnings_of_unchanged_groups_are_repeated_and_strict_counts_them(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    impossible = _endpoint("fifth", {"$ref": "#/$defs/A"}, **{"$defs": {"A": LONELY}})
    folder(project / "schemas", fifth=impossible)
    main([])
    first = capsys.readouterr().err
    folder(project / "schemas", counter=COUNTER | {"description": "Other."})
    main([])

    assert "[endless_type]" in first
    assert first == capsys.readouterr().err
    assert 2 == main(["--strict"])


def test_problem_between_groups_is_found(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _project_of_five(project)
    main([])
    folder(project / "schemas", fourth=_endpoint("fifth", {"type": "string"}))

    assert 2 == main([])
    assert "/fifth" in capsys.readouterr().err


def test_option_runs_without_the_cache(project: Path, runs: list[str]) -> None:
    assert (0, 0) == (main(["--no-cache"]), main(["--no-cache"]))

    assert ["run", "run"] == runs
    assert not (project / FOLDER).exists()


def _truncate(entry: Path) -> None:
    entry.write_bytes(entry.read_bytes()[:-1])


def _replace_by_nothing(entry: Path) -> None:
    entry.write_bytes(b"")


def _with_digest(entry: Path, text: str) -> None:
    entry.write_text(f"{hashlib.sha256(text.encode()).hexdigest()}\n{text}")


def _foreign(entry: Path) -> None:
    _with_digest(entry, "[]")


def _other_members(entry: Path) -> None:
    _with_digest(entry, json.dumps({"units": [], "common": {"generated/x.py": 1}, "warnings": []}))


def _other_folder(entry: Path) -> None:
    _with_digest(entry, json.dumps({"units": [], "common": {"generated/../x.py": ""}, "warnings": []}))


def _folder_in_its_place(entry: Path) -> None:
    entry.unlink()
    entry.mkdir()


@pytest.mark.parametrize(
    "damage", [_truncate, _replace_by_nothing, _foreign, _other_members, _other_folder, _folder_in_its_place]
)
def test_damaged_entry_is_ignored(project: Path, runs: list[str], damage: Callable[[Path], None]) -> None:
    main([])
    expected = _files(project)
    damage(_entry(project))

    assert 0 == main([])
    assert ["run", "run"] == runs
    assert expected == _files(project)
    assert not (project / "x.py").exists()


def test_file_in_place_of_the_folder_is_kept(project: Path, runs: list[str]) -> None:
    (project / FOLDER).write_text("mine")

    assert (0, 0) == (main([]), main([]))
    assert ["run", "run"] == runs
    assert "mine" == (project / FOLDER).read_text()


def test_unwritable_folder_is_no_error(project: Path, runs: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    (project / FOLDER).mkdir()

    def refuse(path: Path, content: bytes) -> int:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr("codegen.output._replace", lambda path, text: path.write_text(text))
        patch.setattr(Path, "write_bytes", refuse)
        assert 0 == main([])

    assert [".gitignore"] == [path.name for path in (project / FOLDER).iterdir()]


def test_invalid_schemas_are_not_stored(project: Path, runs: list[str]) -> None:
    folder(project / "schemas", counter=COUNTER | {"ttl": 5})

    assert (2, 2) == (main([]), main([]))
    assert ["run", "run"] == runs
    assert not (project / FOLDER).exists()


def test_warnings_are_repeated(project: Path, runs: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    unused = COUNTER | {"$defs": COUNTER["$defs"] | {"Odd": {"type": "string", "minimum": 1}}}
    folder(project / "schemas", counter=unused)
    main([])
    first = capsys.readouterr().err
    main([])

    assert ["run"] == runs
    assert "warning" in first
    assert first == capsys.readouterr().err


def test_result_is_not_stored_if_an_input_changed_during_the_run(project: Path) -> None:
    settings = read_settings(Path())
    cache = OutputCache(settings)
    generated = run(settings)
    _other_text(project)
    cache.store(generated)

    assert not (project / FOLDER).exists()


def test_git_ignores_the_folder(project: Path) -> None:
    main([])

    assert "*\n" == (project / FOLDER / ".gitignore").read_text()


def test_number_of_entries_is_bounded_and_old_temporary_files_are_removed(project: Path) -> None:
    settings = read_settings(Path())
    cache = OutputCache(settings)
    cache.store(run(settings))
    abandoned, recent = project / FOLDER / "0.1.tmp", project / FOLDER / "0.2.tmp"
    for file in (abandoned, recent):
        file.write_text("")
    os.utime(abandoned, (0, 0))
    for position in range(MAX_ENTRIES + 3):
        file = project / FOLDER / f"{position}.outputs"
        file.write_text("")
        os.utime(file, (position, position))
    cache.store(run(settings))

    names = {path.name for path in (project / FOLDER).iterdir()}
    assert MAX_ENTRIES == sum(name.endswith(".outputs") for name in names)
    assert "0.outputs" not in names
    assert f"{MAX_ENTRIES + 2}.outputs" in names
    assert (False, True) == (abandoned.exists(), recent.exists())
    assert cache.load() is not None


@pytest.mark.parametrize("case", ("messages", "shared", "texts", "types"))
def test_files_from_the_cache_are_equal(case: str, tmp_path: Path) -> None:
    settings = read_settings(tmp_path, {"schemas": GOLDEN / case / "schemas", "python": "out", "client": "out/client"})
    expected = run(settings)
    cache = OutputCache(settings)
    cache.store(expected)

    assert expected == cache.load()


def test_run_without_changes_imports_no_other_layer(project: Path) -> None:
    code = "import sys, codegen.cli; codegen.cli.main([]); print(*sys.modules)"
    first, second = (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True).stdout
        for _ in range(2)
    )

    assert "codegen.pipeline" in first.split()
    loaded = {*second.split()}
    assert "codegen.cache.output_cache" in loaded
    assert not loaded & {"codegen.pipeline", "codegen.keywords", "jsonschema_rs", "tornado_ws"}


def test_concurrent_runs_write_complete_entries(project: Path) -> None:
    command = [sys.executable, "-m", "codegen"]
    running = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for _ in range(3)]
    for process in running:
        _, errors = process.communicate(timeout=120)
        assert (0, b"") == (process.returncode, errors)

    digest, _, text = _entry(project).read_bytes().partition(b"\n")
    assert digest == hashlib.sha256(text).hexdigest().encode()
    assert decode(json.loads(text)).files == run(read_settings(Path())).files
    assert {".gitignore", _entry(project).name} == {path.name for path in (project / FOLDER).iterdir()}
