"""Values with more levels than Pydantic follows."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pydantic
import pytest
from pydantic import MISSING

from tornado_ws.models import Model
from tornado_ws.models.deep_values import deep_json, is_deep

NUMBER = uuid.UUID("12345678-1234-5678-1234-567812345678")


class Node(Model, schema="/$defs/Node", frozen=True, extra="allow"):
    class_: int | MISSING = pydantic.Field(default=MISSING, validation_alias="class", serialization_alias="class")
    number: uuid.UUID | MISSING = MISSING
    level: int = 5
    next: Any = None
    items: list[Node] | MISSING = MISSING


def nested(levels: int) -> Any:
    plain: Any = []
    for _ in range(levels - 1):
        plain = [plain, {}]
    return plain


@pytest.mark.parametrize(("levels", "expected"), [(1, False), (240, False), (241, True), (2000, True)])
def test_deep_json_is_detected(levels: int, expected: bool) -> None:
    assert expected == is_deep(nested(levels))
    assert not is_deep(5)


def test_deep_instance_is_written_as_pydantic_would_write_it() -> None:
    node = Node(class_=1, number=NUMBER, items=[Node(next=(1, "ä")), Node(level=3)], **{"other": Node(next=None)})

    assert node.model_dump_json().encode() == deep_json(node)


def test_any_value_inside_an_instance_is_written() -> None:
    node = Node(next=nested(600))

    assert {"next": nested(600)} == json.loads(node.__json__())


def test_number_that_is_not_json_is_written_as_text_that_is_not_json() -> None:
    assert b'{"next":NaN}' == deep_json(Node(next=float("nan")))


def test_instance_that_contains_itself_is_rejected() -> None:
    endless: list[Any] = []
    endless.append(endless)

    with pytest.raises(RecursionError):
        deep_json(Node(next=endless))


def test_value_of_another_type_is_rejected() -> None:
    with pytest.raises(TypeError, match="expected a message or JSON, got object"):
        deep_json(Node(next=object()))
