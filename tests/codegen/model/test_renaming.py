"""Renaming of definitions."""

from __future__ import annotations

from codegen import model


def test_references_and_definitions_are_renamed() -> None:
    type_ = model.Union(members=(model.Ref(name="a"), model.Array(item=model.Ref(name="b"))))
    field = model.Field(name="a", type=type_, required=True, default={"a": "a"})
    record = model.Record(name="a", fields=(field,), closed=True)

    found = model.renamed((record, model.Not(validator=model.Call(name="b"))), {"a": "One", "b": "Two"})

    renamed = model.Union(members=(model.Ref(name="One"), model.Array(item=model.Ref(name="Two"))))
    fields = (model.Field(name="a", type=renamed, required=True, default={"a": "a"}),)
    assert (
        model.Record(name="One", fields=fields, closed=True),
        model.Not(validator=model.Call(name="Two")),
    ) == found
