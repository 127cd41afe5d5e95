"""Endpoint documents as the model: messages, policies and payloads."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegen import model

from ..support.models import TEXT, endpoint


def test_messages_have_their_order_and_policies(tmp_path: Path) -> None:
    found = endpoint(
        tmp_path,
        {
            "kind": "persistent",
            "path": "/x",
            "description": "Messages in order.",
            "clientMessages": {
                "b": {"payload": TEXT, "rate": "20/s", "volatile": True, "description": "Rate limited."},
                "a": {"deprecated": True},
                "ask": {"payload": TEXT, "reply": {"type": "integer"}},
                "tail": {"stream": TEXT},
            },
            "serverMessages": {"c": {"payload": {"type": "object"}, "replay": 5, "latest": "/id"}},
        },
    )

    assert "Messages in order." == found.description
    assert ["b", "a", "ask", "tail"] == [message.name for message in found.client]
    limited, plain, ask, tail = found.client
    assert "Rate limited." == limited.description
    assert {"volatile": True, "rate": (20, 1.0)} == limited.policies
    assert (None, True) == (plain.payload, plain.deprecated)
    assert ask.reply is not None
    assert "/$defs/AskReply" == ask.reply.pointer
    assert tail.stream is not None
    assert "/$defs/TailItem" == tail.stream.pointer
    assert {"replay": model.Replay(count=5, seconds=600), "latest": "/id"} == found.server[0].policies


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(7, 600.0), ({"count": 7}, 600.0), ({"count": 7, "seconds": 1.5}, 1.5), ({"count": 7, "seconds": 86400}, 86400.0)],
)
def test_replay_is_a_count_or_a_count_and_seconds(tmp_path: Path, value: object, seconds: float) -> None:
    found = endpoint(tmp_path, {"kind": "ephemeral", "serverMessages": {"a": {"replay": value}}})

    assert {"replay": model.Replay(count=7, seconds=seconds)} == found.server[0].policies


@pytest.mark.parametrize(("text", "seconds"), [("1/s", 1.0), ("3/m", 60.0), ("2/h", 3600.0)])
def test_rate_has_its_period_in_seconds(tmp_path: Path, text: str, seconds: float) -> None:
    found = endpoint(tmp_path, {"kind": "ephemeral", "clientMessages": {"a": {"rate": text}}})

    assert (int(text[0]), seconds) == found.client[0].policies["rate"]
