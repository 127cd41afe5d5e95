"""Generated TypeScript clients, and their validators run in Node."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from codegen import keywords, model
from codegen.emit import typescript
from codegen.schema.resolve import resolve
from codegen.source.diagnostics import SchemaProblems
from codegen.source.load import load

from .node import run_validators

ROOT = Path(__file__).parents[3]
RUNTIME = ROOT / "codegen/emit/svelte/runtime"

Files = Mapping[str, Any]
"""JSON documents of a schemas folder, by path."""


def payload(schema: Any, **others: Any) -> dict[str, Any]:
    """Return an endpoint document with one server message ``it`` with the payload ``schema``."""
    return {"kind": "ephemeral", "serverMessages": {"it": {"payload": schema}}, **others}


def read(folder: Path, files: Files, **options: Any) -> tuple[model.Endpoint, ...]:
    """Write ``files`` to ``folder`` and return the endpoints among them; ``options`` become :class:`model.Options`."""
    for name, document in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document), encoding="utf-8")
    chosen = model.Options(**options)
    schemas = resolve(load(folder), nullable=chosen.nullable)
    if any(problem.is_error for problem in schemas.problems):
        raise SchemaProblems(schemas.problems)
    built = [keywords.build(endpoint, schemas.documents, chosen) for endpoint in schemas.endpoints]
    return keywords.share(built, schemas.documents, chosen)


@dataclass
class Client:
    """Generated client with queued values for its validators."""

    folder: Path
    _queued: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        (self.folder / "runtime").mkdir(parents=True)
        for name in (
            "development",
            "validators",
            "formats",
            "linear-regexp",
            "near-names",
            "protocol",
            "exact-values",
            "exact-validators",
        ):
            shutil.copy(RUNTIME / f"{name}.ts", self.folder / "runtime")

    def add(self, endpoints: Sequence[model.Endpoint], *, prefix: str = "") -> None:
        """Write the modules of ``endpoints`` to folders with a prefix."""
        for output in typescript.emit(endpoints):
            self._write(output.path.as_posix(), output.text, prefix)

    def add_files(self, folder: Path, *, prefix: str) -> None:
        """Copy the modules that depend on the schemas from a generated client."""
        for path in (*folder.glob("*/messages.ts"), *folder.glob("shared.ts")):
            self._write(path.relative_to(folder).as_posix(), path.read_text(encoding="utf-8"), prefix)

    def _write(self, name: str, text: str, prefix: str) -> None:
        path = self.folder / f"{prefix}{name}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("'../shared.js'", f"'../{prefix}shared.js'"), encoding="utf-8")

    def queue(
        self, endpoint: str, value: Any, *, side: str = "server", message: str = "it", payload: str = "data"
    ) -> None:
        """Queue a JSON value for the validator of a payload."""
        self.queue_text(endpoint, json.dumps(value), side=side, message=message, payload=payload)

    def queue_text(
        self,
        endpoint: str,
        text: str,
        *,
        side: str = "server",
        message: str = "it",
        payload: str = "data",
        decode: bool = False,
    ) -> None:
        """Queue JSON text for the validator of a payload; if ``decode``, the result for valid text is its value."""
        self._queued.append(json.dumps([str(self.folder), endpoint, side, message, payload, text, decode]))

    def results(self, *, messages: bool = False) -> list[dict[str, Any] | None]:
        """Validate the queued values in Node; return the issue or None for each, with messages if ``messages``."""
        queued, self._queued = self._queued, []
        found = run_validators(queued)
        for issue in found if not messages else ():
            if issue is not None and "message" in issue:
                del issue["message"]
        return found


def issues(folder: Path, schema: Any, texts: Iterable[str], **others: Any) -> list[dict[str, Any] | None]:
    """Return the issues of the validator of ``schema`` for JSON texts."""
    client = Client(folder / "client")
    client.add(read(folder / "schemas", {"test.json": payload(schema, **others)}))
    for text in texts:
        client.queue_text("test", text)
    return client.results()


def typecheck(folder: Path, *, version: int = 7) -> None:
    """Check all modules inside ``folder`` with strict TypeScript; version 7 is faster."""
    options = {"types": [], "paths": {}, "declaration": True, "isolatedDeclarations": True}
    settings = {"extends": str(ROOT / "tsconfig.json"), "compilerOptions": options, "include": ["**/*.ts"]}
    (folder / "tsconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    compiler = ROOT / "node_modules" / ("typescript" if version == 6 else "typescript7") / "bin/tsc"
    done = subprocess.run(["node", compiler, "-p", folder], capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stdout[-4000:]
