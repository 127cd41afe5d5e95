"""Transcripts of the demo."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from examples.chat.transcripts import MAX_LINES, Transcripts
from generated.chat import Said


def texts(transcripts: Transcripts, room: str = "lobby") -> list[str]:
    return [line.text for line in transcripts.latest(room, MAX_LINES)[0]]


def test_transcripts_of_each_room_survive_a_restart(tmp_path: Path) -> None:
    before = Transcripts(tmp_path / "kept")
    for room, text in (("lobby", "one\nand a half"), ("lobby", "two"), ("attic", "three")):
        before.add(room, "ann", text)

    after = Transcripts(tmp_path / "kept")

    assert ["one\nand a half", "two"] == texts(after)
    assert ["three"] == texts(after, "attic")
    assert [] == texts(after, "cellar")


def test_memory_and_files_are_bounded(tmp_path: Path) -> None:
    transcripts = Transcripts(tmp_path)
    for number in range(3 * MAX_LINES + 5):
        transcripts.add("lobby", "ann", str(number))
        assert number % 500 or (tmp_path / "lobby.jsonl").read_bytes().count(b"\n") <= 2 * MAX_LINES

    expected = [str(number) for number in range(2 * MAX_LINES + 5, 3 * MAX_LINES + 5)]
    assert expected == texts(transcripts) == texts(Transcripts(tmp_path))
    assert ["lobby.jsonl"] == [path.name for path in tmp_path.iterdir()]


def test_line_after_a_truncated_line_is_kept(tmp_path: Path) -> None:
    Transcripts(tmp_path).add("lobby", "ann", "whole")
    with (tmp_path / "lobby.jsonl").open("ab") as file:
        file.write(b'{"nick":"ann","te')

    Transcripts(tmp_path).add("lobby", "ann", "next")

    assert ["whole", "next"] == texts(Transcripts(tmp_path))


def test_reading_a_room_writes_no_file(tmp_path: Path) -> None:
    assert 0 == Transcripts(tmp_path / "kept").count("lobby")

    assert not (tmp_path / "kept").exists()


def test_each_line_of_a_room_is_later_than_the_one_before_it(tmp_path: Path) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat(timespec="microseconds")
    (tmp_path / "lobby.jsonl").write_bytes(msgspec.json.encode(Said(nick="ann", text="before", at=tomorrow)) + b"\n")
    transcripts = Transcripts(tmp_path)

    times = [tomorrow, *(transcripts.add("lobby", "ann", "after").at for _ in range(3))]

    assert sorted(set(times)) == times


def test_lines_are_found_newest_first_and_before_a_time(tmp_path: Path) -> None:
    transcripts = Transcripts(tmp_path)
    lines = [transcripts.add("lobby", "ann", text) for text in ("a Nut", "no", "nuts", "NUTS!")]

    assert ["NUTS!", "nuts", "a Nut"] == [line.text for line in transcripts.containing("lobby", "nut")]
    assert ["a Nut"] == [line.text for line in transcripts.containing("lobby", "nut", before=lines[2].at)]
    assert lines[3] == transcripts.last("lobby")
    assert transcripts.last("attic") is None
