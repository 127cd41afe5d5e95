"""Table of the number and size of generated files."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from codegen.pipeline import run
from codegen.settings.project_settings import Settings, read_settings

__all__ = ["generated_files_table"]

ROOT = Path(__file__).parents[2]
PROJECTS: Mapping[str, Path] = {
    "first project: one endpoint, two messages": ROOT / "codegen/project/schemas",
    "demo: three endpoints, ten messages": ROOT / "schemas",
}
"""Folders of schemas by the description of a project."""


def generated_files_table() -> str:
    """Return the number and the size of the generated files, for some projects."""
    header = "| project | Python | client of the endpoints | client library, nearly the same in each project |"
    rows = [header, "| --- | --- | --- | --- |"]
    for description, schemas in PROJECTS.items():
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(schemas, Path(folder) / "schemas")
            settings = read_settings(Path(folder))
            files = run(settings).files
        names = {path.stem for path in schemas.glob("*.json")} - {"endpoint.schema"}
        cells = (_size(files, chosen) for chosen in _columns(settings, names))
        rows.append(f"| {description} | {' | '.join(cells)} |")
    return "\n".join(rows)


def _columns(settings: Settings, names: set[str]) -> tuple[Callable[[Path], bool], ...]:
    """Return conditions for the files of each column."""

    def is_python(path: Path) -> bool:
        return path.is_relative_to(settings.python) and not path.is_relative_to(settings.client)

    def is_endpoint(path: Path) -> bool:
        return path.is_relative_to(settings.client) and path.relative_to(settings.client).parts[0] in names

    return is_python, is_endpoint, lambda path: not is_python(path) and not is_endpoint(path)


def _size(files: Mapping[Path, str], chosen: Callable[[Path], bool]) -> str:
    texts = [text for path, text in files.items() if chosen(path)]
    size = sum(len(text.encode()) for text in texts) / 1000
    if len(texts) > 20:  # rounded, so that few changes of the library change the page
        return f"about {round(len(texts), -1)} files, {round(size, -1):.0f} kB"
    return f"{len(texts)} files, {size:.0f} kB"
