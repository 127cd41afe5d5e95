"""Parts of the names of schemas."""

from __future__ import annotations

from typing import Any

import pytest

from codegen.keywords.name_parts import SchemaNames, definition_path
from codegen.keywords.schema_index import SchemaIndex

PATHS = [
    # name of a definition, its parts
    ("line_item", ["LineItem"]),
    ("order.created", ["OrderCreated"]),
    ("io.k8s.api.core.v1.Pod", ["Io", "K8s", "Api", "Core", "V1", "Pod"]),
    ("crate::net::Frame", ["Crate", "Net", "Frame"]),
    ("Map<string,number[]>", ["MapStringNumberArray"]),
    ("Größe", ["Grosse"]),
    ("https://example.com/a/order.schema.json", ["A", "Order"]),
    ("https://example.com/kinds/note/schema.json", ["Kinds", "Note"]),
    ("https://example.com/definitions/1.0.0/schema.json", ["Definitions", "100", "Schema"]),
    ("https://example.com/extensions/x/0.1.0/schema.json", ["ExtensionsX"]),
    ("https://example.com/1.0/schemas.json", ["10", "Schemas"]),
    ("https://example.com/kinds/note/schema.content.json", ["Kinds", "NoteContent"]),
    ("https://example.com/note/kind/30.json", ["Note", "Kind30"]),
    ("https://example.com/order/v2", ["OrderV2"]),
    ("https://example.com/", ["ExampleCom"]),
    ("urn:example:order", ["Example", "Order"]),
]


@pytest.mark.parametrize(("name", "path"), PATHS)
def test_definition_is_named_after_its_last_part(name: str, path: list[str]) -> None:
    assert path == definition_path(name)


def _names(schema: Any, pointer: str) -> tuple[str, ...]:
    index = SchemaIndex({"$id": "https://example.com/", "$defs": {"A": schema}})
    return SchemaNames(index).parts(f"/$defs/A{pointer}").candidates().names


def test_name_grows_by_its_context() -> None:
    schema = {"properties": {"b": {"title": "Options"}}}

    assert ("Options", "AB", "OptionsObject", "AOptions") == _names(schema, "/properties/b")


def test_article_of_a_title_is_not_part_of_a_name() -> None:
    assert "DataRecord" == _names({"properties": {"b": {"title": "A data record"}}}, "/properties/b")[0]
    assert "ABTest" == _names({"properties": {"b": {"title": "AB test"}}}, "/properties/b")[0]


def test_property_of_an_object_with_a_title_keeps_its_own_word() -> None:
    schema = {"properties": {"b": {"title": "Milestone", "properties": {"creator": {"title": "User"}}}}}

    names = _names(schema, "/properties/b/properties/creator")

    assert ("User", "MilestoneUser", "MilestoneCreator") == names[:3]
    assert all(name.endswith(("User", "Creator", "UserObject")) for name in names)


def test_member_of_all_of_has_the_name_of_its_schema() -> None:
    schema = {"allOf": [{"required": ["x"]}, {"required": ["y"]}]}

    assert ("A", "AY", "AObject") == _names(schema, "/allOf/1")


@pytest.mark.parametrize(
    ("keyword", "others", "name"),
    [
        ("oneOf", ["file"], "AOther"),
        ("anyOf", ["file", "text"], "AOther"),
        ("oneOf", ["other"], "A1"),
        ("allOf", ["file"], "A1"),
    ],
)
def test_alternative_without_a_difference_is_called_other_if_it_is_the_only_one(
    keyword: str, others: list[str], name: str
) -> None:
    rest = {"properties": {"kind": {"not": {"enum": others}}}}
    schema = {keyword: [rest, *({"properties": {"kind": {"const": other}}} for other in others)]}

    assert name in _names(schema, f"/{keyword}/0")


def test_item_of_a_tuple_is_named_after_its_position() -> None:
    assert ("ASecond", "ASecondObject") == _names({"prefixItems": [True, {}]}, "/prefixItems/1")
    assert ("AItem11", "AItem11Object") == _names({"prefixItems": [{}] * 11}, "/prefixItems/10")


def test_pattern_is_part_of_a_name_only_if_it_is_needed() -> None:
    assert ("AValue", "AValueX", "AValueObject") == _names({"patternProperties": {"^x-": {}}}, "/patternProperties/^x-")


def test_deep_name_drops_the_words_in_the_middle() -> None:
    schema: Any = {}
    for name in reversed("bcdefghi"):
        schema = {"properties": {name: schema}}

    short, long, _ = _names(schema, "".join(f"/properties/{name}" for name in "bcdefghi"))

    assert ("AHI", "ABCDEFGHI") == (short, long)


def test_letter_does_not_precede_a_name_while_others_are_free() -> None:
    index = SchemaIndex({"$id": "https://e.com/", "$defs": {"https://e.com/c.json": {"$defs": {"Line": {}}}}})

    names = SchemaNames(index).parts("/$defs/https:~1~1e.com~1c.json/$defs/Line").candidates().names

    assert ("Line", "LineObject", "CLine") == names


def test_version_folder_follows_the_name_of_a_file_if_that_is_ambiguous() -> None:
    index = SchemaIndex({"$id": "https://e.com/", "$defs": {"https://e.com/note/1.0.0/schema.json": {}}})

    names = SchemaNames(index).parts("/$defs/https:~1~1e.com~1note~11.0.0~1schema.json").candidates().names

    assert ("Note", "Note100", "NoteObject") == names


def test_name_is_whole_if_it_contains_all_properties_that_lead_to_the_schema() -> None:
    user = {"title": "User"}
    schemas = {"discussion": {"properties": {"user": user, "answer_chosen_by": user}}}
    names = SchemaNames(SchemaIndex({"$id": "https://e.com/", "$defs": {"https://e.com/api.json": {"$defs": schemas}}}))
    start = "/$defs/https:~1~1e.com~1api.json/$defs/discussion/properties"

    assert "DiscussionUser" == names.parts(f"{start}/user").candidates().whole
    assert "DiscussionAnswerChosenBy" == names.parts(f"{start}/answer_chosen_by").candidates().whole
