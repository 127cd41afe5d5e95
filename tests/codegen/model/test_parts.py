"""Attributes of the model that may refer to definitions."""

from __future__ import annotations

from codegen import model
from codegen.model.parts import part_names


def test_attributes_without_types_are_no_parts() -> None:
    assert ("type",) == part_names(model.Field)
    assert ("key", "value") == part_names(model.Map)
    assert () == part_names(model.Scalar)
    assert () == part_names(model.Ref)
    assert () == part_names(str)


def test_validators_are_parts() -> None:
    assert ("named", "patterns", "rest") == part_names(model.Properties)
    assert ("validator",) == part_names(model.Not)
