"""Decoding and encoding of random values: the JSON stays equal but for undeclared properties that may be dropped."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from codegen.emit.python import Models
from tests.support.seeds import seeds
from tornado_ws.validation.payload import InvalidPayload, PayloadCodec
from tornado_ws.validation.schema_validator import SchemaValidator

from ..support.generated import read
from ..support.mutants import mutants
from ..support.package import emit, endpoint, run
from ..support.round_trip import RoundTrip
from ..support.samples import sample
from ..support.small_schemas import schemas

pytestmark = pytest.mark.usefixtures("unmeasured")


@pytest.mark.parametrize("models", ["msgspec", "pydantic"])
@pytest.mark.parametrize("unknown", ["ignore", "keep", "forbid"])
@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in seeds(2, 10))])
def test_valid_values_can_be_sent_again_unchanged(tmp_path: Path, seed: int, unknown: str, models: Models) -> None:
    rng, compared = random.Random(seed), 0
    definitions = {f"It{at}": schemas(rng) for at in range(30)}
    messages = {f"it_{at}": {"payload": {"$ref": f"#/$defs/It{at}"}} for at in range(30)}
    document = {"kind": "ephemeral", "serverMessages": messages, "$defs": definitions}
    (model,) = read(tmp_path / "schemas", {"test.json": document}, unknown=unknown)
    loaded = endpoint(run(emit(tmp_path / "generated", [model], models=models)["test"]))
    named = {definition.name: definition for definition in model.definitions}
    validator, round_trip = SchemaValidator(loaded.schema), RoundTrip(model, models=models, unknown=unknown)
    for message, described, schema in zip(loaded.server, model.server, definitions.values(), strict=True):
        assert message.payload is not None
        assert described.payload is not None
        codec = PayloadCodec(message.payload, validator)
        for _ in range(10):
            value = sample(described.payload.type, named, rng)
            for one in (value, *mutants(value, rng, 3)):
                plain = json.loads(json.dumps(one))
                try:
                    decoded = codec.convert(plain)
                except InvalidPayload:
                    continue
                compared += 1
                sent = json.loads(codec.encode(decoded))
                assert round_trip.first_difference(described.payload.pointer, plain, sent) is None, (schema, plain)

    assert compared >= 100
