"""Unions that msgspec can decode, and their annotations."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegen import model
from codegen.emit.python import Models
from codegen.emit.python.annotations import AnnotationBuilder
from codegen.emit.python.python_printer import single_line
from codegen.identifiers import Name
from tornado_ws.validation.codec import Codec

from ...support.generated import payload
from ...support.package import accepts, endpoint, pyright, run, typecheck, write

TEXT = model.Scalar(type="string", constraints=model.Constraints(max_length=3))
NUMBER = model.Scalar(type="number")
TAGGED = tuple(
    model.Record(
        name=name,
        fields=(model.Field(name="kind", type=model.Enumeration(values=(name,)), required=True),),
        closed=False,
        tag=("kind", name),
    )
    for name in ("Cat", "Dog")
)
PLAIN = tuple(model.Record(name=name, fields=(), closed=True) for name in ("One", "Two"))
BOTH = model.Alias(name="Both", type=model.Union(members=(model.Ref(name="One"), TEXT)))
DEFINITIONS: tuple[model.Definition, ...] = (*TAGGED, *PLAIN, BOTH)


def annotation(*members: model.Type) -> str:
    types = AnnotationBuilder(DEFINITIONS, {one.name: Name(one.name) for one in DEFINITIONS}, [])
    return single_line(types.annotation(model.Union(members=members), "Hint"))


def test_decodable_union_is_a_python_union() -> None:
    null = model.Scalar(type="null")

    assert annotation(NUMBER, null, model.Ref(name="One")) == "int | float | One | None"
    assert annotation(model.Ref(name="Cat"), model.Ref(name="Dog")) == "Cat | Dog"


def test_wider_type_replaces_narrower_ones() -> None:
    assert annotation(TEXT, model.Scalar(type="string")) == "str"
    assert annotation(TEXT, model.Enumeration(values=("abcd",))) == "str"
    assert annotation(NUMBER, model.Enumeration(values=(1, None))) == "int | float | None"


def test_ambiguous_union_gets_a_name() -> None:
    assert annotation(model.Ref(name="One"), model.Ref(name="Two")) == "Hint"
    assert annotation(model.Ref(name="Cat"), model.Ref(name="One")) == "Hint"
    assert annotation(model.Array(item=NUMBER), model.Array(item=TEXT)) == "Hint"
    assert annotation(model.Ref(name="Both"), model.Map(key=TEXT, value=TEXT)) == "Hint"


def test_union_with_anything_is_any() -> None:
    assert annotation(NUMBER, model.Anything()) == "typing.Any"


def test_number_between_exact_bounds_is_a_float() -> None:
    small = model.Scalar(type="number", constraints=model.Constraints(minimum=0, maximum=1))
    positive = model.Scalar(type="number", constraints=model.Constraints(minimum=0.5))

    assert annotation(small) == "typing.Annotated[float, msgspec.Meta(ge=0, le=1)]"
    assert annotation(positive) == (
        "typing.Annotated[int, msgspec.Meta(ge=1)] | typing.Annotated[float, msgspec.Meta(ge=0.5)]"
    )


def test_integer_beside_an_open_number_is_part_of_it() -> None:
    positive = model.Scalar(type="number", constraints=model.Constraints(minimum=5))

    assert annotation(model.Scalar(type="integer"), positive) == "int | float"


@pytest.mark.parametrize("models", ["msgspec", "pydantic"])
def test_least_integer_of_64_bits_has_no_literal_type(tmp_path: Path, models: Models) -> None:
    least = -(2**63)
    schema = {"type": "object", "properties": {"a": {"enum": [least, 1]}, "b": {"const": least}}}
    path = write(tmp_path, {"test.json": payload(schema)}, models=models)["test"]
    codec = Codec(endpoint(run(path)), side="client")

    assert accepts(codec, {"a": least, "b": least})
    assert not accepts(codec, {"b": least + 1})
    assert "b: int | " in path.read_text(encoding="utf-8")  # mypy refuses a literal


@pytest.mark.slow
@pytest.mark.parametrize("models", ["msgspec", "pydantic"])
def test_endpoint_with_hundreds_of_messages_passes_type_checkers(tmp_path: Path, models: Models) -> None:
    members = [{"type": "object", "properties": {f"a{at}": {"type": "integer"}}} for at in range(200)]
    messages = {f"m{at}": {"payload": member} for at, member in enumerate(members)}
    document = {"kind": "persistent", "path": "/it", "clientMessages": messages, "serverMessages": messages}
    module = write(tmp_path, {"test.json": document}, models=models)["test"]

    assert [] == pyright(tmp_path, [module])
    typecheck(module)
    assert 200 == len(endpoint(run(module)).client)
