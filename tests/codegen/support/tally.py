"""What the official suite's tests have counted, kept for the documentation; ``UPDATE_GOLDEN=1`` writes it."""

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
    """What came of the suite on one edge."""

    refused: dict[tuple[str, str], str] = field(default_factory=dict)
    """The code of the problem by file and description of the case."""
    wrong: list[tuple[Any, ...]] = field(default_factory=list)
    """Tests with another verdict."""
    passed: Counter[str] = field(default_factory=Counter)
    """Tests with the suite's verdict, by file."""
    failed: Counter[str] = field(default_factory=Counter)
    """Tests without, and those of refused cases."""

    def refuse(self, case: Case, code: str) -> None:
        """Note that codegen refuses a case."""
        self.refused[case.file, case.description] = code
        self.failed[case.file] += len(case.tests)

    def note(self, case: Case, test: Mapping[str, Any], *verdict: Any) -> None:
        """Note the verdicts of the edge on a test: two booleans, or one."""
        if all(one is test["valid"] for one in verdict):
            self.passed[case.file] += 1
        else:
            self.failed[case.file] += 1
            self.wrong.append((case.file, case.description, test["description"], *verdict))

    def __iter__(self) -> Any:
        """Give names of refused cases, wrong tests and the number of tests, to be unpacked."""
        return iter(({*self.refused}, self.wrong, self.passed.total() + len(self.wrong)))


def keep(edge: str, verdicts: Verdicts) -> None:
    """Compare what was counted with what the documentation states; write it instead if that is wanted."""
    stated = json.loads(TALLIES.read_text(encoding="utf-8")) if TALLIES.exists() else {}
    files = sorted({*verdicts.passed, *verdicts.failed})
    counted = {
        "tests": {file: [verdicts.passed[file], verdicts.passed[file] + verdicts.failed[file]] for file in files},
        "refused": {f"{file}: {words}": code for (file, words), code in sorted(verdicts.refused.items())},
    }
    if os.environ.get("UPDATE_GOLDEN"):
        text = json.dumps({**stated, edge: counted}, indent=1, sort_keys=True)
        TALLIES.write_text(f"{text}\n", encoding="utf-8")
        return
    assert stated[edge] == counted, "run UPDATE_GOLDEN=1 pytest on this test, then python -m docs.scripts"
