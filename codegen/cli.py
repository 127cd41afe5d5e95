"""The command ``python -m codegen``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .source.diagnostics import SchemaProblems
from .version import VERSION

__all__ = ["main"]

DESCRIPTION = """\
Turns the JSON Schemas of WebSocket endpoints into a Python package for Tornado
and a TypeScript client for Svelte.
"""

EPILOG = """\
examples:
  python -m codegen init my-app          make a small working project
  python -m codegen                      write what changed
  python -m codegen --check              write nothing; fail if something is stale (for CI)
  python -m codegen --watch              write again whenever a schema changes
  python -m codegen --explain            tell what validation costs, message by message
  python -m codegen --client web/src/lib/ws

settings, in pyproject.toml; options go before them:
  [tool.tornado-ws]
  schemas = "schemas"                    one file for each endpoint, JSON or YAML
  python = "generated"                   the package written
  client = "generated/client"            the client written, such as web/src/lib/ws
  models = "msgspec"                     classes of messages: "msgspec" or "pydantic"
  format-assertion = false               whether format refuses values

Files that have not changed are not touched, and nothing is written while a schema
has a problem. Files that codegen did not write are never changed or removed.

exit status: 0 all is well; 1 --check found differences; 2 a schema or setting has a problem.
"""

INIT = """\
Writes a small project that works: a schema, a Tornado application with a handler, and a
Svelte page. It prints the commands that run it, and never overwrites a file.
"""


KINDS = "classes of messages: msgspec or pydantic (default: msgspec)"
OPTIONS = ("schemas", "python", "client", "models")
"""Options that are settings."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["init"]:
        return _init(given[1:])
    options = _parser().parse_args(given)
    try:
        if options.explain:
            return _explain(options)
        return _watch(options) if options.watch else _generate(options)
    except SchemaProblems as error:
        return _refuse(error, options)
    except KeyboardInterrupt:
        return 130


def _generate(options: argparse.Namespace) -> int:
    from .output import write
    from .pipeline import plan
    from .settings import read_settings

    settings = read_settings(Path(), {name: getattr(options, name) for name in OPTIONS})
    changes = plan(settings)
    if not options.check:
        write(changes)
    if options.json:
        listed = {
            "problems": [],
            "stale": [path.as_posix() for path in changes.stale],
            "missing": [path.as_posix() for path in changes.missing],
            "leftOver": [path.as_posix() for path in changes.left_over],
        }
        print(json.dumps(listed))
    elif options.check:
        for line in changes.lines():
            print(line)
        if changes:
            print("run python -m codegen", file=sys.stderr)
    else:
        for path in (*changes.stale, *changes.missing):
            print(f"wrote {path.as_posix()}")
        for path in changes.left_over:
            print(f"removed {path.as_posix()}")
        if not changes:
            print("nothing has changed")
    return 1 if options.check and changes else 0


def _explain(options: argparse.Namespace) -> int:
    from .cost_report import explain
    from .pipeline import read
    from .settings import read_settings

    settings = read_settings(Path(), {name: getattr(options, name) for name in OPTIONS})
    for line in explain(read(settings), models=settings.models):
        print(line)
    return 0


def _watch(options: argparse.Namespace) -> int:
    from .settings import read_settings
    from .watch import watch

    def run() -> None:
        try:
            _generate(options)
        except SchemaProblems as error:
            _refuse(error, options)
        sys.stdout.flush()

    settings = read_settings(Path(), {"schemas": options.schemas})
    print(f"watching {settings.schemas.as_posix()}", file=sys.stderr)
    watch(settings.schemas, run)
    return 0


def _refuse(error: SchemaProblems, options: argparse.Namespace) -> int:
    if options.json:
        print(json.dumps({"problems": [problem.to_json() for problem in error.problems]}))
    else:
        count = len(error.problems)
        print(error, file=sys.stderr)
        print(f"{count} {'problem' if count == 1 else 'problems'}; nothing was written", file=sys.stderr)
    return 2


def _init(arguments: Sequence[str]) -> int:
    from .scaffold import init

    parser = argparse.ArgumentParser(prog="python -m codegen init", description=INIT, **_AS_WRITTEN)
    parser.add_argument("folder", metavar="DIR", nargs="?", type=Path, default=Path(), help="where (default: here)")
    folder = parser.parse_args(arguments).folder
    try:
        print(init(folder))
    except SchemaProblems as error:
        print(error, file=sys.stderr)
        return 2
    return 0


_AS_WRITTEN: dict[str, Any] = {"formatter_class": argparse.RawDescriptionHelpFormatter}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m codegen", description=DESCRIPTION, epilog=EPILOG, **_AS_WRITTEN)
    parser.add_argument("--schemas", metavar="DIR", type=Path, help="where the schemas are (default: schemas)")
    parser.add_argument("--python", metavar="DIR", type=Path, help="the package written (default: generated)")
    parser.add_argument("--client", metavar="DIR", type=Path, help="the client written (default: generated/client)")
    parser.add_argument("--models", metavar="KIND", choices=("msgspec", "pydantic"), help=KINDS)
    parser.add_argument("--check", action="store_true", help="write nothing; list what is stale, missing or left over")
    parser.add_argument("--watch", action="store_true", help="go on, and generate again whenever a schema changes")
    parser.add_argument("--explain", action="store_true", help="write nothing; tell what is proved and what costs more")
    parser.add_argument("--json", action="store_true", help="print problems and changes as JSON, for editors and Vite")
    parser.add_argument("--version", action="version", version=VERSION)
    return parser
