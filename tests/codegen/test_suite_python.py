"""The official test suite, judged by generated Python: as a client receives, and as a server sends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from codegen.emit.python import Models
from codegen.problems import SchemaProblems
from tornado_ws.codec import Codec
from tornado_ws.judge import Judge
from tornado_ws.slots import SlotCodec, Unfit

from .generated import payload, read
from .official import Case, cases, remotes
from .package import accepts, emit, endpoint, lint, run, typecheck
from .test_suite_typescript import CODES, NOT_THERE_EITHER, VOCABULARY, WITHOUT_REMOTES


@pytest.mark.slow
def test_verdicts_are_those_of_the_suite(tmp_path: Path) -> None:
    refused, wrong, count = judge(tmp_path, list(cases()), lambda case: {"suite.json": case.schema})

    assert WITHOUT_REMOTES | VOCABULARY == refused
    assert [] == wrong
    assert count >= 1200


@pytest.mark.slow
def test_verdicts_are_those_of_the_suite_with_remote_documents_in_the_folder(tmp_path: Path) -> None:
    some = [case for case in cases() if (case.file, case.description) in WITHOUT_REMOTES]

    refused, wrong, count = judge(tmp_path, some, lambda case: {**remotes(), "suite.json": case.schema})

    assert NOT_THERE_EITHER == refused
    assert [] == wrong
    assert count >= 40


@pytest.mark.slow
def test_verdicts_are_those_of_the_suite_with_models_of_pydantic(tmp_path: Path) -> None:
    refused, wrong, count = judge(tmp_path, list(cases()), lambda case: {"suite.json": case.schema}, models="pydantic")

    assert WITHOUT_REMOTES | VOCABULARY == refused
    assert [] == wrong
    assert count >= 1200


def test_quick_sample_of_the_suite(tmp_path: Path) -> None:
    some = [case for case in cases() if case.file in ("anyOf", "dynamicRef", "enum", "properties", "unevaluatedItems")]

    refused, wrong, _ = judge(tmp_path, some, lambda case: {"suite.json": case.schema}, checks=False)

    assert {one for one in WITHOUT_REMOTES if one[0] == "dynamicRef"} == refused
    assert [] == wrong


def judge(
    folder: Path,
    some: Sequence[Case],
    files: Callable[[Case], dict[str, Any]],
    *,
    checks: bool = True,
    models: Models = "msgspec",
) -> tuple[set[tuple[str, str]], list[tuple[Any, ...]], int]:
    """Return which cases are refused, which tests have the wrong verdict, and how many were run."""
    refused: set[tuple[str, str]] = set()
    wrong: list[tuple[Any, ...]] = []
    modules: list[Path] = []
    count = 0
    for case in some:
        try:
            endpoints = read(folder / case.name, {"test.json": payload({"$ref": "suite.json"}), **files(case)})
        except SchemaProblems as error:
            assert {problem.code for problem in error.problems} <= CODES, str(error)
            refused.add((case.file, case.description))
            continue
        path = emit(folder / "generated" / case.name.replace("-", "_"), endpoints, models=models)["test"]
        modules.append(path)
        stated = endpoint(run(path))
        client, slot = Codec(stated, side="client"), stated.server[0].payload
        assert slot is not None
        server = SlotCodec(slot, Judge(stated.schema))
        for test in case.tests:
            count += 1
            received, sent = accepts(client, test["data"]), sends(server, test["data"])
            if not (received is sent is test["valid"]):
                wrong.append((case.file, case.description, test["description"], received, sent))
    if checks:
        lint(folder / "generated")
        typecheck(*modules)
    return refused, wrong, count


def sends(slot: SlotCodec, value: Any) -> bool:
    """Tell whether a value would leave, given as plain JSON."""
    try:
        slot.encode(value)
    except Unfit:
        return False
    return True
