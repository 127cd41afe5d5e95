"""Walks that judge many parts of one value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tornado_ws.validation.keyword_handlers import plan
from tornado_ws.validation.references import DEFAULT_BASE_URI, References, Scope
from tornado_ws.validation.schema_walk import Walk

from .schema_documents import Document

SCOPE = Scope(DEFAULT_BASE_URI, (DEFAULT_BASE_URI,))
TREE: Any = {"type": "object", "properties": {"n": {"$ref": "#"}, "a": {"type": "string"}}}


def walk(schema: Any, is_shallow: Callable[[Any], bool]) -> Walk:
    document = Document(schema)
    references = References(schema, DEFAULT_BASE_URI)
    return Walk(references, document.compile, document.compile_keyword, plan, formats=False, is_shallow=is_shallow)


@pytest.mark.parametrize("is_shallow", [lambda _: False, lambda _: True, lambda value: "n" not in value])
def test_verdict_does_not_depend_on_the_shallow_values(is_shallow: Callable[[Any], bool]) -> None:
    judge = walk(TREE, is_shallow)

    cases: list[tuple[Any, bool]] = [
        ({"n": {"n": inner}}, verdict) for inner, verdict in (({"a": "x"}, True), ({"a": 1}, False), ([], False))
    ]

    for _ in range(2):  # the second time from known verdicts
        for value, verdict in cases:
            assert judge.accepts(TREE, value, SCOPE) is verdict


def test_walk_continues_after_an_exception() -> None:
    judge = walk(TREE, lambda _: False)
    valid, invalid, deep = {"n": {}}, {"n": []}, dict[str, Any]()
    for _ in range(5_000):
        deep = {"n": deep}

    with pytest.raises(RecursionError):
        judge.accepts(TREE, deep, SCOPE)
    judge.reset()

    assert judge.accepts(TREE, valid, SCOPE)
    assert not judge.accepts(TREE, invalid, SCOPE)
    assert judge.steps == []
