"""Residual checks of single attributes, members and values."""

from __future__ import annotations

from tornado_ws.endpoint import AttributeCheck, JsonCheck, MemberCheck, ValueCheck

from ..support.proofs import ITEM, SOURCE, proving, residual_checks


def test_attribute_is_checked_alone() -> None:
    schema = {"properties": {"a": {"type": "string", "pattern": "^x"}, "class": {"type": "integer", "minimum": 1}}}

    assert residual_checks("Wide", schema) == (
        AttributeCheck("a", "/$defs/It/properties/a", "pattern"),
        AttributeCheck("class_", "/$defs/It/properties/class", "minimum"),
    )


def test_nested_attribute_is_checked_alone_if_its_record_is_always_present() -> None:
    strict = {"properties": {"a": {"pattern": "^x"}}}

    assert residual_checks("Holder", {"properties": {"item": strict}}) == (
        AttributeCheck("item.a", "/$defs/It/properties/item/properties/a", "pattern"),
    )


def test_member_is_checked_as_json_if_its_decoded_value_differs() -> None:
    strict = {"properties": {"a": {"pattern": "^x"}}}

    assert (MemberCheck("items", "/$defs/It/properties/items"),) == residual_checks(
        "Holder", {"properties": {"items": {"items": strict}}}
    )
    assert residual_checks(
        "Holder", {"properties": {"maybe": {"anyOf": [strict, {"type": "null"}]}, "item": strict}}
    ) == (
        MemberCheck("maybe", "/$defs/It/properties/maybe", "anyOf"),
        MemberCheck("item", "/$defs/It/properties/item"),
    )


def test_keyword_is_checked_alone_if_the_rest_of_its_schema_is_proved() -> None:
    assert (JsonCheck("/$defs/It", "maxProperties"),) == residual_checks("Wide", {"type": "object", "maxProperties": 2})
    assert residual_checks("Wide", {"properties": {"a": {"pattern": "x"}}, "allOf": [{"minProperties": 2}]}) == (
        MemberCheck("a", "/$defs/It/properties/a", "pattern"),
        JsonCheck("/$defs/It/allOf/0", "minProperties"),
    )
    assert (JsonCheck("/$defs/It", "unevaluatedProperties"),) == residual_checks(
        "Open", {"unevaluatedProperties": False}
    )
    assert (ValueCheck("/$defs/It"),) == residual_checks("list[int]", {"unevaluatedItems": False})
    assert (JsonCheck("/$defs/It"),) == residual_checks("Odd", {"properties": {'"': {"minimum": 1}}})


def test_decoded_value_that_equals_its_json_is_checked() -> None:
    assert (ValueCheck("/$defs/It", "pattern"),) == residual_checks("str", {"type": "string", "pattern": "^x"})
    assert (ValueCheck("/$defs/It"),) == residual_checks(
        "list[str | None]", {"type": "array", "items": {"maxLength": 3}}
    )
    assert residual_checks("list[float]", {"type": "array", "items": {"type": "number"}, "uniqueItems": True}) == (
        JsonCheck("/$defs/It", "uniqueItems"),
    )
    assert (JsonCheck("/$defs/It", "minProperties"),) == residual_checks(
        "dict[str, Item]", {"type": "object", "minProperties": 1}
    )


def test_attribute_of_a_union_member_is_not_checked_alone() -> None:
    """The other member may be decoded."""
    schema = {"anyOf": [{"$ref": "#/$defs/Item"}, {"type": "null"}], "properties": {"a": {"pattern": "^x"}}}

    assert (JsonCheck("/$defs/It"),) == residual_checks("Item | None", schema)


def test_recursive_member_is_checked_as_a_whole() -> None:
    """A check of the first node's name would miss the names of the others."""
    node = {
        "type": "object",
        "properties": {
            "name": {"type": "string", "pattern": "^x"},
            "next": {"anyOf": [{"$ref": "#/$defs/It"}, {"type": "null"}]},
        },
        "required": ["name", "next"],
        "additionalProperties": False,
    }

    assert MemberCheck("next", "/$defs/It/properties/next", "anyOf") in residual_checks("Node", node)
    node["properties"]["name"] = {"type": "string"}  # type: ignore[index]
    assert () == residual_checks("Node", node)


def test_many_members_with_references_are_checked_together() -> None:
    """Each check compiles the definitions that it reaches, so that the server would start in quadratic time."""
    names = [f"m{at}" for at in range(17)]
    source = SOURCE + "\nclass Many(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):\n"
    source += "".join(f"    {name}: list[Item] | msgspec.UnsetType = msgspec.UNSET\n" for name in names)

    def checks(count: int) -> int:
        items = {"type": "array", "items": {"$ref": "#/$defs/Text"}}
        schema = {
            "type": "object",
            "properties": {name: items for name in names[:count]},
            "additionalProperties": False,
        }
        text = {**ITEM, "properties": {"a": {"type": "string", "pattern": "^a"}}}
        with proving(schema, {"Text": text}, source=source) as types:
            return len(types.residual_checks("Many", "/$defs/It"))

    assert checks(17) == 1 < checks(5)
