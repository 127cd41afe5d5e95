"""Verdicts of generated Python on the official test suite, for received and sent values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from codegen.emit.python import Models
from codegen.source.diagnostics import SchemaProblems
from tornado_ws.validation.codec import Codec
from tornado_ws.validation.payload import PayloadCodec
from tornado_ws.validation.schema_validator import SchemaValidator

from ..support.generated import payload, read
from ..support.official import EARLIER_DRAFTS, Case, cases, dated, remotes
from ..support.package import accepts, emit, endpoint, lint, run, sends, typecheck
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
    keep("python", verdicts)


@pytest.mark.slow
@pytest.mark.parametrize("draft", EARLIER_DRAFTS)
def test_suite_in_earlier_drafts(tmp_path: Path, draft: str) -> None:
    verdicts = run_cases(
        tmp_path, list(cases(draft)), lambda case: {"suite.json": dated(case.schema, draft)}, checks=False
    )

    rejected, wrong, count = verdicts
    assert rejected <= WITHOUT_REMOTES | VOCABULARY | EARLIER, rejected - WITHOUT_REMOTES - VOCABULARY - EARLIER
    assert [] == wrong
    assert count >= 580
    keep(f"python, {draft}", verdicts)


@pytest.mark.slow
def test_suite_with_saved_remote_documents(tmp_path: Path) -> None:
    some = [case for case in cases() if (case.file, case.description) in WITHOUT_REMOTES]

    rejected, wrong, count = run_cases(tmp_path, some, lambda case: {**remotes(), "suite.json": case.schema})

    assert NOT_SAVED == rejected
    assert [] == wrong
    assert count >= 40


@pytest.mark.slow
def test_suite_with_pydantic_models(tmp_path: Path) -> None:
    verdicts = run_cases(tmp_path, list(cases()), lambda case: {"suite.json": case.schema}, models="pydantic")

    rejected, wrong, count = verdicts
    assert WITHOUT_REMOTES | VOCABULARY == rejected
    assert [] == wrong
    assert count >= 1200
    keep("python, Pydantic models", verdicts)


def test_quick_sample_of_the_suite(tmp_path: Path) -> None:
    some = [case for case in cases() if case.file in ("anyOf", "dynamicRef", "enum", "properties", "unevaluatedItems")]

    rejected, wrong, _ = run_cases(tmp_path, some, lambda case: {"suite.json": case.schema}, checks=False)

    assert {one for one in WITHOUT_REMOTES if one[0] == "dynamicRef"} == rejected
    assert [] == wrong


def run_cases(
    folder: Path,
    some: Sequence[Case],
    files: Callable[[Case], dict[str, Any]],
    *,
    checks: bool = True,
    models: Models = "msgspec",
) -> Verdicts:
    """Return the verdicts on the tests of some cases."""
    verdicts = Verdicts()
    modules: list[Path] = []
    for case in some:
        try:
            endpoints = read(folder / case.name, {"test.json": payload({"$ref": "suite.json"}), **files(case)})
        except SchemaProblems as error:
            assert {problem.code for problem in error.problems} <= CODES, str(error)
            verdicts.reject(case, error.problems[0].code)
            continue
        path = emit(folder / "generated" / case.name.replace("-", "_"), endpoints, models=models)["test"]
        modules.append(path)
        loaded = endpoint(run(path))
        client, checked = Codec(loaded, side="client"), loaded.server[0].payload
        assert checked is not None
        server = PayloadCodec(checked, SchemaValidator(loaded.schema))
        for test in case.tests:
            verdicts.note(case, test, accepts(client, test["data"]), sends(server, test["data"]))
    if checks:
        lint(folder / "generated")
        typecheck(*modules)
    return verdicts
