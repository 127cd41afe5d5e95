"""Command-line interface: ``python -m codegen``."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .settings.setting_table import settings_help
from .source.diagnostics import Problem, SchemaProblems
from .source.missing_packages import missing_extra
from .source.problem_lines import count_of, lines
from .version import VERSION

if TYPE_CHECKING:
    from .output import Changes
    from .settings.project_settings import Settings

__all__ = ["main"]

USAGE = """\
python -m codegen [options]
       python -m codegen init [DIR]
       python -m codegen editor
       python -m codegen diff [options]
       python -m codegen record [options]
"""

DESCRIPTION = """\
Generate a Python package for Tornado and a TypeScript client for Svelte from the
JSON Schemas of WebSocket endpoints.

Each file in the schemas folder with a "kind" describes one endpoint: its path, and the
messages that client and server send. To start: python -m codegen init my-app
"""

EPILOG = f"""\
examples:
  python -m codegen init my-app          create a small working project in my-app/
  python -m codegen                      generate the code
  python -m codegen editor               write the schema with which editors complete and check endpoints
  python -m codegen --check              for CI: fail if the generated code is not up to date
  python -m codegen --watch              generate again after each change of a schema
  python -m codegen --explain            show the cost of validation for each message
  python -m codegen diff                 show the changes that old pages do not understand
  python -m codegen record               note a release, whose pages the server goes on with
  python -m codegen --client web/src/lib/ws

settings in pyproject.toml, with their defaults; command-line options override them:
  [tool.tornado-ws]
{settings_help()}

Only files that changed are written, and none if a schema has an error. Files that
were not written by codegen are never changed or removed.

exit status:
  0  success
  1  --check found differences
  2  a schema, a setting or an option is invalid, or a package is missing
"""

OPTIONS = ("schemas", "python", "client", "models")
"""Command-line options that override settings."""
EXCLUDED = (
    ("check", "watch", "it looks at the generated files once, and writes nothing"),
    ("explain", "watch", "it runs once, and writes nothing"),
    ("explain", "check", "it does not look at the generated files"),
    ("explain", "no_cache", "it never uses the cache"),
    ("explain", "json", "it prints text"),
    ("traceback", "json", "tracebacks are printed as text"),
)
"""Pairs of options that exclude each other, with a reason that is true of the first."""
STRICT_HINT = "`third-party` lists schemas that you do not edit"
CLOSED_OUTPUT = 141
"""Exit status if the reader of the output has closed it, as of a process that SIGPIPE ends."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    try:
        try:
            return _run(list(sys.argv[1:] if arguments is None else arguments))
        except ModuleNotFoundError as error:
            line = missing_extra(error)
            if line is None:
                raise
            print(line, file=sys.stderr)
            return 2
        finally:
            sys.stdout.flush()  # which writes a short output
    except BrokenPipeError:  # the reader, such as head, has read enough
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except BrokenPipeError:  # Python would write the rest at exit, and report the error
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        return CLOSED_OUTPUT


def _run(command: list[str]) -> int:
    if command[:1] in (["init"], ["editor"]):
        from .scaffold import run

        return run(command)
    if command[:1] in (["diff"], ["record"]):
        from .contract_commands.command import run as run_contract_command

        return run_contract_command(command)
    parser = _parser()
    options = parser.parse_args(command)
    for first, second, reason in EXCLUDED:
        if getattr(options, first) and getattr(options, second):
            parser.error(f"--{first} cannot be combined with --{second.replace('_', '-')}: {reason}")
    try:
        if options.explain:
            return _explain(options)
        return _watch(options) if options.watch else _generate(options)
    except SchemaProblems as error:
        return _report_problems(error, options)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        raise
    except Exception as error:
        if isinstance(error, ModuleNotFoundError) and (error.name or "").partition(".")[0] != "codegen":
            raise  # an incomplete installation
        from .source.internal_errors import internal_error

        folder = options.schemas or Path("schemas")
        return _report_problems(SchemaProblems([internal_error(folder.as_posix(), error)]), options)


def _generate(options: argparse.Namespace) -> int:
    from .output import write
    from .settings.project_settings import read_settings

    settings = read_settings(Path(), {name: getattr(options, name) for name in OPTIONS}, strict=options.strict)
    _print_notice(settings, options)
    changes = _changes(settings, use_cache=not options.no_cache)
    if not options.check:
        write(changes)
    _print_warnings(changes.warnings, options)
    if options.json:
        document = {
            "problems": [warning.to_json() for warning in changes.warnings],
            "stale": [path.as_posix() for path in changes.stale],
            "missing": [path.as_posix() for path in changes.missing],
            "leftOver": [path.as_posix() for path in changes.left_over],
        }
        print(json.dumps(document))
    elif options.check:
        for line in changes.lines():
            print(line)
        if changes:
            print("generated code is not up to date; run: python -m codegen", file=sys.stderr)
    else:
        for path in (*changes.stale, *changes.missing):
            print(f"wrote {path.as_posix()}")
        for path in changes.left_over:
            print(f"removed {path.as_posix()}")
        if not changes:
            print("up to date")
    return 1 if options.check and changes else 0


