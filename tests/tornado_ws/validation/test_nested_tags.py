"""Search for types with tagged structs inside each other."""

from __future__ import annotations

from typing import Annotated, Any, Optional, TypedDict, Union

import msgspec
import pytest

from tornado_ws import untagged
from tornado_ws.validation.nested_tags import has_nested_tags


class Leaf(msgspec.Struct, tag="leaf"):
    name: str


class Both(msgspec.Struct, tag="both"):
    parts: list[Both | Leaf]


class Through(msgspec.Struct, tag="through"):
    parts: dict[str, Through.Holder]

    class Holder(TypedDict):
        inner: Annotated[Optional[Union[Through, Leaf]], "text"]  # noqa: UP007, UP045


class Bounded(msgspec.Struct):
    first: Leaf | Lonely
    tree: Lonely


class Lonely(msgspec.Struct, tag="lonely"):
    inner: Lonely | None
    parts: tuple[Lonely, ...]


class Hooked(msgspec.Struct, tag="hooked"):
    inner: Hook


class Outside(msgspec.Struct):
    tree: Both


class Ahead(msgspec.Struct):
    first: Lonely
    then: Leaf | Hooked


Hook: Any = untagged("Hook", __name__, ("Hooked | Leaf", ""))


@pytest.mark.parametrize("type_", [Both, Both | Leaf, list[Both], Outside, Through, dict[str, Outside] | None])
def test_tagged_structs_inside_each_other_are_found(type_: Any) -> None:
    assert has_nested_tags(type_)


@pytest.mark.parametrize(
    "type_", [Leaf, Leaf | Lonely, Lonely, Bounded, Hooked, Hook, Ahead, Any, str, list[int] | None], ids=str
)
def test_levels_with_a_limit_and_structs_without_alternatives_are_not(type_: Any) -> None:
    assert not has_nested_tags(type_)


def test_long_chain_of_types_is_searched_quickly() -> None:
    inner: Any = Both
    for number in range(3000):
        inner = msgspec.defstruct(f"Chain{number}", [("inner", inner), ("other", Leaf | Lonely)])

    assert has_nested_tags(inner)
