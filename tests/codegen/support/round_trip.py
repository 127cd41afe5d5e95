"""Comparison of a JSON value with the same value after decoding and encoding."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import jsonschema_rs

from codegen import model
from codegen.runtime_schema import runtime_schema
from codegen.source.json_pointer import escape

__all__ = ["RoundTrip", "first_difference"]

BASE = "https://example.org/round-trip"

MayMiss = Callable[[str, str], bool]
MayAdd = Callable[[str, Any], bool]


class RoundTrip:
    """The members that decoding and encoding may lose and add, for the messages of an endpoint.

    The annotations of the validator decide about lost members (JSON Schema core, section 10.3.2): a member is declared
    if a keyword of a schema that is valid for the object applies to it. Only msgspec adds members, with their default.
    """

    def __init__(self, endpoint: model.Endpoint, *, models: str, unknown: str) -> None:
        document = runtime_schema(endpoint.bundle)
        self._base = document.get("$id", BASE)
        self._registry = jsonschema_rs.Registry([(self._base, document)])
        self._validators: dict[str, jsonschema_rs.Draft202012Validator] = {}
        self._may_lose = unknown == "ignore"
        self._defaults: dict[str, list[Any]] = {}
        for definition in endpoint.definitions if models == "msgspec" else ():
            for field in definition.fields if isinstance(definition, model.Record) else ():
                if field.default is not model.NO_DEFAULT:
                    self._defaults.setdefault(field.name, []).append(field.default)

    def first_difference(self, pointer: str, value: Any, sent: Any) -> str | None:
        """Return the place of the first difference of a value, by the schema at a pointer, to the one that is sent."""
        found = first_difference(value, sent, lambda *_: False, self._is_default)
        if found is None or not self._may_lose:
            return found
        declared = self._declared(pointer, value)
        return first_difference(value, sent, lambda at, name: (at, name) not in declared, self._is_default)

    def _is_default(self, name: str, value: Any) -> bool:
        """Return True for a default of a field, which may lose the same members as a value."""
        return any(
            first_difference(default, value, lambda *_: self._may_lose, self._is_default) is None
            for default in self._defaults.get(name, ())
        )

    def _declared(self, pointer: str, value: Any) -> set[tuple[str, str]]:
        if pointer not in self._validators:
            reference = {"$ref": f"{self._base}#{quote(pointer, safe='/~')}"}
            self._validators[pointer] = jsonschema_rs.Draft202012Validator(reference, registry=self._registry)
        return {
            (one["instanceLocation"], name)
            for one in self._validators[pointer].evaluate(value).annotations()
            if one["schemaLocation"].endswith("roperties")
            for name in one["annotations"]
        }


def first_difference(value: Any, sent: Any, may_miss: MayMiss, may_add: MayAdd, at: str = "") -> str | None:
    """Return the JSON Pointer to the first difference between two JSON values; None if there is none.

    Args:
        value: First value.
        sent: Second value.
        may_miss: Predicate for members that only the first one has: the pointer to their object, and their name.
        may_add: Predicate for members that only the second one has: their name and value.
        at: Pointer to the values.
    """
    return next(_differences(value, sent, may_miss, may_add, at), None)


def _differences(value: Any, sent: Any, may_miss: MayMiss, may_add: MayAdd, at: str) -> Iterator[str]:
    if isinstance(value, dict) and isinstance(sent, dict):
        yield from (f"{at}/{escape(name)}" for name in value.keys() - sent.keys() if not may_miss(at, name))
        yield from (f"{at}/{escape(name)}" for name in sent.keys() - value.keys() if not may_add(name, sent[name]))
        for name in value.keys() & sent.keys():
            yield from _differences(value[name], sent[name], may_miss, may_add, f"{at}/{escape(name)}")
    elif isinstance(value, list) and isinstance(sent, list) and len(value) == len(sent):
        for position, (one, other) in enumerate(zip(value, sent, strict=True)):
            yield from _differences(one, other, may_miss, may_add, f"{at}/{position}")
    elif isinstance(value, bool) is not isinstance(sent, bool) or value != sent:
        yield at
