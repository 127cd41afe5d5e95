"""Command ``python -m bench [name …]``: measure, print, and write the figures into docs/benchmarks.md."""

from __future__ import annotations

import argparse
import ast
import importlib
from pathlib import Path

from . import report
from .environment import prepare

__all__ = ["BENCHMARKS", "main"]

BENCHMARKS = (
    "echo",
    "monitoring",
    "fanout",
    "kept",
    "presence",
    "redis_publications",
    "slow_readers",
    "memory",
    "drain",
    "validation",
    "client_size",
    "codegen_time",
)
"""Modules of this folder. Each has a function ``run`` that returns its section of the page."""


def main() -> None:
    """Run all benchmarks, or those on the command line."""
    lines = "\n".join(f"  {name:18} {_first_line(name)}" for name in BENCHMARKS)
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Measure tornado-ws and comparable servers, and write docs/benchmarks.md.",
        epilog=f"benchmarks:\n{lines}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="name", help="benchmark to run; all by default")
    parser.add_argument("--quick", action="store_true", help="use small counts and short times, and write nothing")
    arguments = parser.parse_args()
    if unknown := [name for name in arguments.names if name not in BENCHMARKS]:
        parser.error(f"unknown benchmark: {', '.join(unknown)}; expected one of {', '.join(BENCHMARKS)}")
    prepare()
    if not arguments.quick:
        report.write("machine", report.machine())
    for name in arguments.names or BENCHMARKS:
        print(f"\n{name}: {_first_line(name)}", flush=True)
        _run(name, quick=arguments.quick)


def _run(name: str, *, quick: bool) -> None:
    module = importlib.import_module(f"bench.{name}")
    text = module.run(quick=quick)
    print(f"\n{text}", flush=True)
    if not quick:
        report.write(name.replace("_", "-"), text)


def _first_line(name: str) -> str:
    return str(ast.get_docstring(ast.parse(_file(name).read_text(encoding="utf-8")))).splitlines()[0]


def _file(name: str) -> Path:
    return Path(__file__).with_name(f"{name}.py")


if __name__ == "__main__":
    main()
