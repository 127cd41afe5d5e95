"""Base classes of generated models: the wire form, properties that are missing, and messages of objects."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path
from typing import Any

import pydantic
import pytest

from tests.codegen.support.generated import payload
from tests.codegen.support.package import endpoint, module
from tornado_ws.validation.codec import Codec

ORDER = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "note": {"type": "string"},
        "class": {"type": "string"},
        "size": {"type": "integer", "default": 1},
        "gift": {"type": ["string", "null"]},
    },
    "required": ["id"],
    "additionalProperties": True,
}
FILES = {"test.json": payload({"$ref": "#/$defs/Order"}, **{"$defs": {"Order": ORDER}})}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return module(tmp_path_factory.mktemp("shop"), FILES, models="pydantic")


def test_missing_property_differs_from_null(shop: Any) -> None:
    order = shop.Order(id=1, gift=None)

    assert order.note is pydantic.MISSING
    assert order.gift is None
    assert shop.Order(id=1).gift is pydantic.MISSING
    assert order == shop.Order(id=1, gift=None, note=pydantic.MISSING)
    with pytest.raises(pydantic.ValidationError, match="valid string"):
        shop.Order(id=1, note=None)


def test_dump_is_the_wire_form(shop: Any) -> None:
    order = shop.Order(id=1, class_="a", gift=None, more=[1])
    sent = json.loads(Codec(endpoint(shop)).encode(shop.It.of(order)))["data"]

    assert {"id": 1, "class": "a", "gift": None, "more": [1]} == sent
    assert sent == json.loads(order.model_dump_json()) == order.model_dump()
    assert 1 == order.model_dump(exclude_unset=False)["size"] == order.size
    assert {"id": 1, "class_": "a", "gift": None, "more": [1]} == order.model_dump(by_alias=False)


def test_message_is_made_of_an_object(shop: Any) -> None:
    class Rush(shop.Order):  # type: ignore[misc, name-defined]
        priority: int = 3

    for order in (shop.Order(id=1, class_="a"), Rush(id=1, class_="a", priority=5)):
        message = shop.It.of(order)

        assert type(message) is shop.It
        assert {"id", "class_"} == message.model_fields_set
        assert b'{"type":"it","data":{"id":1,"class":"a"}}' == Codec(endpoint(shop)).encode(message)


def test_values_of_a_wrapped_payload_become_messages(tmp_path: Path) -> None:
    it = module(tmp_path, {"test.json": payload({"type": "array", "items": {"type": "integer"}})}, models="pydantic")

    assert it.It([1, 2]) == it.It.of([1, 2])
    with pytest.raises(pydantic.ValidationError):
        it.It.of(["1"])


def test_tags_of_constructed_objects_are_sent(tmp_path: Path) -> None:
    kinds = {
        name: {"type": "object", "properties": {"kind": {"const": name}, "n": {}}, "required": ["kind"]}
        for name in ("circle", "square")
    }
    schema = {"type": "array", "items": {"oneOf": [{"$ref": f"#/$defs/{name}"} for name in kinds]}}
    it = module(tmp_path, {"test.json": payload(schema, **{"$defs": kinds})}, models="pydantic")
    shapes = [it.Circle(), it.Square(n=1), it.Circle.model_construct(n=2), it.Circle.model_validate({"kind": "circle"})]

    assert [
        {"kind": "circle"},
        {"kind": "square", "n": 1},
        {"kind": "circle", "n": 2},
        {"kind": "circle"},
    ] == json.loads(Codec(endpoint(it)).encode(it.It(shapes)))["data"]
    assert it.Circle.__pydantic_custom_init__ is False  # which would call it for each received object


def test_models_can_be_copied_and_pickled(shop: Any) -> None:
    order = shop.Order(id=1, note="x", more=1)

    assert order == copy.deepcopy(order) == pickle.loads(pickle.dumps(order)) == order.model_copy()
    assert "y" == order.model_copy(update={"note": "y"}).note
