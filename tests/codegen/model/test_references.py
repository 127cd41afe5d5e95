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
