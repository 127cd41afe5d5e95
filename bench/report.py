"""Tables and sections of ``docs/benchmarks.md``."""

from __future__ import annotations

import platform
import statistics
import subprocess
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path

from docs.scripts.sections import replace

from .cpu import CORES
from .server import HERE, NODE_MODULES, PYTHON

__all__ = ["PAGE", "machine", "ratio", "table", "targets", "versions", "write"]

PAGE = HERE.parent / "docs" / "benchmarks.md"


def write(name: str, text: str) -> None:
    """Replace the section ``name`` of the page."""
    PAGE.write_text(replace(PAGE.read_text(encoding="utf-8"), name, text), encoding="utf-8")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table. All columns except the first are aligned to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def targets(lines: Iterable[tuple[str, str, str, bool]]) -> str:
    """Return the table of targets and results.

    Args:
        lines: Label, target, result, and True if the target is met.
    """
    return table(("figure", "target", "measured", "met"), ((*line[:3], "yes" if line[3] else "no") for line in lines))


def machine() -> str:
    """Return the processor, the system and the versions of the interpreters."""
    info = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = next((line.partition(":")[2].strip() for line in info.splitlines() if line.startswith("model name")), "?")
    kernel = ".".join(platform.release().split(".")[:2])
    return f"{len(CORES)} cores of {model}, {platform.system()} {kernel}, Python {_python()}, Node {_node()}."


def versions(packages: Iterable[str]) -> str:
    """Return the measured versions of packages."""
    site = next(PYTHON.parents[1].glob("lib/python*/site-packages"), None)
    installed = {
        distribution.name.lower(): distribution.version
        for distribution in metadata.distributions(path=[str(site)] if site else [])
    }
    return ", ".join(f"{name} {installed.get(name) or _node_version(name)}" for name in packages)


def _node_version(package: str) -> str:
    file = NODE_MODULES / package / "package.json"
    if not file.exists():
        return "?"
    line = next(line for line in file.read_text(encoding="utf-8").splitlines() if '"version"' in line)
    return line.split('"')[3]


def _python() -> str:
    return platform.python_version()


def _node() -> str:
    return subprocess.run(["node", "--version"], capture_output=True, text=True).stdout.strip().lstrip("v") or "none"


def ratio(ours: Sequence[float], others: Sequence[float]) -> float:
    """Return the median of the ratios in each round. The machine may change its speed between rounds."""
    return statistics.median(our / other for our, other in zip(ours, others, strict=True))
