"""The official test suite, judged by the checks of generated clients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from codegen.source.diagnostics import SchemaProblems

from ..support.generated import Client, payload, read, typecheck
from ..support.official import EARLIER_DRAFTS, Case, cases, dated, remotes
from ..support.tally import Verdicts, keep

WITHOUT_REMOTES = {
    ("defs", "validate definition against metaschema"),
    ("dynamicRef", "$ref and $dynamicAnchor are independent of order - $defs first"),
    ("dynamicRef", "$ref and $dynamicAnchor are independent of order - $ref first"),
    ("dynamicRef", "$ref to $dynamicRef finds detached $dynamicAnchor"),
    ("dynamicRef", "strict-tree schema, guards against misspelled properties"),
    ("dynamicRef", "tests for implementation dynamic anchor and reference link"),
    ("ref", "remote ref, containing refs itself"),
    ("refRemote", "$ref to $ref finds detached $anchor"),
    ("refRemote", "Location-independent identifier in remote ref"),
    ("refRemote", "anchor within remote ref"),
    ("refRemote", "base URI change"),
    ("refRemote", "base URI change - change folder"),
    ("refRemote", "base URI change - change folder in subschema"),
    ("refRemote", "fragment within remote ref"),
    ("refRemote", "ref within remote ref"),
    ("refRemote", "remote HTTP ref with different $id"),
    ("refRemote", "remote HTTP ref with different URN $id"),
    ("refRemote", "remote HTTP ref with nested absolute ref"),
    ("refRemote", "remote ref"),
    ("refRemote", "remote ref with ref to defs"),
    ("refRemote", "retrieved nested refs resolve relative to their URI not $id"),
    ("refRemote", "root ref in remote ref"),
}
"""Refer to documents that are in no folder."""

NOT_THERE_EITHER = {
    ("refRemote", "remote HTTP ref with different $id"),
    ("refRemote", "remote HTTP ref with different URN $id"),
}
"""Call a document by an address that it does not state."""

VOCABULARY = {
    ("vocabulary", "ignore unrecognized optional vocabulary"),
    ("vocabulary", "schema that uses custom metaschema with with no validation vocabulary"),
}
"""Are written in dialects of their own."""

EARLIER = {
    ("anchor", "Location-independent identifier with absolute URI"),
    ("definitions", "validate definition against metaschema"),
    ("refRemote", "$ref to $ref finds location-independent $id"),
    ("refRemote", "remote ref with ref to definitions"),
}
"""The same in earlier drafts."""

CODES = {"unresolved_reference", "remote_reference", "unsupported_dialect"}


@pytest.mark.slow
def test_verdicts_are_those_of_the_suite(tmp_path: Path) -> None:
    verdicts = judge(tmp_path, list(cases()), lambda case: {"suite.json": case.schema})

    refused, wrong, count = verdicts
    assert WITHOUT_REMOTES | VOCABULARY == refused
    assert [] == wrong
    assert count >= 1200
    keep("typescript", verdicts)


@pytest.mark.slow
def test_verdicts_are_those_of_the_suite_with_remote_documents_saved(tmp_path: Path) -> None:
    some = [case for case in cases() if (case.file, case.description) in WITHOUT_REMOTES]

    refused, wrong, count = judge(tmp_path, some, lambda case: {**remotes(), "suite.json": case.schema})

    assert NOT_THERE_EITHER == refused
    assert [] == wrong
    assert count >= 40


def test_quick_sample_of_the_suite(tmp_path: Path) -> None:
    some = [case for case in cases() if case.file in ("anyOf", "dynamicRef", "enum", "properties", "unevaluatedItems")]

    refused, wrong, _ = judge(tmp_path, some, lambda case: {"suite.json": case.schema}, versions=(7,))

    assert {one for one in WITHOUT_REMOTES if one[0] == "dynamicRef"} == refused
    assert [] == wrong


@pytest.mark.slow
@pytest.mark.parametrize("draft", EARLIER_DRAFTS)
def test_verdicts_of_earlier_drafts_are_those_of_the_suite(tmp_path: Path, draft: str) -> None:
    verdicts = judge(tmp_path, list(cases(draft)), lambda case: {"suite.json": dated(case.schema, draft)})

    refused, wrong, count = verdicts
    assert refused <= WITHOUT_REMOTES | VOCABULARY | EARLIER, refused - WITHOUT_REMOTES - VOCABULARY - EARLIER
    assert [] == wrong
    assert count >= 580
    keep(f"typescript, {draft}", verdicts)


def judge(
    folder: Path, some: Sequence[Case], files: Callable[[Case], dict[str, Any]], versions: Sequence[int] = (6, 7)
) -> Verdicts:
    """Return which cases are refused, which tests have the wrong verdict, and how many were run."""
    client = Client(folder / "client")
    verdicts = Verdicts()
    asked: list[tuple[Case, dict[str, Any]]] = []
    for case in some:
        try:
            document = payload({"$ref": "suite.json"})
            client.add(read(folder / case.name, {"test.json": document, **files(case)}), prefix=f"{case.name}-")
        except SchemaProblems as error:
            assert {problem.code for problem in error.problems} <= CODES, str(error)
            verdicts.refuse(case, error.problems[0].code)
            continue
        for test in case.tests:
            client.ask(f"{case.name}-test", test["data"])
            asked.append((case, test))
    for (case, test), issue in zip(asked, client.answers(), strict=True):
        verdicts.note(case, test, issue is None)
    for version in versions:
        typecheck(client.folder, version=version)
    return verdicts
