"""``python -m bench [name …]``: measure, print, and write the figures into docs/benchmarks.md."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import subprocess
import sys
from typing import Any

from . import report
from .environment import prepare

__all__ = ["BENCHMARKS", "main"]

BENCHMARKS = ("echo", "fanout", "outbox", "memory", "drain", "validation", "client_size")
"""Modules beside this one. Each returns from ``run`` what goes into its part of the page, or is a command itself."""


def main() -> None:
    """Run benchmarks by name, or all."""
    names = [name for name in BENCHMARKS if importlib.util.find_spec(f"bench.{name}")]
    modules = {name: importlib.import_module(f"bench.{name}") for name in names}
    lines = "\n".join(f"  {name:12} {_first_line(module)}" for name, module in modules.items())
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Measures tornado-ws and its peers, and writes docs/benchmarks.md.",
        epilog=f"benchmarks:\n{lines}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="name", help="what to run; by default all")
    parser.add_argument("--quick", action="store_true", help="small counts and short times; nothing is written")
    arguments = parser.parse_args()
    if unknown := [name for name in arguments.names if name not in modules]:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(modules)}")
    prepare()
    if not arguments.quick:
        report.write("machine", report.machine())
    for name in arguments.names or names:
        print(f"\n{name}: {_first_line(modules[name])}", flush=True)
        _run(name, modules[name], quick=arguments.quick)


def _run(name: str, module: Any, *, quick: bool) -> None:
    if not hasattr(module, "run"):
        subprocess.run([sys.executable, "-m", f"bench.{name}", *([] if quick else ["--write"])], check=True)
        return
    text = module.run(quick=quick)
    print(f"\n{text}", flush=True)
    if not quick:
        report.write(name.replace("_", "-"), text)


def _first_line(module: Any) -> str:  # a module
    return str(module.__doc__).splitlines()[0]


if __name__ == "__main__":
    main()
