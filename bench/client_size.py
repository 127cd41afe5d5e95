"""Size of the demo's client after a Vite build, without Svelte itself.

``python -m bench.client_size`` prints it, and fails where the bar is missed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

__all__ = ["BAR", "measure", "run"]

HERE = Path(__file__).parent
BAR = 4000
"""Bytes, compressed by gzip, of the client with the checks of both endpoints."""

ROWS = {
    "checks": "the checks of both endpoints alone",
    "client": "the client with them: connection, messages, requests, tickets",
    "classes": "as reactive classes, `Chat` and `Export`",
    "component": "and with the component `ExportSocket`, as the demo's page uses it",
}


def measure() -> dict[str, dict[str, int]]:
    """Build; return the sizes in bytes."""
    built = subprocess.run(
        ["node", str(HERE / "client_size.mjs")], cwd=HERE.parent, stdout=subprocess.PIPE, text=True, check=True
    )
    sizes: dict[str, dict[str, int]] = json.loads(built.stdout.splitlines()[-1])
    return sizes


def run(*, quick: bool = False) -> str:
    """Measure; return the tables."""
    from . import report

    sizes = measure()
    rows = [
        (words, f"{sizes[name]['minified'] / 1000:.2f} kB", f"{sizes[name]['gzip'] / 1000:.2f} kB")
        for name, words in ROWS.items()
    ]
    client = sizes["client"]["gzip"]
    bar = ("client with checks, gzip", f"< {BAR / 1000:.0f} kB", f"{client / 1000:.2f} kB", client < BAR)
    return f"{report.table(('of the demo', 'minified', 'gzip'), rows)}\n\n{report.bars([bar])}"


if __name__ == "__main__":
    print(run())
    sys.exit(measure()["client"]["gzip"] >= BAR)
