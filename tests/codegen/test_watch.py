from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from codegen.watch import watch


class Stop(Exception):
    """Ends watching."""


def watched(folder: Path, *steps: Callable[[], object] | None) -> list[int]:
    """Watch a folder while one step is taken before each look; return before which looks something was done."""
    looks = 0
    called: list[int] = []
    ahead = list(steps)

    def pause() -> None:
        nonlocal looks
        looks += 1
        if not ahead:
            raise Stop
        step = ahead.pop(0)
        if step is not None:
            step()

    with pytest.raises(Stop):
        watch(folder, lambda: called.append(looks), pause=pause)
    return called


def saving(path: Path, text: str) -> Callable[[], object]:
    return lambda: path.write_text(text)


def test_change_is_acted_upon_once_it_is_over(tmp_path: Path) -> None:
    assert [0, 2] == watched(tmp_path, saving(tmp_path / "a.json", "1"), None, None, None)


def test_changes_that_come_together_are_one(tmp_path: Path) -> None:
    a, b = tmp_path / "a.json", tmp_path / "b.yaml"

    assert [0, 4] == watched(tmp_path, saving(a, "1"), saving(b, "12"), saving(a, "123"), None, None)


def test_changes_that_come_apart_are_two(tmp_path: Path) -> None:
    a = tmp_path / "a.json"

    assert [0, 2, 5] == watched(tmp_path, saving(a, "1"), None, None, saving(a, "12"), None, None)


def test_removal_is_a_change(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("1")

    assert [0, 2] == watched(tmp_path, (tmp_path / "a.json").unlink, None)


def test_files_in_folders_below_and_the_folder_itself_may_come_later(tmp_path: Path) -> None:
    below = tmp_path / "schemas" / "shared"

    assert [0, 3] == watched(
        tmp_path / "schemas", lambda: below.mkdir(parents=True), saving(below / "a.json", "1"), None
    )


def test_other_files_are_no_matter(tmp_path: Path) -> None:
    assert [0] == watched(tmp_path, saving(tmp_path / "README.md", "1"), None, None)


def test_change_during_the_first_action_is_not_missed(tmp_path: Path) -> None:
    called: list[int] = []

    def act() -> None:
        called.append(1)
        (tmp_path / "a.json").write_text("1")

    pauses = iter([None, None])
    with pytest.raises(StopIteration):
        watch(tmp_path, act, pause=lambda: next(pauses))

    assert [1, 1] == called
