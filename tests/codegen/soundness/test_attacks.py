"""Attempts to disprove proofs with random schemas and values; a false proof lets invalid messages pass."""

from __future__ import annotations

import itertools
import json
import random
from pathlib import Path

import jsonschema_rs
import pytest

from codegen.source.diagnostics import SchemaProblems
from tornado_ws.endpoint import Payload
from tornado_ws.validation.payload import PayloadCodec
from tornado_ws.validation.schema_validator import SchemaValidator

from ..support.compositions import DEFINITIONS, composed, objects
from ..support.generated import payload, read
from ..support.mutants import mutants
from ..support.official import cases
from ..support.package import emit, endpoint, run
from ..support.proofs import attack, passes_checks
from ..support.small_schemas import schemas, values

pytestmark = pytest.mark.usefixtures("unmeasured")


@pytest.mark.parametrize("seed", [*range(2), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 12))])
def test_random_schemas_do_not_disprove_proofs(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    messages = {f"it_{number}": {"payload": {"$ref": f"#/$defs/It{number}"}} for number in range(60)}
    definitions = {f"It{number}": schemas(rng) for number in range(60)}
    document = {"kind": "ephemeral", "serverMessages": messages, "$defs": definitions}
    found = endpoint(run(emit(tmp_path / "generated", read(tmp_path / "schemas", {"test.json": document}))["test"]))
    proved = 0
    for message, schema in zip(found.server, definitions.values(), strict=True):
        assert message.payload is not None
        if message.payload.residual_checks:
            continue
        proved += 1
        attack(PayloadCodec(message.payload, SchemaValidator(found.schema)), schema, values(rng))

    assert proved >= 10


@pytest.mark.parametrize("seed", [*range(2), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 12))])
def test_random_compositions_do_not_disprove_proofs_checks_or_types(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    made = {f"It{number}": composed(rng) for number in range(60)}
    messages = {f"it_{number}": {"payload": {"$ref": f"#/$defs/It{number}"}} for number in range(60)}
    document = {"kind": "ephemeral", "serverMessages": messages, "$defs": {**made, **DEFINITIONS}}
    found = endpoint(run(emit(tmp_path / "generated", read(tmp_path / "schemas", {"test.json": document}))["test"]))
    schema_validator, accepted = SchemaValidator(found.schema), 0
    for message, schema in zip(found.server, made.values(), strict=True):
        assert message.payload is not None
        codec = PayloadCodec(message.payload, schema_validator)
        validator = jsonschema_rs.Draft202012Validator({**schema, "$defs": DEFINITIONS})
        for value in objects(rng, 150):
            valid = validator.is_valid(value)
            assert valid or not passes_checks(codec, json.dumps(value)), (schema, message.payload, value)
            if valid:
                codec.convert(value)
            accepted += valid and passes_checks(codec, json.dumps(value))

    assert accepted >= 150


@pytest.mark.slow
def test_official_suite_and_its_mutants_do_not_disprove_proofs(tmp_path: Path) -> None:
    rng = random.Random(1)
    proved = 0
    for case in cases():
        try:
            (model,) = read(
                tmp_path / case.name, {"test.json": payload({"$ref": "suite.json"}), "suite.json": case.schema}
            )
        except SchemaProblems:
            continue
        found = endpoint(run(emit(tmp_path / "generated" / case.name, [model])["test"]))
        payload_ = found.server[0].payload
        assert payload_ is not None
        if not payload_.residual_checks:
            proved += 1
            tested = [test["data"] for test in case.tests]
            near = itertools.chain.from_iterable(mutants(value, rng, 20) for value in tested)
            attack(PayloadCodec(payload_, SchemaValidator(found.schema)), case.schema, (*tested, *near))

    assert proved >= 90


def test_attack_finds_a_false_proof() -> None:
    document = json.dumps({"$defs": {"It": {"type": "string", "maxLength": 1}}})

    with pytest.raises(AssertionError):
        attack(PayloadCodec(Payload(str, "/$defs/It"), SchemaValidator(document)), {"maxLength": 1}, ["ab"])
