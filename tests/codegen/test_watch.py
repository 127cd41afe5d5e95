"""Watcher for schema files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from codegen.source.diagnostics import SchemaProblems
from codegen.watch import watch


class Stop(Exception):
    """Raised to end the watcher."""


def watched(
    folder: Path,
    *steps: Callable[[], object] | None,
    settings: Sequence[Path] = (),
    schemas: Callable[[], Path] | None = None,
) -> list[int]:
    """Watch a folder with one step before each poll; return the number of polls before each call."""
    polls = 0
    called: list[int] = []
    remaining = list(steps)

    def pause() -> None:
        nonlocal polls
        polls += 1
        if not remaining:
            raise Stop
        step = remaining.pop(0)
        if step is not None:
            step()

    with pytest.raises(Stop):
        watch(schemas or (lambda: folder), settings, lambda: called.append(polls), pause=pause)
    return called


def save(path: Path, text: str) -> Callable[[], object]:
    return lambda: path.write_text(text)


def test_change_is_reported_after_a_poll_without_changes(tmp_path: Path) -> None:
    assert [0, 2] == watched(tmp_path, save(tmp_path / "a.json", "1"), None, None, None)


def test_changes_in_consecutive_polls_are_reported_once(tmp_path: Path) -> None:
    a, b = tmp_path / "a.json", tmp_path / "b.yaml"

    assert [0, 4] == watched(tmp_path, save(a, "1"), save(b, "12"), save(a, "123"), None, None)


def test_separate_changes_are_reported_separately(tmp_path: Path) -> None:
    a = tmp_path / "a.json"

    assert [0, 2, 5] == watched(tmp_path, save(a, "1"), None, None, save(a, "12"), None, None)


def test_deleted_file_is_a_change(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("1")

    assert [0, 2] == watched(tmp_path, (tmp_path / "a.json").unlink, None)


def test_folder_and_subfolders_may_be_created_later(tmp_path: Path) -> None:
    subfolder = tmp_path / "schemas" / "shared"

    assert [0, 3] == watched(
        tmp_path / "schemas", lambda: subfolder.mkdir(parents=True), save(subfolder / "a.json", "1"), None
    )


def test_other_files_are_ignored(tmp_path: Path) -> None:
    assert [0] == watched(tmp_path, save(tmp_path / "README.md", "1"), None, None)


def test_change_during_the_first_call_is_reported(tmp_path: Path) -> None:
    called: list[int] = []

    def act() -> None:
        called.append(1)
        (tmp_path / "a.json").write_text("1")

    pauses = iter([None, None])
    with pytest.raises(StopIteration):
        watch(lambda: tmp_path, (), act, pause=lambda: next(pauses))

    assert [1, 1] == called


def test_settings_are_watched_also_if_they_are_created_later(tmp_path: Path) -> None:
    settings = tmp_path / "pyproject.toml"

    called = watched(
        tmp_path / "schemas", save(settings, "1"), None, save(settings, "12"), None, settings=[settings, tmp_path / "x"]
    )

    assert [0, 2, 4] == called


def test_folder_of_changed_settings_is_watched(tmp_path: Path) -> None:
    settings = tmp_path / "pyproject.toml"
    save(settings, "a")()
    for name in "ab":
        (tmp_path / name).mkdir()

    called = watched(
        tmp_path,
        save(tmp_path / "b/it.json", "1"),
        None,
        save(settings, " b "),
        None,
        save(tmp_path / "b/it.json", "12"),
        None,
        save(tmp_path / "a/it.json", "1"),
        None,
        settings=[settings],
        schemas=lambda: tmp_path / settings.read_text().strip(),
    )

    assert [0, 4, 6] == called


def test_last_valid_folder_is_watched_while_settings_are_invalid(tmp_path: Path) -> None:
    settings = tmp_path / "pyproject.toml"

    def schemas() -> Path:
        if settings.exists():
            raise SchemaProblems([])
        return tmp_path / "schemas"

    (tmp_path / "schemas").mkdir()
    called = watched(
        tmp_path,
        save(settings, "?"),
        None,
        save(tmp_path / "schemas/it.json", "1"),
        None,
        settings=[settings],
        schemas=schemas,
    )

    assert [0, 2, 4] == called
