"""Example of the page about clients for Python, with the handler of the demo."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from examples.chat.sockets import Chat
from examples.chat.transcripts import Transcripts
from tests.docs.pages import ROOT, blocks
from tornado_ws.client import events


@pytest.mark.gen_test
async def test_program_of_the_page_talks_to_the_demo(
    app, sockets, http_server, http_port, capsys, tmp_path, monkeypatch
):
    monkeypatch.setattr("examples.chat.sockets.transcripts", Transcripts(tmp_path))
    app.add_handlers(".*", sockets.persistent(Chat))
    (program,) = blocks(ROOT / "docs/how-to/python-client.md", "python")
    names: dict[str, Any] = {"__name__": "page"}
    exec(program.text.replace("http://localhost:8888", f"http://127.0.0.1:{http_port}"), names)

    async with asyncio.timeout(15):
        await names["main"]()
        await names["main"]()

    out = capsys.readouterr().out
    assert "0 lines\n" in out
    assert "bot: Hello!\n" in out
    assert "1 lines\nsaid before, at 2" in out
    assert not sockets.connections


def test_page_names_all_events():
    page = (ROOT / "docs/how-to/python-client.md").read_text(encoding="utf-8")
    missing = [name for name in events.__all__ if name not in page and name not in ("Status", "ClientEvent")]

    assert missing == []
