"""Public protocols as generated TypeScript, with each definition as a payload."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from codegen.runtime_schema import runtime_schema
from tornado_ws.validation.schema_validator import SchemaValidator

from ..support.corpus import CORPUS, files, needed, protocols
from ..support.generated import Client, read, typecheck
from ..support.mutants import mutants, sound
from ..support.samples import sample

pytestmark = [needed, pytest.mark.slow]


def test_generated_modules_pass_the_type_checker(tmp_path: Path) -> None:
    client = Client(tmp_path / "client")
    for name in protocols():
        client.add(read(tmp_path / name, files(name)), prefix=f"{name}-")

    typecheck(client.folder, version=6)
    typecheck(client.folder, version=7)


@pytest.mark.parametrize("name", protocols() if CORPUS.exists() else [])
def test_client_has_the_errors_of_the_server(tmp_path: Path, name: str) -> None:
    client, rng = Client(tmp_path / "client"), random.Random(4)
    (endpoint,) = read(tmp_path / "schemas", files(name))
    client.add([endpoint])
    validator = SchemaValidator(json.dumps(runtime_schema(endpoint.bundle)))
    definitions = {definition.name: definition for definition in endpoint.definitions}
    queued: list[tuple[str, Any, Any]] = []
    for message in endpoint.server:
        assert message.payload is not None
        for value in [sample(message.payload.type, definitions, rng) for _ in range(4)]:
            for mutant in sound([value, *mutants(value, rng, 6)]):
                error = validator.first_error(message.payload.pointer, mutant)
                found = None if error is None else (error.pointer, error.keyword, error.expected, error.message)
                queued.append((message.name, mutant, found))
                client.queue("test", mutant, message=message.name)

    different = [
        (message, value, found, issue)
        for (message, value, found), issue in zip(queued, client.results(messages=True), strict=True)
        if found != (issue and (issue["pointer"], issue["keyword"], issue.get("expected"), issue["message"]))
    ]

    assert [] == different


def test_lsp_meta_model_and_its_mutants_have_the_verdicts_of_the_server(tmp_path: Path) -> None:
    client, rng = Client(tmp_path / "client"), random.Random(5)
    (endpoint,) = read(tmp_path / "schemas", files("lsp-metaModel.schema"))
    client.add([endpoint])
    instance = json.loads((CORPUS / "lsp-metaModel.json").read_text(encoding="utf-8"))
    (message,) = (one for one in endpoint.server if one.payload and one.payload.pointer.endswith("/MetaModel"))
    assert message.payload is not None
    accepts = SchemaValidator(json.dumps(runtime_schema(endpoint.bundle))).predicate(message.payload.pointer)
    values = [instance, *mutants(instance, rng, 60)]
    for value in values:
        client.queue("test", value, message=message.name)

    verdicts = [issue is None for issue in client.results()]

    assert verdicts[0]
    assert False in verdicts
    assert [accepts(value) for value in values] == verdicts
