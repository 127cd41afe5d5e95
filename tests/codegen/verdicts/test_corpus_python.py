"""Public protocols as generated Python: it runs, passes type checkers, and has the verdicts of the schema."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from codegen.emit.python import Models
from tornado_ws.validation.codec import Codec
from tornado_ws.validation.json_values import encode
from tornado_ws.validation.schema_validator import SchemaValidator

from ..support import corpus
from ..support.generated import read
from ..support.mutants import mutants
from ..support.package import accepts, emit, endpoint, lint, run, typecheck
from ..support.samples import sample

pytestmark = [corpus.needed, pytest.mark.slow]

COUNT = 30
"""Number of samples of each definition; each has one mutant."""


@pytest.mark.parametrize("models", ["msgspec", "pydantic"])
@pytest.mark.parametrize("name", corpus.protocols() if corpus.CORPUS.exists() else [])
def test_protocol_has_the_verdicts_of_its_schema(name: str, models: Models, tmp_path: Path) -> None:
    (model,) = read(tmp_path / "schemas", corpus.files(name))
    path = emit(tmp_path / "generated", [model], models=models)["test"]
    loaded = endpoint(run(path))
    codec, validator = Codec(loaded, side="client"), SchemaValidator(loaded.schema)
    definitions = {definition.name: definition for definition in model.definitions}
    rng = random.Random(name)
    wrong, lost, verdicts = [], [], {True: 0, False: 0}
    for message, described in zip(loaded.server, model.server, strict=True):
        assert message.payload is not None
        assert described.payload is not None
        is_valid = validator.predicate(message.payload.schema)
        for _ in range(COUNT):
            value = sample(described.payload.type, definitions, rng)
            for one in (value, *mutants(value, rng, 1)):
                plain = json.loads(json.dumps(one))
                verdicts[is_valid(plain)] += 1
                if accepts(codec, plain, name=message.name) is not is_valid(plain):
                    wrong.append((message.payload, plain, is_valid(plain)))
                elif (
                    models == "pydantic" and is_valid(plain) and roundtripped(codec, plain, name=message.name) != plain
                ):
                    lost.append((message.payload, plain))

    assert [] == wrong
    assert [] == lost
    assert verdicts[True] >= 5 * len(loaded.server)
    lint(path.parent)
    typecheck(path)


def roundtripped(codec: Codec, value: Any, *, name: str) -> Any:
    """Return the JSON of a decoded value."""
    return json.loads(encode(codec.decode(json.dumps({"type": name, "data": value})).data))


def test_lsp_meta_model_is_decoded(tmp_path: Path) -> None:
    (model,) = read(tmp_path / "schemas", corpus.files("lsp-metaModel.schema"))
    loaded = endpoint(run(emit(tmp_path / "generated", [model])["test"]))
    codec = Codec(loaded, side="client")
    (message,) = (
        message for message in model.server if message.payload and message.payload.pointer.endswith("/MetaModel")
    )
    text = (corpus.CORPUS / "lsp-metaModel.json").read_text(encoding="utf-8")

    frame = codec.decode(f'{{"type":"{message.name}","data":{text}}}')

    assert type(frame.data).__name__ == "MetaModel"
    assert len(frame.data.requests) > 50
    kinds = {type(field.type).__name__ for structure in frame.data.structures for field in structure.properties}
    assert {"ArrayType", "BaseType", "OrType", "ReferenceType"} <= kinds
