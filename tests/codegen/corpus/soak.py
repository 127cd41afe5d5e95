"""Program for `make soak`: compares both languages on instances of all published schemas, and shows its progress.

It writes the counts for the documentation to ``docs/scripts/corpus.json``, with those of the last codegen of all files.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from docs.scripts.corpus import COUNTS

from .comparison import MODELS, UNKNOWN, Comparison
from .limited_codegen import saved
from .packages import packages
from .published import PublishedSchema, published

SHARE = 0.7
"""Lower bound of the share of schemas that codegen accepts; the others have no instances."""
MANY_FILES = 20
"""Number of files from which a schema is slow: it is compared with one of the settings for undeclared properties."""
MOST_SLOW = 12
"""Number of slow schemas of one package; they consist of the same files."""
CHUNK = 12
"""Schemas that a process compares at once."""


@dataclass(frozen=True)
class _Result:
    name: str
    counts: Counter[str]
    differences: list[tuple[Any, ...]] = field(default_factory=list)


def main(instances: int, most: int | None = None) -> int:
    """Compare about ``instances`` instances, and return the exit status.

    Args:
        instances: Number of instances of all schemas together.
        most: Number of small schemas to take from each package; None for all schemas.
    """
    codegen = _codegen_counts()  # first, because the comparison takes an hour
    largest = None if most is None else 60_000
    schemas = [_without_most_slow(published(package, most=most, largest=largest)) for package in packages()]
    total = sum(map(len, schemas))
    each = int(instances / total / SHARE) + 1
    chunks = [some[at : at + CHUNK] for some in schemas for at in range(0, len(some), CHUNK)]
    counts, differences, started = Counter[str](), list[tuple[Any, ...]](), time.monotonic()
    with ProcessPoolExecutor(max_workers=2) as pool:
        for future in as_completed([pool.submit(_compare, chunk, each) for chunk in chunks]):
            result = future.result()
            counts += result.counts
            differences += result.differences
            seconds = time.monotonic() - started
            done = f"{counts['files']}/{total} files, {counts['instances']} instances, {len(differences)} differences"
            print(f"{seconds:6.0f} s  {done}  {result.name}", flush=True)
            for difference in result.differences[:10]:
                print(str(difference)[:2000], flush=True)
    shown = {**counts, "packages": len(schemas), "differences": len(differences), **codegen}
    COUNTS.write_text(f"{json.dumps(shown, indent=1, sort_keys=True)}\n", encoding="utf-8")
    return 1 if differences or counts["instances"] < instances else 0


def _without_most_slow(schemas: Sequence[PublishedSchema]) -> list[PublishedSchema]:
    slow = [schema for schema in schemas if _is_slow(schema)]
    return [schema for schema in schemas if schema not in slow] + slow[:: len(slow) // MOST_SLOW + 1]


def _is_slow(schema: PublishedSchema) -> bool:
    return len(schema.files()) >= MANY_FILES


def _compare(schemas: Sequence[PublishedSchema], instances: int) -> _Result:
    with tempfile.TemporaryDirectory() as folder:
        comparison = Comparison(Path(folder))
        for schema in schemas:
            settings = UNKNOWN if not _is_slow(schema) else (random.Random(schema.id).choice(UNKNOWN),)
            for unknown in settings:
                comparison.add(schema, instances // len(settings) + 1, unknown)
            comparison.compare_client()
    counts = Counter(files=len(schemas), instances=comparison.instances)
    return _Result(schemas[0].package.name, counts, comparison.differences)


def _codegen_counts() -> dict[str, Any]:
    """Return the number of files with each problem, and the maxima of time and memory of codegen."""
    found = {models: saved(models) for models in MODELS}
    problems = Counter(code for outcome in found["msgspec"] for code in outcome.problems)
    return {
        "problems": dict(problems),
        "seconds": {models: max(outcome.seconds for outcome in outcomes) for models, outcomes in found.items()},
        "megabytes": {models: max(outcome.megabytes for outcome in outcomes) for models, outcomes in found.items()},
    }


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
