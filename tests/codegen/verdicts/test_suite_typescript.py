"""Verdicts of generated clients on the official test suite."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from codegen.source.diagnostics import SchemaProblems

from ..support.generated import Client, payload, read, typecheck
from ..support.official import EARLIER_DRAFTS, Case, cases, dated, remotes
from ..support.rejected_cases import CODES, EARLIER, NOT_SAVED, VOCABULARY, WITHOUT_REMOTES
from ..support.tally import Verdicts, keep

pytestmark = pytest.mark.usefixtures("unmeasured")


@pytest.mark.slow
def test_suite(tmp_path: Path) -> None:
    verdicts = run_cases(tmp_path, list(cases()), lambda case: {"suite.json": case.schema})

    rejected, wrong, count = verdicts
    assert WITHOUT_REMOTES | VOCABULARY == rejected
    assert [] == wrong
    assert count >= 1200
    keep("typescript", verdicts)


@pytest.mark.slow
def test_suite_with_saved_remote_documents(tmp_path: Path) -> None:
    some = [case for case in cases() if (case.file, case.description) in WITHOUT_REMOTES]

    rejected, wrong, count = run_cases(tmp_path, some, lambda case: {**remotes(), "suite.json": case.schema})

    assert NOT_SAVED == rejected
    assert [] == wrong
    assert count >= 40


def test_quick_sample_of_the_suite(tmp_path: Path) -> None:
    some = [case for case in cases() if case.file in ("anyOf", "dynamicRef", "enum", "properties", "unevaluatedItems")]

    rejected, wrong, _ = run_cases(tmp_path, some, lambda case: {"suite.json": case.schema}, versions=(7,))

    assert {one for one in WITHOUT_REMOTES if one[0] == "dynamicRef"} == rejected
    assert [] == wrong


@pytest.mark.slow
@pytest.mark.parametrize("draft", EARLIER_DRAFTS)
def test_suite_in_earlier_drafts(tmp_path: Path, draft: str) -> None:
    verdicts = run_cases(
        tmp_path, list(cases(draft)), lambda case: {"suite.json": dated(case.schema, draft)}, versions=(7,)
    )

    rejected, wrong, count = verdicts
    assert rejected <= WITHOUT_REMOTES | VOCABULARY | EARLIER, rejected - WITHOUT_REMOTES - VOCABULARY - EARLIER
    assert [] == wrong
    assert count >= 580
    keep(f"typescript, {draft}", verdicts)


def run_cases(
    folder: Path, some: Sequence[Case], files: Callable[[Case], dict[str, Any]], versions: Sequence[int] = (6, 7)
) -> Verdicts:
    """Return the verdicts on the tests of some cases."""
    client = Client(folder / "client")
    verdicts = Verdicts()
    queued: list[tuple[Case, dict[str, Any]]] = []
    for case in some:
        try:
            document = payload({"$ref": "suite.json"})
            client.add(read(folder / case.name, {"test.json": document, **files(case)}), prefix=f"{case.name}-")
        except SchemaProblems as error:
            assert {problem.code for problem in error.problems} <= CODES, str(error)
            verdicts.reject(case, error.problems[0].code)
            continue
        for test in case.tests:
            client.queue(f"{case.name}-test", test["data"])
            queued.append((case, test))
    for (case, test), issue in zip(queued, client.results(), strict=True):
        verdicts.note(case, test, issue is None)
    for version in versions:
        typecheck(client.folder, version=version)
    return verdicts
