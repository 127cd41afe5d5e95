"""Released contracts of endpoints, in ``contracts.lock`` of the schemas folder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec
from msgspec import Struct

from ..source.diagnostics import Problem, SchemaProblems
from ..source.load import LOCK_FILE
from .contract_document import ContractDocument

__all__ = ["LockFile", "Release"]

HEADER = (
    "# Released contracts, one per line, written by: python -m codegen record. Delete a line to forget a release.\n"
)


class Release(Struct, frozen=True, kw_only=True):
    """Released contract."""

    recorded: str
    """Day of the release, such as 2026-11-30."""
    document: ContractDocument


@dataclass(frozen=True, kw_only=True)
class LockFile:
    """Content of ``contracts.lock``: text with one JSON object per line, so that versions of it can be merged."""

    releases: tuple[Release, ...] = ()
    """All releases, the oldest first."""

    @classmethod
    def read(cls, schemas: Path) -> LockFile:
        """Return the released contracts of a schemas folder.

        Raises:
            SchemaProblems: If a line is not a release.
        """
        path = schemas / LOCK_FILE
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return cls()
        except (OSError, UnicodeDecodeError) as error:
            raise SchemaProblems([_problem(path, 1, str(error))]) from None
        releases: list[Release] = []
        for number, line in enumerate(lines, 1):
            if line.strip() and not line.startswith("#"):
                try:
                    releases.append(msgspec.json.decode(line, type=Release))
                except (msgspec.DecodeError, msgspec.ValidationError) as error:
                    raise SchemaProblems([_problem(path, number, str(error))]) from None
        return cls(releases=tuple(releases))

    def of(self, endpoint: str) -> list[Release]:
        """Return the releases of an endpoint, the oldest first."""
        return [release for release in self.releases if release.document.name == endpoint]

    def add(self, documents: Iterable[ContractDocument], day: str, *, keep: int) -> tuple[LockFile, list[str]]:
        """Return the file with further releases, and the names of their endpoints.

        Args:
            documents: Contracts of the current schemas.
            day: Day of the release.
            keep: Number of the newest releases of each endpoint that remain.
        """
        releases, added = [*self.releases], []
        known = {(release.document.name, release.document.contract) for release in releases}
        for document in documents:
            if (document.name, document.contract) not in known:
                releases.append(Release(recorded=day, document=document))
                added.append(document.name)
        ordered = sorted(releases, key=lambda release: release.document.name)  # stable: the oldest first
        kept = [
            release
            for position, release in enumerate(ordered)
            if sum(later.document.name == release.document.name for later in ordered[position + 1 :]) < keep
        ]
        return LockFile(releases=tuple(kept)), added

    def write(self, schemas: Path) -> None:
        """Write the file to a schemas folder."""
        lines = (msgspec.json.encode(release, order="deterministic").decode() for release in self.releases)
        (schemas / LOCK_FILE).write_text(HEADER + "".join(f"{line}\n" for line in lines), encoding="utf-8")


def _problem(path: Path, line: int, text: str) -> Problem:
    hint = "take the line from version control, or delete it to forget the release"
    return Problem(
        file=path.as_posix(), line=line, code="invalid_lock", message="the line is not a release", got=text, hint=hint
    )
