"""Compilation of schemas at codegen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from codegen.runtime_schema import runtime_schema
from codegen.soundness import compilation_problems

from ..support.models import built

ENDPOINT = {"a": {"payload": {"type": "string"}}, "b": {"payload": {"type": "integer"}}}


def test_schema_that_the_validator_rejects_is_a_problem_with_its_place(tmp_path: Path) -> None:
    endpoint = built(tmp_path, True, clientMessages=ENDPOINT)
    definitions = endpoint.bundle["$defs"] | {"B": {"$ref": "#a b"}}
    broken = replace(endpoint, bundle={**endpoint.bundle, "$defs": definitions})

    (problem,) = compilation_problems(broken, runtime_schema(broken.bundle))

    assert ("internal_error", "/clientMessages/b/payload") == (problem.code, problem.pointer)
    assert "got Invalid URI reference '#a b'" in str(problem)


def test_valid_schemas_are_compiled(tmp_path: Path) -> None:
    endpoint = built(tmp_path, True, clientMessages=ENDPOINT)

    assert [] == list(compilation_problems(endpoint, runtime_schema(endpoint.bundle)))
