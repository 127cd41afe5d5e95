"""The judge: decides by the schema itself, through jsonschema-rs, and says why not."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any
from urllib.parse import quote

import jsonschema_rs
import msgspec

from .errors import ErrorData
from .faults import fault
from .hushed import hushed

__all__ = ["Judge", "matcher"]

LINEAR = jsonschema_rs.RegexOptions()
"""The engine that takes linear time, whatever the pattern and the text."""
FRAGMENT = "!$&'()*+,/:;=?@~"
"""What stands for itself in the fragment of a URI (RFC 3986), beside letters and digits."""
HOME = "https://tornado-ws.invalid/endpoint"
"""Base URI of documents that state none. Nothing is ever fetched from it."""


class Judge:
    """The verdict of one schema document on any part of its protocol."""

    def __init__(self, schema: str, *, formats: bool = False) -> None:
        """Read the document.

        Args:
            schema: a JSON Schema (2020-12) document as JSON text, complete in itself.
            formats: whether ``format`` is asserted.
        """
        self._formats = formats
        self._document: Any = msgspec.json.decode(schema)
        stated = self._document if isinstance(self._document, dict) else {}
        self._home: str = stated.get("$id", HOME)
        self._patterns: dict[str, str] = stated.get("patterns", {})
        self._registry = jsonschema_rs.Registry([(self._home, self._document)])
        self._deciding: dict[str, jsonschema_rs.Draft202012Validator] = {}
        self._explaining: dict[str, jsonschema_rs.Draft202012Validator] = {}

    def accepts(self, pointer: str) -> Callable[[Any], bool]:
        """Return the test of the schema at ``pointer``: takes plain JSON values."""
        if pointer not in self._deciding:
            self._deciding[pointer] = self._validator(pointer, self._registry)
        return self._deciding[pointer].is_valid

    def explain(self, pointer: str, value: Any) -> ErrorData | None:
        """Return why the schema at ``pointer`` refuses ``value``, or None if it does not. Stops at the first reason."""
        if pointer not in self._explaining:
            self._explaining[pointer] = self._validator(pointer, self._quiet)
        try:
            self._explaining[pointer].validate(value)
        except jsonschema_rs.ValidationError as error:
            return fault(error, self._patterns)
        except ValueError:  # an error keeps its value, of which 255 levels can be kept
            if not self.accepts(pointer)(value):
                return ErrorData(code="too_deep", message="expected fewer levels of arrays and objects")
        return None

    @cached_property
    def _quiet(self) -> jsonschema_rs.Registry:
        return jsonschema_rs.Registry([(self._home, hushed(self._document, self._home))])

    def _validator(self, pointer: str, registry: jsonschema_rs.Registry) -> jsonschema_rs.Draft202012Validator:
        return jsonschema_rs.Draft202012Validator(
            {"$ref": f"{self._home}#{quote(pointer, safe=FRAGMENT)}"},
            registry=registry,
            offline=True,
            mask="…",
            pattern_options=LINEAR,
            validate_formats=self._formats,
        )


def matcher(pattern: str) -> Callable[[str], bool]:
    """Return the test of a pattern, as the judge understands it.

    Raises:
        ValueError: it is none, or one that cannot be tested in linear time.
    """
    return jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=LINEAR).is_valid
