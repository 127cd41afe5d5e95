"""Counts from the official test suite for the documentation; ``UPDATE_GOLDEN=1`` writes them."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from docs.scripts.suite import TALLIES

from .official import Case

__all__ = ["Verdicts", "keep"]


@dataclass
class Verdicts:
    """Results of the suite for one target."""

    rejected: dict[tuple[str, str], str] = field(default_factory=dict)
    """Code of the problem, by file and description of the case."""
    wrong: list[tuple[Any, ...]] = field(default_factory=list)
    """Tests with a different verdict."""
    passed: Counter[str] = field(default_factory=Counter)
    """Number of tests with the verdict of the suite, by file."""
    failed: Counter[str] = field(default_factory=Counter)
    """Number of other tests, including those of rejected cases, by file."""

    def reject(self, case: Case, code: str) -> None:
        """Record a case that codegen rejects."""
        self.rejected[case.file, case.description] = code
        self.failed[case.file] += len(case.tests)

    def note(self, case: Case, test: Mapping[str, Any], *verdict: Any) -> None:
        """Record the verdicts of the target on a test: one or two booleans."""
        if all(result is test["valid"] for result in verdict):
            self.passed[case.file] += 1
        else:
            self.failed[case.file] += 1
            self.wrong.append((case.file, case.description, test["description"], *verdict))

    def __iter__(self) -> Any:
        """Return an iterator over the rejected cases, the wrong tests and the number of tests."""
        return iter(({*self.rejected}, self.wrong, self.passed.total() + len(self.wrong)))


def keep(target: str, verdicts: Verdicts) -> None:
    """Compare the counts with the documentation, or write them there."""
    documented = json.loads(TALLIES.read_text(encoding="utf-8")) if TALLIES.exists() else {}
    files = sorted({*verdicts.passed, *verdicts.failed})
    counted = {
        "tests": {file: [verdicts.passed[file], verdicts.passed[file] + verdicts.failed[file]] for file in files},
        "rejected": {f"{file}: {words}": code for (file, words), code in sorted(verdicts.rejected.items())},
    }
    if os.environ.get("UPDATE_GOLDEN"):
        text = json.dumps({**documented, target: counted}, indent=1, sort_keys=True)
        TALLIES.write_text(f"{text}\n", encoding="utf-8")
        return
    assert documented[target] == counted, "run UPDATE_GOLDEN=1 pytest on this test, then python -m docs.scripts"
