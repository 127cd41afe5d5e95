"""Channels of the client: random histories, and each of its rules.

``DELIVERY_HISTORIES`` is the number of histories, 2,000 by default.
"""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

import pytest

from .project import ROOT

HISTORIES = int(os.environ.get("DELIVERY_HISTORIES", "2000"))


def play(histories: int, change: str = "") -> dict[str, Any]:
    """Return the result of random histories, with a change of the client."""
    command = ["node", str(ROOT / "tests/node/channels.mjs"), str(histories), "0", *([change] if change else [])]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def test_messages_of_random_histories_arrive_in_order_once_each_or_a_loss_is_reported() -> None:
    result = play(HISTORIES)

    assert HISTORIES == result.get("histories"), result
    assert 0 < result["losses"]


def test_page_that_holds_few_frames_reports_the_loss() -> None:
    assert 500 == play(500, "few-held").get("histories")


@pytest.mark.parametrize(
    ("rule", "error"),
    [
        ("marks", "another history"),
        ("hold", "another history"),
        ("any-difference", "ends elsewhere"),
        ("gaps", "ends elsewhere"),
        ("once", "order"),
    ],
)
def test_histories_fail_without_a_rule(rule: str, error: str) -> None:
    result = play(2000, rule)

    assert result.get("error", "").startswith(error), result
