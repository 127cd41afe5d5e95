"""Detection of keywords that a draft ignores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codegen.schema.drafts import Draft
from codegen.schema.ignored_keywords import ignored_keywords

from ..support.folders import document


def found(path: Path, content: Any) -> list[str]:
    """Return the pointers to all ignored keywords."""
    problems = ignored_keywords(document(path, content), "", content, Draft.DRAFT202012)
    return [problem.pointer for problem in problems]


def schema(draft: Draft, **keywords: Any) -> dict[str, Any]:
    return {"$schema": f"{draft.uri}#", **keywords}


@pytest.mark.parametrize(
    ("content", "pointers"),
    [
        (schema(Draft.DRAFT7, **{"$ref": "#", "minLength": 1}), ["/minLength"]),
        (schema(Draft.DRAFT4, properties={"a": {"$ref": "#", "allOf": [{}]}}), ["/properties/a/allOf"]),
        (schema(Draft.DRAFT4, const=1), ["/const"]),
        (schema(Draft.DRAFT6, **{"if": {}, "then": {}}), ["/if", "/then"]),
        (schema(Draft.DRAFT7, items={"prefixItems": [{}]}), ["/items/prefixItems"]),
        (schema(Draft.DRAFT202012, additionalItems=False), ["/additionalItems"]),
        ({"items": schema(Draft.DRAFT7, unevaluatedProperties=False)}, ["/items/unevaluatedProperties"]),
    ],
)
def test_keyword_that_the_draft_ignores_is_a_warning(tmp_path: Path, content: Any, pointers: list[str]) -> None:
    assert pointers == found(tmp_path, content)


@pytest.mark.parametrize(
    "content",
    [
        schema(Draft.DRAFT7, **{"$ref": "#", "type": "string", "description": "a", "default": 1, "x-a": 1, "label": 2}),
        schema(Draft.DRAFT201909, **{"$ref": "#", "minLength": 1}),
        schema(Draft.DRAFT4, **{"deprecated": True, "readOnly": True, "$comment": "a"}),
        schema(Draft.DRAFT7, dependencies={"a": ["b"]}, definitions={}, properties={"const": {}}),
        {"dependencies": {"a": ["b"]}, "id": "a", "minLength": 1, "$ref": "#"},
    ],
)
def test_other_keywords_have_no_warning(tmp_path: Path, content: Any) -> None:
    assert [] == found(tmp_path, content)
