"""Defaults of fields."""

from __future__ import annotations

from typing import Any

import pytest

from codegen import model
from codegen.emit.python.defaults import Defaults
from codegen.emit.python.python_printer import single_line
from codegen.identifiers import Name

INTEGER = model.Scalar(type="integer")
TEXT = model.Scalar(type="string")


def field(name: str, type_: model.Type, default: Any = model.NO_DEFAULT, *, required: bool = False) -> model.Field:
    return model.Field(name=name, type=type_, required=required, default=default)


def record(name: str, *fields: model.Field, **options: Any) -> model.Record:
    return model.Record(name=name, fields=fields, **{"closed": False, **options})


POINT = record("Point", field("x", INTEGER, required=True), field("class", TEXT, "p"))
OPEN = record("Open", field("a", INTEGER), keeps=True, rest=INTEGER)
CLOSED = record("Closed", field("a", TEXT), closed=True)
CAT = record("Cat", field("kind", model.Enumeration(values=("cat",)), required=True), tag=("kind", "cat"))
DOG = record("Dog", field("kind", model.Enumeration(values=("dog",)), required=True), tag=("kind", "dog"))
ODD = record("Odd", field('"', INTEGER))
ENDLESS = record("Endless", field("next", model.Ref(name="Endless"), {}), field("n", INTEGER))
HEAD = model.Alias(name="Head", type=model.Array(item=model.Ref(name="Tail")))
TAIL = record("Tail", field("heads", model.Ref(name="Head"), [{}]))
ALIAS = model.Alias(name="Color", type=model.Ref(name="Warm"))
WARM = model.Alias(name="Warm", type=model.Enumeration(values=("red", 3)))
DEFINITIONS = {one.name: one for one in (POINT, OPEN, CLOSED, CAT, DOG, ODD, ENDLESS, HEAD, TAIL, ALIAS, WARM)}


def argument(type_: model.Type, default: Any, owner: str = "It") -> str | None:
    """Return the code of the argument for a default."""
    names = {name: Name(name) for name in DEFINITIONS}
    defaults = Defaults(DEFINITIONS, names, lambda one: {each.name: Name(f"{each.name}_") for each in one.fields})
    own = field("next" if owner == "Endless" else "heads" if owner == "Tail" else "it", type_, default)
    node = defaults.argument(record(owner, own), own)
    return None if node is None else single_line(node)


def ref(*names: str) -> model.Type:
    refs = tuple(model.Ref(name=name) for name in names)
    return refs[0] if len(refs) == 1 else model.Union(members=refs)


@pytest.mark.parametrize(
    ("type_", "default", "code"),
    [
        (INTEGER, 5.0, "default=5"),
        (INTEGER, True, None),
        (model.Enumeration(values=(1,)), True, None),
        (ref("Color"), "red", 'default="red"'),
        (model.Union(members=(model.Scalar(type="null"), TEXT)), None, "default=None"),
        (model.Array(item=INTEGER), [], "default=[]"),
        (model.Array(item=INTEGER), [1, 2], "default_factory=lambda: [1, 2]"),
        (model.Array(item=ref("Point")), [{"x": 1}], "default_factory=lambda: [Point(x_=1)]"),
        (model.Map(key=TEXT, value=INTEGER), {}, "default={}"),
        (model.Map(key=TEXT, value=INTEGER), {"a": 1}, 'default_factory=lambda: {"a": 1}'),
        (model.Anything(), {"a": [None, 1.0]}, 'default_factory=lambda: {"a": [None, 1]}'),
        (
            model.Anything(),
            [[], {"a": {}}],
            'default_factory=lambda: [list[typing.Any](), {"a": dict[str, typing.Any]()}]',
        ),
        (model.Tuple(items=(INTEGER, TEXT), required=2, rest=None), [1, "x"], 'default_factory=lambda: (1, "x")'),
        (model.Tuple(items=(INTEGER,), required=0, rest=TEXT), [1, "x"], 'default_factory=lambda: [1, "x"]'),
        (ref("Point"), {"x": 1, "class": "q"}, 'default_factory=lambda: Point(x_=1, class_="q")'),
        (ref("Point"), {"x": 1, "other": 2}, "default_factory=lambda: Point(x_=1)"),
        (ref("Point"), {}, None),
        (ref("Point"), [], None),
        (ref("Open"), {"a": 1, "b": 2}, 'default_factory=lambda: Open(a_=1, additional_properties={"b": 2})'),
        (ref("Open"), {"b": "x"}, None),
        (ref("Closed"), {"b": 1}, None),
        (ref("Cat", "Dog"), {"kind": "dog"}, "default_factory=lambda: Dog()"),
        (ref("Point", "Closed"), {"a": "x"}, 'default_factory=lambda: Closed(a_="x")'),
        (ref("Open", "Closed"), {}, None),
        (ref("Odd"), {'"': 1}, "default_factory=lambda: Odd({'\"': 1})"),
        (ref("Endless"), {"n": 1}, "default_factory=lambda: Endless(n_=1)"),
    ],
)
def test_default_is_a_value_of_the_type(type_: model.Type, default: Any, code: str | None) -> None:
    assert code == argument(type_, default)


def test_default_that_contains_itself_is_omitted() -> None:
    assert argument(ref("Endless"), {}, owner="Endless") is None
    assert argument(ref("Head"), [{}], owner="Tail") is None


def test_classes_without_an_attribute_for_additional_properties_have_no_such_default() -> None:
    names = {name: Name(name) for name in DEFINITIONS}
    defaults = Defaults(DEFINITIONS, names, lambda _: {"a": Name("a"), '"': Name("f_")}, has_additional=False)

    assert defaults.argument(record("It"), field("it", ref("Open"), {"b": 1})) is None
    assert defaults.argument(record("It"), field("it", ref("Open"), {"a": 1})) is not None


def test_records_that_are_always_classes_are_created() -> None:
    names = {name: Name(name) for name in DEFINITIONS}
    defaults = Defaults(DEFINITIONS, names, lambda _: {'"': Name("f_")}, is_class=lambda _: True)
    node = defaults.argument(record("It"), field("it", ref("Odd"), {'"': 1}))

    assert node is not None
    assert single_line(node) == "default_factory=lambda: Odd(f_=1)"
