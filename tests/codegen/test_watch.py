"""Watcher for schema files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from codegen.watch import watch


class Stop(Exception):
    """Raised to end the watcher."""


def watched(folder: Path, *steps: Callable[[], object] | None) -> list[int]:
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
        watch(folder, lambda: called.append(polls), pause=pause)
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
        watch(tmp_path, act, pause=lambda: next(pauses))

    assert [1, 1] == called
