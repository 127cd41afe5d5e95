from __future__ import annotations

import io
import time

from codegen.source.progress import ERASE, Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_latest_text_is_shown_and_erased() -> None:
    stream = Terminal()

    with Progress(stream, interval=0.02) as progress:
        progress.set("reading a.json")
        while "a.json" not in stream.getvalue():
            time.sleep(0.01)
        progress.set("x" * 10_000)
        while "x" not in stream.getvalue():
            time.sleep(0.01)

    assert stream.getvalue().startswith(f"{ERASE}reading a.json")
    assert stream.getvalue().endswith(f"x{ERASE}")
    assert max(map(len, stream.getvalue().split(ERASE))) < 1000


def test_short_work_shows_nothing() -> None:
    stream = Terminal()

    with Progress(stream):
        pass

    assert "" == stream.getvalue()


def test_nothing_is_shown_without_a_terminal() -> None:
    stream = io.StringIO()

    with Progress(stream, interval=0.001):
        time.sleep(0.05)

    assert "" == stream.getvalue()
