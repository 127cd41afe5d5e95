"""Dependencies between validators."""

from __future__ import annotations

from codegen import model
from codegen.emit.typescript.dependencies import called_names, declaration_order, prune, subvalidators

ANY = model.Always(verdict=True)
TEXT = model.IsType(types=("string",))


def test_dependencies_are_declared_first() -> None:
    assert ["C", "B", "A"] == declaration_order({"A": ("B",), "B": ("C",), "C": ()})


def test_cycle_is_declared_in_the_order_of_its_calls() -> None:
    assert ["B", "A"] == declaration_order({"A": ("B",), "B": ("A",)})


def test_subvalidators_include_nested_parts() -> None:
    validator = model.All(validators=(model.Not(validator=TEXT), model.Call(name="A")))

    assert [validator, model.Not(validator=TEXT), TEXT, model.Call(name="A")] == [*subvalidators([validator])]


def test_called_names_are_unique() -> None:
    assert ("A", "B") == called_names([model.Call(name="A"), TEXT, model.Call(name="B"), model.Call(name="A")])


def test_parts_that_accept_every_value_are_removed() -> None:
    properties = model.Properties(named=(("a", TEXT), ("b", ANY)), patterns=(), rest=None)

    assert model.Properties(named=(("a", TEXT),), patterns=(), rest=None) == prune(
        model.All(validators=(properties, ANY))
    )
    assert prune(model.Items(prefix=(ANY,), rest=ANY)) is None
