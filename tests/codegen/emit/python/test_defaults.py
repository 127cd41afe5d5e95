"""Defaults of fields."""

from __future__ import annotations

import pytest

from codegen import model
from codegen.emit.python.defaults import default


@pytest.mark.parametrize(
    ("value", "type_", "code"),
    [
        (5, model.Scalar(type="integer"), "5"),
        (5.0, model.Scalar(type="integer"), "5"),
        (0, model.Scalar(type="integer", constraints=model.Constraints(minimum=1)), None),
        ("x", model.Scalar(type="string", constraints=model.Constraints(pattern="^x")), None),
        ("x", model.Enumeration(values=("x", "y")), '"x"'),
        (True, model.Enumeration(values=(1,)), None),
        ([], model.Array(item=model.Anything()), None),
        (None, model.Union(members=(model.Scalar(type="null"), model.Scalar(type="string"))), "None"),
    ],
)
def test_only_valid_scalars_are_defaults(value: object, type_: model.Type, code: str | None) -> None:
    assert default(model.Field(name="it", type=type_, required=False, default=value), {}) == code
