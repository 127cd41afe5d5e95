"""What the demo keeps of what was said."""

from __future__ import annotations

from pathlib import Path

from examples.chat.transcripts import KEPT, Transcripts
from generated.chat import Said


def said(text: str) -> Said:
    return Said(nick="ann", text=text, at="2026-01-01T00:00:00+00:00")


def texts(transcripts: Transcripts, room: str = "lobby") -> list[str]:
    return [line.text for line in transcripts.latest(room, KEPT)[0]]


def test_who_comes_after_a_restart_reads_what_was_said_in_each_room(tmp_path: Path) -> None:
    before = Transcripts(tmp_path / "kept")
    for room, text in (("lobby", "one\nand a half"), ("lobby", "two"), ("attic", "three")):
        before.add(room, said(text))

    after = Transcripts(tmp_path / "kept")

    assert ["one\nand a half", "two"] == texts(after)
    assert ["three"] == texts(after, "attic")
    assert [] == texts(after, "cellar")


def test_files_are_bounded_as_what_is_in_memory_is(tmp_path: Path) -> None:
    transcripts = Transcripts(tmp_path)
    for number in range(3 * KEPT + 5):
        transcripts.add("lobby", said(str(number)))
        assert number % 500 or (tmp_path / "lobby.jsonl").read_bytes().count(b"\n") <= 2 * KEPT

    expected = [str(number) for number in range(2 * KEPT + 5, 3 * KEPT + 5)]
    assert expected == texts(transcripts) == texts(Transcripts(tmp_path))
    assert ["lobby.jsonl"] == [path.name for path in tmp_path.iterdir()]


def test_line_that_a_crash_broke_off_takes_no_other_with_it(tmp_path: Path) -> None:
    Transcripts(tmp_path).add("lobby", said("whole"))
    with (tmp_path / "lobby.jsonl").open("ab") as file:
        file.write(b'{"nick":"ann","te')

    Transcripts(tmp_path).add("lobby", said("next"))

    assert ["whole", "next"] == texts(Transcripts(tmp_path))


def test_looking_into_a_room_writes_nothing(tmp_path: Path) -> None:
    assert 0 == Transcripts(tmp_path / "kept").count("lobby")

    assert not (tmp_path / "kept").exists()