def _changes(settings: Settings, *, use_cache: bool) -> Changes:
    """Return the changes, without an import of the pipeline if the cache contains the generated files."""
    from .cache.output_cache import OutputCache
    from .output import compare
    from .source.progress import Progress

    cache = OutputCache(settings) if use_cache else None
    generated = None if cache is None else cache.load()
    if generated is None:
        from .pipeline import run

        with Progress(sys.stderr) as progress:
            generated = run(settings, cache, progress.set)
        if cache is not None:
            cache.store(generated)
    changes = compare(generated.files, flat=settings.python, deep=settings.client)
    return replace(changes, warnings=generated.warnings)


def _explain(options: argparse.Namespace) -> int:
    from .cost_report import report
    from .pipeline import read
    from .settings.project_settings import read_settings
    from .source.progress import Progress

    settings = read_settings(Path(), {name: getattr(options, name) for name in OPTIONS}, strict=options.strict)
    _print_notice(settings, options)
    with Progress(sys.stderr) as progress:
        lines_of_report = [*report(read(settings, progress.set).endpoints, models=settings.models)]
    for line in lines_of_report:
        print(line)
    return 0


def _watch(options: argparse.Namespace) -> int:
    from .settings.project_settings import read_settings, settings_files
    from .watch import watch

    def run() -> None:
        try:
            _generate(options)
        except SchemaProblems as error:
            _report_problems(error, options)
        sys.stdout.flush()

    def schemas() -> Path:
        found = read_settings(Path(), {"schemas": options.schemas}).schemas
        print(f"watching {found.as_posix()}", file=sys.stderr)
        return found

    watch(schemas, settings_files(Path()), run)
    return 0


def _report_problems(error: SchemaProblems, options: argparse.Namespace) -> int:
    if options.json:
        print(json.dumps({"problems": [problem.to_json() for problem in error.problems]}))
    else:
        errors = [problem for problem in error.problems if problem.is_error]
        warnings = [problem for problem in error.problems if not problem.is_error]
        print("\n".join(lines([*warnings, *errors])), file=sys.stderr)  # errors next to their number
        for problem in error.problems if options.traceback else ():
            print(problem.traceback or "", end="", file=sys.stderr)
        counts = count_of("error", len(errors)) + (f" and {count_of('warning', len(warnings))}" if warnings else "")
        print(f"{counts}; nothing was written", file=sys.stderr)
        if strict := sum(problem.is_strict for problem in error.problems):
            text = "is an error" if strict == 1 else "are errors"
            print(
                f"  hint: {count_of('warning', strict)} {text}, because `strict` is set; {STRICT_HINT}", file=sys.stderr
            )
    return 2


def _print_notice(settings: Settings, options: argparse.Namespace) -> None:
    if settings.notice is not None and not options.json:
        print(settings.notice, file=sys.stderr)


def _print_warnings(warnings: Sequence[Problem], options: argparse.Namespace) -> None:
    if warnings and not options.json:
        print("\n".join(lines(warnings)), file=sys.stderr)
        print(count_of("warning", len(warnings)), file=sys.stderr)


_RAW_TEXT: dict[str, Any] = {"formatter_class": argparse.RawDescriptionHelpFormatter}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m codegen", usage=USAGE, description=DESCRIPTION, epilog=EPILOG, **_RAW_TEXT
    )
    parser.add_argument("--schemas", metavar="DIR", type=Path, help="folder of the schemas (default: schemas)")
    parser.add_argument("--python", metavar="DIR", type=Path, help="folder of the Python package (default: generated)")
    parser.add_argument(
        "--client", metavar="DIR", type=Path, help="folder of the TypeScript client (default: generated/client)"
    )
    parser.add_argument(
        "--models",
        metavar="NAME",
        choices=("msgspec", "pydantic"),
        help="library for message classes: msgspec or pydantic (default: msgspec)",
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; list files that are stale, missing or left over"
    )
    parser.add_argument(
        "--watch", action="store_true", help="keep running; generate after each change of a schema or setting"
    )
    parser.add_argument("--no-cache", action="store_true", help="generate all files again; do not use .codegen_cache")
    parser.add_argument("--strict", action="store_true", help="treat warnings as errors")
    parser.add_argument(
        "--explain", action="store_true", help="write nothing; show the cost of validation for each message"
    )
    parser.add_argument(
        "--traceback", action="store_true", help="print the traceback of each internal error, for a report"
    )
    parser.add_argument("--json", action="store_true", help="print problems and changes as JSON")
    parser.add_argument("--version", action="version", version=VERSION)
    return parser
