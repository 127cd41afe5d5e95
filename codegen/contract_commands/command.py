"""Commands about contracts: ``diff`` and ``record``."""

from __future__ import annotations

import argparse
import datetime
import json
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from .. import model
from ..evolution import Change, LockFile, compare_folders, contract_document
from ..pipeline import read
from ..settings.project_settings import Settings, read_settings
from ..source.diagnostics import SchemaProblems
from ..source.load import LOCK_FILE
from ..source.problem_lines import lines as problem_lines
from ..source.progress import Progress
from .earlier_schemas import GIT, earlier_settings
from .report import GroupOfChanges, github_annotations, lines, to_json

__all__ = ["run"]

DIFF = """\
Compare the schemas with an earlier version, message by message and by direction.

Old clients go on sending, so what they send may only be accepted more widely. They
go on reading, so what servers send, replies and errors may only become narrower.

  compatible  old clients and the new server understand each other
  breaking    one of them rejects a message of the other
  unknown     nothing is proved; the reason is stated
"""
DIFF_EPILOG = f"""\
examples:
  python -m codegen diff                      with the released contracts, or with the last commit
  python -m codegen diff --against git:main   with a branch, a tag or a commit
  python -m codegen diff --against ../old/schemas
  python -m codegen diff --format github      for GitHub Actions: annotations of the changed lines

Without --against, the schemas are compared with the releases in {LOCK_FILE} of the
schemas folder if there are any, otherwise with {GIT}HEAD.

exit status:
  0  no change, or only compatible ones
  1  a change is breaking, or unknown (--fail-on)
  2  a schema, a setting or an option is invalid
"""
RECORD = f"""\
Note the contracts of the current schemas as released, in {LOCK_FILE} of the schemas
folder, which belongs into version control. The server then goes on with the clients of
releases that are compatible, and pages are `outdated` only if theirs is not.
"""
RECORD_EPILOG = """\
Run it when you deploy, then run: python -m codegen
Delete a line of the file to forget a release.
"""
KEEP = 20


def run(command: Sequence[str]) -> int:
    """Run ``diff`` or ``record``, with its arguments; return the exit status."""
    name, *arguments = command
    parser = _diff_parser() if name == "diff" else _record_parser()
    options = parser.parse_args(arguments)
    try:
        return _diff(options) if name == "diff" else _record(options)
    except SchemaProblems as error:
        print("\n".join(problem_lines(error.problems)), file=sys.stderr)
        return 2


def _diff(options: argparse.Namespace) -> int:
    settings = _settings(options)
    endpoints = _endpoints(settings)
    groups = list(_groups(options.against, settings, endpoints))
    by_name = {endpoint.name: endpoint for endpoint in endpoints}
    match options.format:
        case "json":
            print(json.dumps(to_json(groups, by_name)))
        case "github":
            for line in github_annotations(groups, by_name, workspace=os.environ.get("GITHUB_WORKSPACE")):
                print(line)
        case _:
            for line in lines(groups):
                print(line)
    fatal = {"breaking": {"breaking"}, "unknown": {"breaking", "unknown"}, "never": set()}[options.fail_on]
    return 1 if any(change.verdict in fatal for group in groups for change in group.changes) else 0


def _groups(against: str | None, settings: Settings, endpoints: Sequence[model.Endpoint]) -> Iterable[GroupOfChanges]:
    """Return the changes since each earlier version."""
    current = [contract_document(endpoint) for endpoint in endpoints]
    lock = LockFile.read(settings.schemas)
    if against is None and lock.releases:
        return _since_releases(lock, endpoints)
    with earlier_settings(against or f"{GIT}HEAD", settings) as earlier:
        old = [contract_document(endpoint) for endpoint in _endpoints(earlier)]
    return [GroupOfChanges(since=against or f"{GIT}HEAD", changes=tuple(compare_folders(old, current)))]


def _since_releases(lock: LockFile, endpoints: Sequence[model.Endpoint]) -> Iterable[GroupOfChanges]:
    """Yield the changes since each release; equal changes since several releases only once."""
    current = {endpoint.name: contract_document(endpoint) for endpoint in endpoints}
    known: dict[tuple[Change, ...], GroupOfChanges] = {}
    for release in reversed(lock.releases):
        document = release.document
        new = [current[document.name]] if document.name in current else []
        changes = tuple(compare_folders([document], new))
        since = f"the release of {release.recorded} ({document.contract[:8]})"
        if changes:
            found = known.setdefault(changes, GroupOfChanges(since=since, changes=changes))
            if found.since != since:
                known[changes] = replace(found, earlier=found.earlier + 1)
    released = {release.document.name for release in lock.releases}
    added = [document for name, document in current.items() if name not in released]
    if added:
        yield GroupOfChanges(since="all releases", changes=tuple(compare_folders([], added)))
    yield from known.values()


def _record(options: argparse.Namespace) -> int:
    settings = _settings(options)
    documents = [contract_document(endpoint) for endpoint in _endpoints(settings)]
    before = LockFile.read(settings.schemas)
    after, added = before.add(documents, datetime.datetime.now(datetime.UTC).date().isoformat(), keep=options.keep)
    path = (settings.schemas / LOCK_FILE).as_posix()
    for name in added:
        print(f"recorded {name}")
    for release in before.releases:
        if release not in after.releases:
            print(f"removed {release.document.name} of {release.recorded}: --keep {options.keep}")
    if after == before:
        print(f"up to date: {path}")
        return 0
    after.write(settings.schemas)
    print(f"wrote {path}; now run: python -m codegen")
    return 0


def _settings(options: argparse.Namespace) -> Settings:
    settings = read_settings(Path(), {"schemas": options.schemas})
    if settings.notice is not None:
        print(settings.notice, file=sys.stderr)
    return settings


def _endpoints(settings: Settings) -> tuple[model.Endpoint, ...]:
    with Progress(sys.stderr) as progress:
        return read(settings, progress.set).endpoints


def _diff_parser() -> argparse.ArgumentParser:
    parser = _parser("diff", DIFF, DIFF_EPILOG)
    text = f"earlier version: {GIT} and a revision, or a schemas folder (default: the releases, or {GIT}HEAD)"
    parser.add_argument("--against", metavar="VERSION", help=text)
    choices = ("text", "json", "github")
    parser.add_argument("--format", choices=choices, default="text", help="form of the output (default: text)")
    parser.add_argument(
        "--fail-on",
        choices=("breaking", "unknown", "never"),
        default="unknown",
        help="mildest verdict with exit status 1 (default: unknown)",
    )
    return parser


def _record_parser() -> argparse.ArgumentParser:
    parser = _parser("record", RECORD, RECORD_EPILOG)
    text = "number of releases of each endpoint that remain (default: %(default)s)"
    parser.add_argument("--keep", metavar="N", type=_positive, default=KEEP, help=text)
    return parser


def _parser(name: str, description: str, epilog: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"python -m codegen {name}",
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--schemas", metavar="DIR", type=Path, help="folder of the schemas (default: schemas)")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("expected a number above 0")
    return number
