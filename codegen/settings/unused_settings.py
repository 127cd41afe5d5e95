"""Members of lists in the settings that no schema needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from ..source.diagnostics import Problem
from ..source.load import Documents
from .project_settings import Settings

__all__ = ["unused_settings"]


def unused_settings(settings: Settings, documents: Documents) -> Iterator[Problem]:
    """Yield a warning for each pattern that matches no file, and for each name that no schema contains.

    Args:
        settings: Settings of the project.
        documents: Content of its schemas folder.
    """
    paths = [path.as_posix() for path in (*(one.path for one in documents.documents), *documents.unreadable)]
    for position, pattern in enumerate(settings.third_party):
        if not _matches(pattern, paths):
            hint = _intended(pattern, settings.source, paths)
            yield settings.unused("third-party", position, pattern, "pattern matches no file", hint)
    texts = [document.text.content for document in documents.documents]
    for position, name in enumerate(settings.accept):
        if not any(name in text for text in texts):
            yield settings.unused("accept", position, name, "name that no schema contains", "remove the name")
    for position, module in enumerate(settings.options.python_models):
        if not any(module in text for text in texts):
            message, hint = "module that no schema names", f'write "x-python": "{module}:…" in a definition'
            yield settings.unused("python-models", position, module, message, hint)


def _matches(pattern: str, paths: Iterable[str]) -> bool:
    return any(fnmatchcase(path, pattern) for path in paths)


def _intended(pattern: str, folder: str, paths: Iterable[str]) -> str:
    """Return a hint for a pattern relative to another folder, or for the path of a folder."""
    path = pattern.replace("\\", "/").removeprefix("./")
    inside = path.removeprefix(f"{folder}/")
    for candidate in (path, inside, f"{path.rstrip('/')}/*", f"{inside.rstrip('/')}/*"):
        if _matches(candidate, paths):
            return f'did you mean "{candidate}"?'
    return f"patterns are relative to {folder}, such as vendor/*"
