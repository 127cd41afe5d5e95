"""References in the model."""

from __future__ import annotations

from codegen import model


def test_references_are_found_in_their_order() -> None:
    types = (
        model.Array(item=model.Ref(name="B")),
        model.Map(key=model.Scalar(type="string"), value=model.Ref(name="A")),
    )
    field = model.Field(name="a", type=model.Union(members=types), required=True, default={"name": "C"})

    assert ["B", "A", "D"] == [
        *model.references(model.Record(name="X", fields=(field,), closed=False, rest=model.Ref(name="D")))
    ]
    assert [] == [*model.references(model.Anything())]


def test_reachable_aliases_end_at_records() -> None:
    text = model.Scalar(type="string")
    inner, hidden = model.Alias(name="Inner", type=text), model.Alias(name="Hidden", type=text)
    field = model.Field(name="a", type=model.Ref(name="Hidden"), required=True)
    record = model.Record(name="Record", fields=(field,), closed=True)
    outer = model.Alias(name="Outer", type=model.Array(item=model.Ref(name="Inner")))
    definitions = {one.name: one for one in (inner, hidden, record, outer)}
    union = model.Union(members=(model.Ref(name="Outer"), model.Ref(name="Record")))

    assert {"Outer", "Inner"} == model.reachable_aliases(union, definitions)
