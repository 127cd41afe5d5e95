"""Constraints that msgspec enforces."""

from __future__ import annotations

import pytest

from codegen import model
from codegen.emit.python.constraints import constrained
from codegen.emit.python.python_printer import single_line
from codegen.emit.templates import Code


@pytest.mark.parametrize(
    ("json_type", "constraints", "code"),
    [
        ("string", model.Constraints(pattern="^a", format="date"), "str"),
        ("string", model.Constraints(min_length=0, max_length=3), "typing.Annotated[str, msgspec.Meta(max_length=3)]"),
        ("integer", model.Constraints(minimum=0.5, maximum=2.5), "typing.Annotated[str, msgspec.Meta(ge=1, le=2)]"),
        ("integer", model.Constraints(minimum=1, exclusive_minimum=1), "typing.Annotated[str, msgspec.Meta(gt=1)]"),
        ("integer", model.Constraints(minimum=2**60, multiple_of=1), "str"),
        ("integer", model.Constraints(multiple_of=2.0), "typing.Annotated[str, msgspec.Meta(multiple_of=2)]"),
        ("number", model.Constraints(maximum=0.5, multiple_of=2), "typing.Annotated[str, msgspec.Meta(le=0.5)]"),
    ],
)
def test_only_constraints_that_msgspec_enforces_exactly(
    json_type: str, constraints: model.Constraints, code: str
) -> None:
    assert single_line(constrained(Code("str"), constraints, json_type=json_type)) == code
