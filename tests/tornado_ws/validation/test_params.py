"""Parameters of path and query."""

from __future__ import annotations

import pytest

from tornado_ws.errors import InvalidFrame

from ...support import shop
from .frames import DESK, SERVER


def test_text_is_converted_to_the_types_of_the_schema() -> None:
    params = SERVER.params({"name": "7", "page": "2", "ids": ["1", "2"], "exact": "true"})

    assert params == shop.Params(name="7", page=2, ids=[1, 2], exact=True)


def test_single_value_of_a_list_is_a_list() -> None:
    assert SERVER.params({"name": "x", "ids": "5"}).ids == [5]


@pytest.mark.parametrize(
    ("values", "pointer", "keyword"),
    [
        ({"name": "x", "page": "two"}, "/page", "type"),
        ({"name": "x", "page": "0"}, "/page", "minimum"),
        ({"name": "x", "page": "1.5"}, "/page", "type"),
        ({"name": "x", "page": ["1", "2"]}, "/page", "type"),
        ({"name": "x", "ids": ["1", "b"]}, "/ids/1", "type"),
        ({"page": "1"}, "", "required"),
        ({"name": "x", "evil": "1"}, "", "additionalProperties"),
    ],
)
def test_invalid_parameters_are_rejected(values: dict[str, str | list[str]], pointer: str, keyword: str) -> None:
    with pytest.raises(InvalidFrame) as caught:
        SERVER.params(values)

    assert (caught.value.error.pointer, caught.value.error.keyword) == (pointer, keyword)


def test_endpoint_without_params_rejects_them() -> None:
    with pytest.raises(TypeError, match="desk declares no params"):
        DESK.params({})
