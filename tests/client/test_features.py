"""Features of the client in Node, with fake WebSockets and a clock that only the tests move."""

from __future__ import annotations

import subprocess

import pytest

from .project import ROOT


@pytest.mark.parametrize(
    "feature",
    [
        "bigints",
        "channels",
        "confirmations",
        "deliveries",
        "delivery-order",
        "development",
        "fake-socket",
        "pacing",
        "presence",
        "resumable-streams",
        "retry-times",
    ],
)
def test_feature(feature: str) -> None:
    path = ROOT / f"tests/node/{feature}.test.mjs"
    done = subprocess.run(["node", "--test", str(path)], stdout=subprocess.PIPE, text=True, check=False)

    assert done.returncode == 0, "\n".join(line for line in done.stdout.splitlines() if not line.startswith("    at "))
