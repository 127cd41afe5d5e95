"""Output of generated files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from codegen.emit import MARK
from codegen.output import Changes, compare, write
from codegen.source.diagnostics import SchemaProblems

TEXT = f"# {MARK} 0.1.0 from schemas/chat.json. DO NOT EDIT.\nx = 1\n"


def output(path: Path, files: dict[str, str]) -> Changes:
    """Write ``files``, by path relative to ``path``, and return the changes."""
    changes = compared(path, files)
    write(changes)
    return changes


def compared(path: Path, files: dict[str, str]) -> Changes:
    return compare({path / name: text for name, text in files.items()}, flat=path, deep=path / "client")


def content(path: Path) -> dict[str, str]:
    return {file.relative_to(path).as_posix(): file.read_text() for file in path.rglob("*") if file.is_file()}


def test_files_are_written_with_their_folders(tmp_path: Path) -> None:
    files = {"chat.py": TEXT, "client/chat/index.ts": TEXT, "py.typed": ""}

    changes = output(tmp_path, files)

    assert files == content(tmp_path)
    assert {tmp_path / name for name in files} == set(changes.missing)


def test_unchanged_files_are_not_written(tmp_path: Path) -> None:
    output(tmp_path, {"a.py": TEXT, "b.py": TEXT, "py.typed": ""})
    for path in tmp_path.iterdir():
        os.utime(path, ns=(1, 1))

    changes = output(tmp_path, {"a.py": TEXT, "b.py": f"{TEXT}y = 2\n", "py.typed": ""})

    assert {tmp_path / "b.py": f"{TEXT}y = 2\n"} == changes.stale
    assert 1 == (tmp_path / "a.py").stat().st_mtime_ns == (tmp_path / "py.typed").stat().st_mtime_ns
    assert not output(tmp_path, {"a.py": TEXT, "b.py": f"{TEXT}y = 2\n", "py.typed": ""})


def test_comparison_writes_nothing(tmp_path: Path) -> None:
    output(tmp_path, {"a.py": TEXT, "old.py": TEXT})

    changes = compared(tmp_path, {"a.py": TEXT + "y\n", "b.py": TEXT})

    prefix = tmp_path.as_posix()
    assert [f"stale: {prefix}/a.py", f"missing: {prefix}/b.py", f"left over: {prefix}/old.py"] == list(changes.lines())
    assert {"a.py": TEXT, "old.py": TEXT} == content(tmp_path)


def test_left_over_files_and_empty_folders_are_removed(tmp_path: Path) -> None:
    output(tmp_path, {"chat.py": TEXT, "client/chat/index.ts": TEXT, "client/index.ts": TEXT})

    changes = output(tmp_path, {"client/index.ts": TEXT})

    assert (tmp_path / "chat.py", tmp_path / "client/chat/index.ts") == changes.left_over
    assert {"client/index.ts": TEXT} == content(tmp_path)
    assert not (tmp_path / "client/chat").exists()


def test_files_not_written_by_codegen_are_never_removed(tmp_path: Path) -> None:
    other_files = {
        "mine.py": "x = 1\n",
        "client/notes.md": "",
        "client/chat/Mine.svelte": "<p></p>",
        "deeper/chat.py": TEXT,
        "client/node_modules/x/index.ts": TEXT,
        "client/.cache/index.ts": TEXT,
    }
    for name, text in other_files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)

    assert not compared(tmp_path, {})


def test_nothing_is_written_if_one_file_was_not_written_by_codegen(tmp_path: Path) -> None:
    (tmp_path / "chat.py").write_text("x = 1\n")
    (tmp_path / "room.py").write_text("y = 1\n")

    with pytest.raises(SchemaProblems) as raised:
        output(tmp_path, {"a.py": TEXT, "chat.py": TEXT, "room.py": TEXT})

    assert ["not_generated", "not_generated"] == [problem.code for problem in raised.value.problems]
    assert {"chat.py": "x = 1\n", "room.py": "y = 1\n"} == content(tmp_path)


def test_empty_file_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "__init__.py").touch()

    output(tmp_path, {"__init__.py": TEXT})

    assert {"__init__.py": TEXT} == content(tmp_path)


def test_converted_line_endings_are_not_a_difference(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(TEXT.replace("\n", "\r\n").encode())

    assert not compared(tmp_path, {"a.py": TEXT})


def test_folder_at_the_path_of_a_file_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "a.py").mkdir()

    with pytest.raises(SchemaProblems, match=r"cannot write the file: Is a directory \[unwritable_file\]"):
        output(tmp_path, {"a.py": TEXT})


def test_file_at_the_path_of_a_folder_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "client").touch()

    with pytest.raises(SchemaProblems, match="unwritable_file"):
        output(tmp_path, {"client/chat/index.ts": TEXT})


def test_failed_write_leaves_no_temporary_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output(tmp_path, {"a.py": TEXT})

    def deny(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", deny)
    with pytest.raises(SchemaProblems, match="Permission denied"):
        output(tmp_path, {"a.py": TEXT + "y = 2\n"})

    assert {"a.py": TEXT} == content(tmp_path)


def test_missing_folder_has_no_left_over_files(tmp_path: Path) -> None:
    assert () == compare({}, flat=tmp_path / "x", deep=tmp_path / "x" / "client").left_over


def test_layout_of_json_may_differ_but_no_value(tmp_path: Path) -> None:
    text = f'{{"$comment": "{MARK}", "a": [1, false]}}\n'
    output(tmp_path, {"a.json": text})

    (tmp_path / "a.json").write_text(f'{{\n\t"$comment": "{MARK}",\n\t"a": [1, false]\n}}\n')
    assert not compared(tmp_path, {"a.json": text})

    for other in (text.replace("false", "0"), text.replace("1", "1.0"), text.replace("]", "")):
        (tmp_path / "a.json").write_text(other)
        assert compared(tmp_path, {"a.json": text}).stale
