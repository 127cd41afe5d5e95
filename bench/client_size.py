"""Size of the demo's client after a Vite build, without Svelte.

``python -m bench.client_size`` prints it, and exits with 1 if the target is missed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

__all__ = ["LIMIT", "measure", "run"]

HERE = Path(__file__).parent
LIMIT = 4500
"""Maximum size of the client with the validators of both endpoints, compressed by gzip, in bytes."""

ROWS = {
    "validators": "validators of both endpoints",
    "client": "with the client: connection, messages, requests",
    "classes": "with the reactive classes `Chat` and `Export`, acknowledged messages, presence and tickets",
    "component": "with the component `ExportSocket`, as in the demo",
}


def measure() -> dict[str, dict[str, int]]:
    """Build the client and return its sizes in bytes."""
    built = subprocess.run(
        ["node", str(HERE / "client_size.mjs")], cwd=HERE.parent, stdout=subprocess.PIPE, text=True, check=True
    )
    sizes: dict[str, dict[str, int]] = json.loads(built.stdout.splitlines()[-1])
    return sizes


def run(*, quick: bool = False) -> str:
    """Measure, and return the tables."""
    from . import report

    sizes = measure()
    rows = [
        (label, f"{sizes[name]['minified'] / 1000:.2f} kB", f"{sizes[name]['gzip'] / 1000:.2f} kB")
        for name, label in ROWS.items()
    ]
    client = sizes["client"]["gzip"]
    target = ("client with validators, gzip", f"< {LIMIT / 1000:.1f} kB", f"{client / 1000:.2f} kB", client < LIMIT)
    return f"{report.table(('part of the demo', 'minified', 'gzip'), rows)}\n\n{report.targets([target])}"


if __name__ == "__main__":
    print(run())
    sys.exit(measure()["client"]["gzip"] >= LIMIT)
