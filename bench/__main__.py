"""``python -m bench [name …]``: measure, print, and write the figures into docs/benchmarks.md."""

from __future__ import annotations

import argparse
import ast
import importlib
import subprocess
import sys
from pathlib import Path

from . import report
from .environment import prepare

__all__ = ["BENCHMARKS", "main"]

BENCHMARKS = ("echo", "fanout", "outbox", "memory", "drain", "validation", "client_size")
"""Modules beside this one. Each returns from ``run`` what goes into its part of the page, or is a command itself."""


def main() -> None:
    """Run benchmarks by name, or all."""
    names = [name for name in BENCHMARKS if _file(name).exists()]
    lines = "\n".join(f"  {name:12} {_first_line(name)}" for name in names)
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Measures tornado-ws and its peers, and writes docs/benchmarks.md.",
        epilog=f"benchmarks:\n{lines}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="name", help="what to run; by default all")
    parser.add_argument("--quick", action="store_true", help="small counts and short times; nothing is written")
    arguments = parser.parse_args()
    if unknown := [name for name in arguments.names if name not in names]:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(names)}")
    prepare()
    if not arguments.quick:
        report.write("machine", report.machine())
    for name in arguments.names or names:
        print(f"\n{name}: {_first_line(name)}", flush=True)
        _run(name, quick=arguments.quick)


def _run(name: str, *, quick: bool) -> None:
    module = importlib.import_module(f"bench.{name}")
    if not hasattr(module, "run"):
        subprocess.run([sys.executable, "-m", f"bench.{name}", *([] if quick else ["--write"])], check=True)
        return
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
