"""Python code for residual checks."""

from __future__ import annotations

from typing import get_args

import pytest

import tornado_ws
from codegen.emit.python.python_printer import call, single_line
from codegen.emit.python.residual_check_calls import residual_checks
from tornado_ws.endpoint import (
    AttributeCheck,
    InlineSchema,
    JsonCheck,
    MemberCheck,
    ObjectCheck,
    ResidualCheck,
    ValueCheck,
)

CHECKS: tuple[ResidualCheck, ...] = (
    ValueCheck("/$defs/It", "uniqueItems"),
    AttributeCheck("item.price", "/$defs/It/properties/price", "multipleOf"),
    AttributeCheck("name", '/$defs/It/properties/"'),
    ObjectCheck(("a", "b"), "/$defs/It", "if"),
    ObjectCheck(("a",), InlineSchema('{"required":["a"]}'), path="item", triggers=("b", "c")),
    JsonCheck("/$defs/It"),
    MemberCheck('"\\\n', "/$defs/It/properties/x"),
)


def code(*checks: ResidualCheck) -> str:
    return single_line(call("dict", *residual_checks(checks)))


def test_arguments_with_defaults_are_left_out() -> None:
    assert "dict()" == code()
    assert 'dict(residual_checks=(tornado_ws.JsonCheck("/$defs/It"),))' == code(JsonCheck("/$defs/It"))
    assert 'dict(residual_checks=(tornado_ws.AttributeCheck("a", "/$defs/It", keyword="pattern"),))' == code(
        AttributeCheck("a", "/$defs/It", "pattern")
    )


@pytest.mark.parametrize("check", CHECKS)
def test_code_builds_the_same_check(check: ResidualCheck) -> None:
    assert {"residual_checks": (check,)} == eval(code(check), {"tornado_ws": tornado_ws})


def test_every_check_is_exported_for_generated_code() -> None:
    assert {*get_args(ResidualCheck)} == {type(check) for check in CHECKS}
    assert {type(check).__name__ for check in CHECKS} | {"InlineSchema"} <= {*tornado_ws.__all__}
