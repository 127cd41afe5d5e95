"""Names of definitions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from codegen import model

from ..support.generated import payload
from ..support.models import TEXT, built, endpoint, fields, member


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {name: TEXT for name in properties} | properties}


def _names(found: model.Endpoint) -> list[str]:
    return [definition.name for definition in found.definitions]


def test_nested_record_is_named_after_its_pointer(tmp_path: Path) -> None:
    inner = _object(x=TEXT)
    schema = _object(
        author=inner,
        line_items={"type": "array", "items": inner},
        by_name={"type": "object", "additionalProperties": inner},
    )

    assert ["It", "ItAuthor", "ItLineItemsItem", "ItByNameValue"] == _names(built(tmp_path, schema))


def test_title_that_is_a_phrase_is_the_name(tmp_path: Path) -> None:
    schema = _object(
        a={**_object(x=TEXT), "title": "Postal address"},
        b={**_object(x=TEXT), "title": "This schema describes b."},
        c={**_object(x=TEXT), "title": "Schema"},
    )

    assert ["It", "PostalAddress", "ItB", "ItC"] == _names(built(tmp_path, schema))


def test_equal_titles_are_preceded_by_the_name_of_the_record_around_them(tmp_path: Path) -> None:
    titled = {**_object(x=TEXT), "title": "Options"}
    schema = _object(axis=_object(options=titled), mark=_object(options=titled))

    assert ["It", "ItAxis", "AxisOptions", "ItMark", "MarkOptions"] == _names(built(tmp_path, schema))


def test_derived_name_differs_from_declared_names(tmp_path: Path) -> None:
    schema = _object(author=_object(x=TEXT), other={"$ref": "#/$defs/ItAuthor"})

    found = built(tmp_path, schema, **{"$defs": {"ItAuthor": _object(y=TEXT)}})

    assert {"author": model.Ref(name="ItAuthorObject"), "other": model.Ref(name="ItAuthor")} == fields(found, "It")


def test_members_of_a_union_are_named_after_their_tag(tmp_path: Path) -> None:
    found = built(tmp_path, {"oneOf": [member("circle"), member("text")]})

    assert ["ItCircle", "ItText"] == _names(found)


def test_record_of_a_message_has_the_name_of_the_message(tmp_path: Path) -> None:
    document = payload({"$ref": "shared.json#/$defs/It"})

    found = endpoint(tmp_path, document, shared={"$defs": {"It": _object(x=TEXT)}})

    assert ["It"] == _names(found)


def test_file_is_named_after_its_folder_if_its_own_name_says_nothing(tmp_path: Path) -> None:
    document = payload(_object(a={"$ref": "kinds/note/schema.json"}, b={"$ref": "kinds/like/schema.json"}))

    found = endpoint(tmp_path, document, **{"kinds/note/schema": _object(x=TEXT), "kinds/like/schema": _object(x=TEXT)})

    assert {"It", "Note", "Like"} == {*_names(found)}


def test_definition_is_named_after_the_last_part_of_a_dotted_name(tmp_path: Path) -> None:
    schema = _object(
        **{name: {"$ref": f"#/$defs/{name}"} for name in ("io.core.v1.Pod", "core.Job", "batch.Job", "a.b")}
    )

    found = built(tmp_path, schema, **{"$defs": {name: _object(x=TEXT) for name in schema["properties"]}})

    assert {"It", "Pod", "CoreJob", "BatchJob", "AB"} == {*_names(found)}


def test_name_does_not_depend_on_the_order_of_the_schemas(tmp_path: Path) -> None:
    titled = {**_object(x=TEXT), "title": "Options"}
    properties = {"axis": titled, "mark": titled, "x": _object(y=TEXT), "legend": titled}

    one = built(tmp_path / "a", {"type": "object", "properties": properties})
    other = built(tmp_path / "b", {"type": "object", "properties": dict(reversed(properties.items()))})

    assert fields(one, "It") == fields(other, "It")


def test_new_definition_renames_no_other(tmp_path: Path) -> None:
    schema = _object(author=_object(name=_object(x=TEXT)))
    before = built(tmp_path / "a", schema)
    after = built(
        tmp_path / "b", _object(a=_object(name=_object(x=TEXT)), **schema["properties"], name=_object(x=TEXT))
    )

    assert {*_names(before)} <= {*_names(after)}


def test_only_the_alternative_that_is_an_object_has_the_name_of_the_property(tmp_path: Path) -> None:
    schema = _object(padding={"anyOf": [{"type": "number"}, _object(top=TEXT)]}, margin={"$ref": "#/$defs/Margin"})

    found = built(tmp_path, schema, **{"$defs": {"Margin": {"anyOf": [{"type": "number"}, _object(top=TEXT)]}}})

    assert {"It", "ItPadding", "Margin", "MarginObject"} == {*_names(found)}
