"""Messages of invalid values. ``tests/parity/test_messages.py`` compares them with those of pages."""

from __future__ import annotations

from typing import Any

import pytest

from tornado_ws.validation.error_messages import MESSAGES, message
from tornado_ws.validation.keyword_handlers import ORDER

WITHOUT = {"allOf", "dependentSchemas", "if", "items", "not", "patternProperties", "prefixItems", "properties"}
WITHOUT |= {"$ref", "$dynamicRef"}
"""Keywords that reject nothing by themselves, unless their schema is ``false``, and ``not``."""


def test_table_has_the_keywords_of_the_order() -> None:
    assert {*ORDER} - WITHOUT | {"maxContains", "minContains", "depth"} == {*MESSAGES}


@pytest.mark.parametrize(
    ("keyword", "expected", "text"),
    [
        ("minItems", 1, "expected at least 1 item"),
        ("minItems", 1.0, "expected at least 1 item"),
        ("maxProperties", 2, "expected at most 2 properties"),
        ("type", ["null", "string"], "expected null or string"),
        ("enum", ["{}", 1.5, [None, True]], "expected one of {}, 1.5, null, true"),
        ("const", {"a": [1.0, 1e-7, 2**60]}, 'expected {"a":[1,1e-7,1152921504606847000]}'),
        ("items", None, "expected a value allowed by items"),
    ],
)
def test_message(keyword: str, expected: Any, text: str) -> None:
    assert text == message(keyword, expected)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (100.0, "100"),
        (0.000001, "0.000001"),
        (0.0000001, "1e-7"),
        (123456789012345680000, "123456789012345680000"),
        (1e21, "1e+21"),
        (-1.5e300, "-1.5e+300"),
        (5e-324, "5e-324"),
    ],
)
def test_numbers_are_written_as_by_ecmascript(number: float, text: str) -> None:
    assert f"expected {text}" == message("const", number)
