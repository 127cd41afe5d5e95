"""Contract hash: equal for equal messages, different once a message changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from codegen.contract import contract

from .support.folders import COUNTER
from .support.generated import read


def contract_of(folder: Path, document: Any, name: str = "counter") -> str:
    (endpoint,) = read(folder, {f"{name}.json": document})
    return contract(endpoint)


def test_contract_is_16_hexadecimal_digits(tmp_path: Path) -> None:
    found = contract_of(tmp_path, COUNTER)

    assert len(found) == 16
    assert int(found, 16) >= 0


def test_contract_changes_with_the_schema(tmp_path: Path) -> None:
    changed = COUNTER | {"clientMessages": {"add": {"payload": {"type": "integer", "minimum": 1}}}}

    assert contract_of(tmp_path / "a", COUNTER) != contract_of(tmp_path / "b", changed)


def test_contract_changes_with_the_messages(tmp_path: Path) -> None:
    fewer = COUNTER | {"clientMessages": {}}
    renamed = COUNTER | {"clientMessages": {"plus": COUNTER["clientMessages"]["add"]}}
    answered = COUNTER | {"clientMessages": {"add": COUNTER["clientMessages"]["add"] | {"reply": {"type": "integer"}}}}

    documents = (COUNTER, fewer, renamed, answered)
    contracts = {contract_of(tmp_path / str(number), document) for number, document in enumerate(documents)}

    assert len(contracts) == len(documents)


def test_contract_changes_with_the_name_of_the_endpoint(tmp_path: Path) -> None:
    assert contract_of(tmp_path / "a", COUNTER) != contract_of(tmp_path / "b", COUNTER, name="score")


def test_contract_stays_the_same_for_other_policies(tmp_path: Path) -> None:
    count = COUNTER["serverMessages"]["count"]
    volatile = COUNTER | {"serverMessages": {"count": count | {"volatile": True}}}

    assert contract_of(tmp_path / "a", COUNTER) == contract_of(tmp_path / "b", volatile)


def test_contract_changes_with_each_policy_that_evolution_judges(tmp_path: Path) -> None:
    request = {"reply": {"type": "integer"}}
    messages: list[dict[str, Any]] = [{}, {"acknowledged": True}, {"rate": "5/s"}, {"rate": "6/s"}]
    messages += [request | policy for policy in ({}, {"concurrent": True}, {"concurrent": 2}, {"timeout": 3})]

    documents = [COUNTER | {"clientMessages": {"order": message}} for message in messages]
    contracts = {contract_of(tmp_path / str(number), document) for number, document in enumerate(documents)}

    assert len(contracts) == len(documents)


def test_contract_stays_the_same_for_other_descriptions(tmp_path: Path) -> None:
    count = COUNTER["$defs"]["Count"]
    described = COUNTER | {
        "description": "Shared counter.",
        "serverMessages": {"count": COUNTER["serverMessages"]["count"] | {"description": "Current value."}},
        "$defs": {"Count": count | {"title": "Count", "description": "Current value.", "examples": [{"value": 1}]}},
    }

    assert contract_of(tmp_path / "a", COUNTER) == contract_of(tmp_path / "b", described)
