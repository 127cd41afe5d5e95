"""Tags of unions in the bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codegen import model

from ..support.generated import payload
from ..support.models import endpoint


def member(required: bool = True, **properties: Any) -> dict[str, Any]:
    """Return an object schema with constants, or with schemas, as its properties."""
    schemas = {name: value if isinstance(value, dict) else {"const": value} for name, value in properties.items()}
    return {"type": "object", "properties": schemas, **({"required": [*properties]} if required else {})}


def tag(folder: Path, schema: Any, **definitions: Any) -> Any:
    """Return the ``x-tag`` of a schema."""
    found = endpoint(folder, payload(schema, **({"$defs": definitions} if definitions else {})))
    return found.bundle["$defs"]["It"].get("x-tag")


def flat(name: str, *choices: Any, keyword: str = "oneOf") -> Any:
    return {keyword: {"name": name, "choices": [list(choice) for choice in choices]}}


@pytest.mark.parametrize(
    "values",
    [["a", "b"], [0, 1], [True, False], [None, "none"], [1, True, "1"], [1.5, 2]],
    ids=["texts", "integers", "booleans", "null", "mixed", "fractions"],
)
def test_constants_of_each_kind_are_tags(tmp_path: Path, values: list[Any]) -> None:
    choices = [([value], at) for at, value in enumerate(values)]

    assert repr(flat("kind", *choices)) == repr(tag(tmp_path, {"oneOf": [member(kind=value) for value in values]}))


def test_integer_and_the_same_number_with_a_fraction_are_one_constant(tmp_path: Path) -> None:
    assert tag(tmp_path, {"anyOf": [member(kind=1), member(kind=1.0)]}) is None


def test_several_constants_select_one_member(tmp_path: Path) -> None:
    schema = {"oneOf": [member(kind={"enum": ["a", "b"]}), member(kind={"anyOf": [{"const": "c"}, {"enum": ["d"]}]})]}

    assert flat("kind", (["a", "b"], 0), (["c", "d"], 1)) == tag(tmp_path, schema)


def test_second_tag_distinguishes_members_with_the_same_first_tag(tmp_path: Path) -> None:
    members = [member(type="a", sub=1), member(type="a", sub=2), member(type="b"), member(type={"enum": ["a"]}, sub=3)]
    inner = {"name": "sub", "choices": [[[1], 0], [[2], 1], [[3], 3]]}

    assert flat("type", (["a"], inner), (["b"], 2)) == tag(tmp_path, {"oneOf": members})


def test_members_with_overlapping_constants_need_a_second_tag(tmp_path: Path) -> None:
    members = [member(type={"enum": ["a", "b"]}, sub=1), member(type={"enum": ["b", "c"]}, sub=2), member(type="d")]
    inner = {"name": "sub", "choices": [[[1], 0], [[2], 1]]}

    assert flat("type", (["a", "b", "c"], inner), (["d"], 2)) == tag(tmp_path, {"oneOf": members})


def test_tag_is_found_in_all_of_and_behind_references(tmp_path: Path) -> None:
    base = {"type": "object", "required": ["kind"]}
    members = [
        {"allOf": [{"$ref": "#/$defs/Base"}, {"properties": {"kind": {"$ref": "#/$defs/A"}}}]},
        {"$ref": "#/$defs/B"},
    ]

    found = tag(tmp_path, {"oneOf": members}, Base=base, A={"const": "a"}, B={"allOf": [member(kind="b")]})

    assert flat("kind", (["a"], 0), (["b"], 1)) == found


def test_type_and_required_names_next_to_the_union_count(tmp_path: Path) -> None:
    members = [{"properties": {"kind": {"const": kind}}} for kind in ("a", "b")]
    schema = {"type": "object", "required": ["kind"], "anyOf": members}

    assert flat("kind", (["a"], 0), (["b"], 1), keyword="anyOf") == tag(tmp_path, schema)


def test_union_inside_a_union_contributes_its_constants(tmp_path: Path) -> None:
    inner = {"oneOf": [member(kind="a"), member(kind="b")]}

    assert flat("kind", (["a", "b"], 0), (["c"], 1)) == tag(tmp_path, {"oneOf": [inner, member(kind="c")]})


def test_discriminator_of_openapi_names_the_first_tag(tmp_path: Path) -> None:
    schema = {"oneOf": [member(a=1, b=1), member(a=2, b=2)], "discriminator": {"propertyName": "b"}}

    assert flat("b", ([1], 0), ([2], 1)) == tag(tmp_path, schema)


def test_discriminator_without_constants_is_not_a_tag(tmp_path: Path) -> None:
    members = [member(kind={"type": "string"}, a=1), member(kind={"type": "string"})]
    schema = {"oneOf": members, "discriminator": {"propertyName": "kind", "mapping": {"a": "#/oneOf/0"}}}

    assert tag(tmp_path, schema) is None


@pytest.mark.parametrize(
    "members",
    [
        [member(kind="a")],
        [member(kind="a"), member(kind="b", required=False)],
        [member(kind="a"), {"type": "string"}],
        [member(kind="a"), True],
        [member(kind=["a"]), member(kind=["b"])],
        [member(kind="a"), member(kind={"enum": ["b", {}]})],
        [member(kind={"enum": ["a", "b"]}), member(kind={"enum": ["b", "c"]})],
        [member(one="a"), member(other="b")],
    ],
    ids=["one member", "optional", "text", "anything", "arrays", "object", "overlapping", "different properties"],
)
def test_other_unions_have_no_tag(tmp_path: Path, members: list[Any]) -> None:
    assert tag(tmp_path, {"anyOf": members}) is None


def test_both_unions_of_a_schema_have_a_tag(tmp_path: Path) -> None:
    schema = {"oneOf": [member(a=1), member(a=2)], "anyOf": [member(b=1), member(b=2)]}

    assert {"oneOf", "anyOf"} == tag(tmp_path, schema).keys()


def test_x_tag_of_an_author_is_ignored(tmp_path: Path) -> None:
    schema = {"anyOf": [{"type": "string"}, True], "x-tag": flat("a", (["b"], 0), (["c"], 1), keyword="anyOf")}

    assert tag(tmp_path, schema) is None


def test_union_with_a_reference_to_its_member_has_a_tag(tmp_path: Path) -> None:
    schema = {
        "oneOf": [member(kind="a"), member(kind="b")],
        "properties": {"below": {"$ref": "#/$defs/Shape/oneOf/0"}},
    }

    found = endpoint(tmp_path, payload({"$ref": "#/$defs/Shape"}, **{"$defs": {"Shape": schema}}))

    assert flat("kind", (["a"], 0), (["b"], 1)) == found.bundle["$defs"]["Shape"]["x-tag"]
    choices = (model.Choice(values=("a",), selects=0), model.Choice(values=("b",), selects=1))
    assert repr(model.Tag(name="kind", choices=choices)) in repr(found.validators["Shape"])


def test_members_are_named_by_their_tag(tmp_path: Path) -> None:
    members = [
        member(type="user", op=0),
        member(type="user", op=1),
        member(type={"enum": ["a", "b"]}),
        member(type=None),
    ]

    found = endpoint(tmp_path, payload({"oneOf": members}))

    assert ["ItUserOp0", "ItUserOp1", "ItAOrB", "ItTypeNull"] == [definition.name for definition in found.definitions]
