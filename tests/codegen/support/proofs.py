"""Proofs about handwritten types, and attempts to disprove them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import jsonschema_rs
import msgspec

from codegen.soundness import Prover, Unproven, prover
from tornado_ws.endpoint import ResidualCheck
from tornado_ws.validation.payload import PayloadCodec

__all__ = ["SOURCE", "ITEM", "attack", "passes_checks", "proving", "residual_checks", "unproven", "unproven_keywords"]

ITEM = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}
SOURCE = """
from __future__ import annotations
import datetime
import typing
import uuid
import msgspec
import tornado_ws

class Item(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    a: str

class Open(msgspec.Struct, kw_only=True):
    a: str

class Wide(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    a: str
    b: typing.Annotated[str, msgspec.Meta(max_length=3)] | msgspec.UnsetType = msgspec.UNSET
    class_: int | msgspec.UnsetType = msgspec.field(name="class", default=msgspec.UNSET)

class Preset(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    a: str = "x"

class Float(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    a: float

class Holder(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    item: Item
    maybe: Item | None
    items: list[Item] | msgspec.UnsetType = msgspec.UNSET

class Node(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    name: str
    next: Node | None

class Cat(msgspec.Struct, kw_only=True, tag_field="kind", tag="cat"):
    lives: int

class Dog(msgspec.Struct, kw_only=True, tag_field="kind", tag="dog"):
    legs: int

class Pets(msgspec.Struct, kw_only=True):
    pet: Cat

Odd = typing.TypedDict("Odd", {'"': "int"})
Either = tornado_ws.untagged("Either", __name__, ("Item", "/$defs/Item"), ("list[int]", ""))
"""


@contextmanager
def proving(
    schema: Any, definitions: dict[str, Any], *, formats: bool = False, source: str = SOURCE
) -> Iterator[Prover]:
    """Provide a prover of the types in ``source``, with ``schema`` as ``/$defs/It``."""
    document = {"$id": "https://tornado-ws.invalid/it.json", "$defs": {"It": schema, "Item": ITEM, **definitions}}
    with prover(source, document, formats=formats) as types:
        yield types


def unproven(annotation: str, schema: Any, *, formats: bool = False, **definitions: Any) -> list[Unproven]:
    """Return the keywords of a schema that a type of :data:`SOURCE` does not guarantee."""
    with proving(schema, definitions, formats=formats) as types:
        return types.unproven(annotation, "/$defs/It")


def unproven_keywords(annotation: str, schema: Any, **definitions: Any) -> set[str]:
    """Return the names of these keywords."""
    return {one.keyword for one in unproven(annotation, schema, **definitions)}


def residual_checks(annotation: str, schema: Any, **definitions: Any) -> tuple[ResidualCheck, ...]:
    """Return the residual checks of a type of :data:`SOURCE`."""
    with proving(schema, definitions) as types:
        return types.residual_checks(annotation, "/$defs/It")


def passes_checks(codec: PayloadCodec, text: str) -> bool:
    """Return True if the codec accepts a text without validation of the whole schema."""
    try:
        value = codec.decode(text)
        return all(accepts(get(value)) for get, accepts in codec.checks)
    except msgspec.DecodeError:
        return False


def attack(codec: PayloadCodec, schema: Any, values: Iterable[Any]) -> None:
    """Assert that no value is valid for the type alone and invalid for the schema."""
    decoder = msgspec.json.Decoder(codec.type, dec_hook=codec.hook)
    validator = jsonschema_rs.Draft202012Validator(schema)
    for value in values:
        text = json.dumps(value)
        try:
            decoder.decode(text)
        except (msgspec.DecodeError, RecursionError):
            continue
        assert validator.is_valid(json.loads(text)), (codec.type, text)
