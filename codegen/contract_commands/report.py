"""Changes between versions as text, as JSON, and as annotations of GitHub."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import model
from ..evolution import Change
from ..source.problem_lines import count_of

__all__ = ["GroupOfChanges", "github_annotations", "lines", "to_json"]

VERDICTS = ("breaking", "unknown", "compatible")
LEVELS = {"breaking": "error", "unknown": "warning", "compatible": "notice"}
"""Levels of annotations."""
WIDTH = max(map(len, VERDICTS))


@dataclass(frozen=True, kw_only=True)
class GroupOfChanges:
    """Changes since one earlier version."""

    since: str
    """Description of the version."""
    changes: tuple[Change, ...]
    earlier: int = 0
    """Number of earlier versions since which the changes are the same."""

    @property
    def title(self) -> str:
        """Description of all versions."""
        return f"{self.since}, and {count_of('earlier release', self.earlier)}" if self.earlier else self.since


def lines(groups: Sequence[GroupOfChanges]) -> Iterator[str]:
    """Yield the changes as text, the breaking ones first, with a line of numbers at the end."""
    changes = [change for group in groups for change in group.changes]
    for group in groups:
        if group.changes:
            yield f"since {group.title}:"
        for verdict in VERDICTS:
            for change in group.changes:
                if change.verdict == verdict:
                    yield f"  {verdict:<{WIDTH}}  {_subject(change)}: {change.text}"
    counts = [(verdict, sum(change.verdict == verdict for change in changes)) for verdict in VERDICTS]
    numbers = ", ".join(f"{count} {verdict}" for verdict, count in counts if count)
    yield f"changes: {numbers}" if numbers else "no changes"


def to_json(groups: Sequence[GroupOfChanges], endpoints: Mapping[str, model.Endpoint]) -> dict[str, Any]:
    """Return the changes as a JSON object."""
    return {
        "groups": [
            {
                "since": group.title,
                "changes": [
                    {
                        "verdict": change.verdict,
                        "code": change.code,
                        "endpoint": change.endpoint,
                        "message": change.message or None,
                        "place": change.place,
                        "text": change.text,
                        **_location(change, endpoints),
                    }
                    for change in group.changes
                ],
            }
            for group in groups
        ]
    }


def github_annotations(
    groups: Sequence[GroupOfChanges], endpoints: Mapping[str, model.Endpoint], *, workspace: str | None
) -> Iterator[str]:
    """Yield the changes as workflow commands of GitHub Actions.

    Args:
        groups: Changes since each earlier version.
        endpoints: Endpoints of the new version by name.
        workspace: Folder to which the paths of annotations are relative; None for the working directory.
    """
    for group in groups:
        for change in group.changes:
            location = _location(change, endpoints)
            if "file" in location:  # of the folder of the repository, wherever the command runs
                location["file"] = Path(os.path.relpath(location["file"], workspace)).as_posix()
            names = {"file": "file", "line": "line", "column": "col"}
            properties = [f"{names[name]}={_escape_property(str(value))}" for name, value in location.items()]
            title = _escape_property(f"{change.verdict} since {group.title}")
            text = _escape(f"{_subject(change)}: {change.text}")
            yield f"::{LEVELS[change.verdict]} {','.join([*properties, f'title={title}'])}::{text}"


def _subject(change: Change) -> str:
    return " ".join(part for part in (change.endpoint, change.message, change.place) if part)


def _location(change: Change, endpoints: Mapping[str, model.Endpoint]) -> dict[str, Any]:
    """Return the file, line and column of the changed schema, as far as they are known."""
    endpoint = endpoints.get(change.endpoint)
    if endpoint is None:
        return {}
    find = endpoint.source_locations.get(change.pointer)
    if find is None:
        return {"file": endpoint.source_locations["/kind"]().file}  # a removed message has no line
    location = find()
    return {"file": location.file, "line": location.line, "column": location.column}


def _escape(text: str) -> str:
    """Escape the message of a workflow command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")
