"""Matching of definitions."""

from __future__ import annotations

from typing import Any

from codegen import model
from codegen.keywords.definition_matching import Address, matching

INTEGER = model.Scalar(type="integer")


def record(name: str, pointer: str, **types: Any) -> model.Record:
    fields = tuple(model.Field(name=field, type=type_, required=True) for field, type_ in types.items())
    return model.Record(name=name, fields=fields, closed=False, pointer=pointer)


def address(pointer: str) -> Address:
    return "", pointer


def found(one: list[model.Definition], other: list[model.Definition]) -> dict[str, str]:
    return matching(one, other, address, address)


def test_names_and_tags_do_not_matter() -> None:
    tagged = model.Record(name="B", fields=record("", "", a=INTEGER).fields, closed=False, pointer="/a", tag=("a", "b"))

    assert {"A": "B"} == found([record("A", "/a", a=INTEGER)], [tagged])


def test_schemas_and_types_matter() -> None:
    one = record("A", "/a", a=INTEGER)

    assert {} == found([one], [record("A", "/b", a=INTEGER)])
    assert {} == found([one], [record("A", "/a", b=INTEGER)])
    assert {} == found([one], [model.Alias(name="A", type=INTEGER, pointer="/a")])


def test_equal_numbers_and_booleans_differ() -> None:
    one, other = (model.Alias(name="A", type=model.Enumeration(values=(value,)), pointer="/a") for value in (1, True))

    assert {"A": "A"} == found([one], [one])
    assert {} == found([one], [other])


def test_references_lead_to_equal_definitions() -> None:
    a, b = model.Ref(name="A"), model.Ref(name="B")

    assert {"A": "B", "B": "A"} == found(
        [record("A", "/a", next=b), record("B", "/b", next=a)], [record("B", "/a", next=a), record("A", "/b", next=b)]
    )
    assert {} == found(
        [record("A", "/a", next=b), record("B", "/b", next=a)], [record("A", "/a", next=b), record("B", "/b")]
    )


def test_difference_behind_a_reference_matters() -> None:
    chain = [record("A", "/a", next=model.Ref(name="B")), record("B", "/b", next=model.Ref(name="C"))]

    assert {"A": "A", "B": "B", "C": "C"} == found([*chain, record("C", "/c")], [*chain, record("C", "/c")])
    assert {} == found([*chain, record("C", "/c")], [*chain, record("C", "/c", a=INTEGER)])


def test_first_of_several_equal_definitions_is_found() -> None:
    assert {"A": "B"} == found([record("A", "/a")], [record("B", "/a"), record("C", "/a")])
