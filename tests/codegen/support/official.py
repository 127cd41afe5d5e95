"""Official JSON Schema test suite, from the source distribution of ``jsonschema`` on PyPI.

The npm package ``@json-schema-org/tests`` contains only a dependency on a Git repository.
"""

from __future__ import annotations

import functools
import hashlib
import json
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema_specifications

VERSION = "4.26.0"
SHA256 = "0c26707e2efad8aa1bfc5b7ce170f3fccc2e4918ff85989ba9ffa9facb2be326"
HOME = Path(__file__).parents[3] / "build/json-schema-test-suite"
REMOTE = "http://localhost:1234/"
"""Base URI of the remote documents of the suite."""


EARLIER_DRAFTS = ("draft4", "draft6", "draft7", "draft2019-09")


@dataclass(frozen=True, kw_only=True)
class Case:
    """Schema of the suite with its tests."""

    file: str
    number: int
    description: str
    schema: Any
    tests: tuple[dict[str, Any], ...]

    @property
    def name(self) -> str:
        return f"{self.file}-{self.number}"


def cases(draft: str = "draft2020-12", *, folder: str = "") -> Iterator[Case]:
    """Yield the cases of a draft: the required ones, or those in a folder such as ``optional``."""
    for path in sorted((_suite() / "tests" / draft / folder).glob("*.json")):
        for number, case in enumerate(json.loads(path.read_text(encoding="utf-8"))):
            yield Case(
                file=path.stem,
                number=number,
                description=case["description"],
                schema=case["schema"],
                tests=tuple(case["tests"]),
            )


def dated(schema: Any, draft: str) -> Any:
    """Return a schema with the ``$schema`` of its draft."""
    later = {"draft2019-09": "https://json-schema.org/draft/2019-09/schema"}
    uri = later.get(draft, f"http://json-schema.org/draft-0{draft[-1]}/schema#")
    return {"$schema": uri, **schema} if isinstance(schema, dict) else schema


@functools.cache
def remotes(draft: str = "draft2020-12") -> dict[str, Any]:
    """Return the remote documents of the suite and the meta-schemas, as files with an ``$id``."""
    files: dict[str, Any] = {}
    for path in sorted((_suite() / "remotes").rglob("*.json")):
        name = path.relative_to(_suite() / "remotes").as_posix()
        document = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(document, dict) and (not name.startswith("draft") or name.startswith(draft)):
            known = not str(document.get("$schema", "")).startswith(REMOTE) and "$vocabulary" not in document
            if known:
                files[f"remotes/{name}"] = {"$id": f"{REMOTE}{name}", **document}
    for uri in jsonschema_specifications.REGISTRY:
        _, found, name = uri.partition("/draft/2020-12/")
        if found:
            files[f"meta/{name}.json"] = jsonschema_specifications.REGISTRY.contents(uri)
    return files


@functools.cache
def _suite() -> Path:
    """Return the folder of the suite; download it if it is missing."""
    root = HOME / f"jsonschema-{VERSION}" / "json"
    if not root.exists():
        HOME.mkdir(parents=True, exist_ok=True)
        options = ("--no-deps", "--no-binary", ":all:", "--quiet", "--disable-pip-version-check", "--dest", str(HOME))
        subprocess.run([sys.executable, "-m", "pip", "download", *options, f"jsonschema=={VERSION}"], check=True)
        archive = HOME / f"jsonschema-{VERSION}.tar.gz"
        assert SHA256 == hashlib.sha256(archive.read_bytes()).hexdigest()
        with tarfile.open(archive) as packed:
            packed.extractall(HOME, filter="data")
    return root
