"""Names of the members of enumerations."""

from __future__ import annotations

import itertools
import time

import pytest

from codegen.emit.python.enum_members import member_names
from codegen.model import Enumeration, Options

NAMES = {
    "open": "open",
    "in progress": "in_progress",
    "class": "class_",
    "None": "None_",
    "title": "title_",
    "mro": "mro_",
    "name": "name_",
    "value": "value_",
    "values": "values",
    "1": "field_1",
    "2nd": "field_2nd",
    "_x": "field_x",
    "__init__": "field__init__",
    "_ignore_": "field_ignore_",
    "": "field_",
    " ": "field__1",
    "a-b": "a_b",
    "a b": "a_b_1",
    "a_b": "a_b_2",
    "#a": "a",
    "+": "plus",
    ">=": "greater_than_equals",
    "Größe": "Grosse",
    "日本": "RiBen",
    "😀": "grinning",
    "\N{COMBINING ACUTE ACCENT}": "combining_acute_accent",
}


def test_values_name_the_members() -> None:
    assert NAMES == member_names(Enumeration(values=tuple(NAMES)))


@pytest.mark.parametrize("options", [Options(), Options(snake_case=True), Options(upper_case_members=True)])
def test_names_are_unique_whatever_the_values(options: Options) -> None:
    values = ("".join(found) for length in range(4) for found in itertools.product("aA1_ -é", repeat=length))
    names = member_names(Enumeration(values=(*values, *dir(str), *dir(int))), options)

    assert len(names) == len({*names.values()})
    assert not {name for name in names.values() if name.startswith("_") or hasattr(str, name)}


def test_many_values_with_the_same_name_are_numbered_in_linear_time() -> None:
    values = tuple("a" + "".join(found) for found in itertools.product("- ", repeat=12))
    start = time.process_time()

    names = member_names(Enumeration(values=values))

    assert len(values) == len({*names.values()})
    assert time.process_time() - start < 1


def test_integers_are_numbered_unless_the_schema_names_them() -> None:
    assert {1: "integer_1", -3: "integer__3"} == member_names(Enumeration(values=(1, -3)))
    assert {1: "Low", 2: "real_", 3: "integer_3"} == member_names(
        Enumeration(values=(1, 2, 3), labels=("Low", "real", ""))
    )


def test_case_of_names_is_an_option() -> None:
    enumeration = Enumeration(values=("inProgress", "HTTPError", "class", "2nd"))

    upper = member_names(enumeration, Options(upper_case_members=True))
    snake = member_names(enumeration, Options(snake_case=True))

    assert ["IN_PROGRESS", "HTTP_ERROR", "CLASS", "FIELD_2ND"] == [*upper.values()]
    assert ["in_progress", "http_error", "class_", "field_2nd"] == [*snake.values()]
