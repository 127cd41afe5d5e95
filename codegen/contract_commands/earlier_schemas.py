"""Earlier version of a schemas folder: another folder, or a revision of git."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ..settings.project_settings import Settings, read_settings
from ..source.diagnostics import Problem, SchemaProblems

__all__ = ["GIT", "earlier_settings"]

GIT = "git:"
"""Beginning of the name of a revision, such as ``git:main``."""
NAME_FOLDER = "name a folder: --against old/schemas"
FETCH = "git fetch brings revisions of a shallow clone; in GitHub Actions: fetch-depth: 0"
COMMIT = "commit the schemas first, or name another revision: --against git:main"


@contextmanager
def earlier_settings(against: str, settings: Settings) -> Iterator[Settings]:
    """Yield the settings of an earlier version, whose folder exists until the end of the context.

    Args:
        against: ``git:`` and a revision, or the path of a schemas folder.
        settings: Settings of the current version. A revision has the settings in its own ``pyproject.toml``.

    Raises:
        SchemaProblems: If there is no such folder or revision.
    """
    if not against.startswith(GIT):
        folder = Path(against)
        if not folder.is_dir():
            raise _no_schemas(against, "folder not found", f"for a revision of git: --against {GIT}main")
        yield replace(settings, schemas=folder, source=folder.as_posix(), warnings=())
        return
    with tempfile.TemporaryDirectory(prefix="tornado-ws-") as name:
        yield _checked_out(against, settings, Path(name))


def _checked_out(against: str, settings: Settings, folder: Path) -> Settings:
    """Write the files of a revision to a folder, and return their settings."""
    revision = against.removeprefix(GIT)
    top = _git(against, settings.project, "rev-parse", "--show-toplevel", hint=NAME_FOLDER)
    root = Path(top.decode().rstrip("\n"))
    commit = _git(
        against,
        root,
        *("rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}"),
        failure=f'expected a revision of git, got "{revision}"',
        hint=COMMIT if revision == "HEAD" else FETCH,
    )
    project, schemas = (path.resolve().relative_to(root) for path in (settings.project, settings.schemas))
    files = _git(against, root, "ls-tree", "-r", "-z", "--name-only", "--full-tree", commit.decode().strip()).split(
        b"\0"
    )
    toml = project / "pyproject.toml"
    paths = [schemas.as_posix()] + ([toml.as_posix()] if toml.as_posix().encode() in files else [])
    if not any(file.startswith(f"{schemas.as_posix()}/".encode()) for file in files):
        raise _no_schemas(against, f"no folder {schemas.as_posix()} in this revision", "name the revision of a release")
    archive = _git(against, root, "archive", "--format=tar", commit.decode().strip(), *paths)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(folder, filter="data")
    found = read_settings(folder / project, {"schemas": folder / schemas})
    return replace(found, source=settings.source, warnings=())


def _git(against: str, folder: Path, *arguments: str, failure: str | None = None, hint: str = FETCH) -> bytes:
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, check=False)
    except FileNotFoundError:
        raise _no_schemas(against, "git is not installed", NAME_FOLDER) from None
    if done.returncode != 0:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or ["git failed"]
        raise _no_schemas(against, failure or lines[-1].removeprefix("fatal: "), hint)
    return done.stdout


def _no_schemas(against: str, message: str, hint: str) -> SchemaProblems:
    return SchemaProblems([Problem(file=against, code="no_schemas", message=message, hint=hint)])
