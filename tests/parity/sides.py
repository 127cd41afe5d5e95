"""Validators of one message on both sides, server and page."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tornado_ws import InvalidFrame
from tornado_ws.validation.codec import Codec

from ..codegen.support.generated import Client, payload, read
from ..codegen.support.package import emit, endpoint, run

__all__ = ["NAME", "SHAPE", "BothSides", "Error", "first_error"]

NAME = {"type": "string", "minLength": 1, "maxLength": 8}
SHAPE = [
    {
        "type": "object",
        "properties": {"kind": {"const": kind}, "size": size, "name": NAME},
        "required": ["kind", "size"],
        "additionalProperties": False,
    }
    for kind, size in (
        ("circle", {"type": "number", "exclusiveMinimum": 0}),
        ("text", {"type": "integer", "maximum": 9}),
    )
]
"""Members of a union with a tag."""

Error = tuple[Any, ...]
"""Pointer, keyword, expected value and message."""


class BothSides:
    """First errors of values, by the validators of both sides."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._client = Client(folder / "client")
        self._schemas = 0
        self._values: list[tuple[str, Any, Error | None]] = []

    def add(self, name: str, schema: Any, values: Iterable[Any], *, formats: bool = False) -> None:
        """Generate both validators of a schema and pass values to them."""
        prefix = f"{self._schemas}-"
        self._schemas += 1
        files = {"test.json": payload({"$ref": "it.json"}), "it.json": schema}
        endpoints = read(self._folder / prefix, files, formats=formats)
        modules = emit(self._folder / prefix / "generated", endpoints)
        codec = Codec(endpoint(run(modules["test"])), side="client")
        self._client.add(endpoints, prefix=prefix)
        for value in values:
            self._client.queue(f"{prefix}test", value)
            self._values.append((name, value, first_error(codec, value)))

    def differences(self) -> list[tuple[str, Any, Error | None, Error | None]]:
        """Return name, value and both errors for each value with different errors."""
        found: list[tuple[str, Any, Error | None, Error | None]] = []
        for (name, value, server), issue in zip(self._values, self._client.results(messages=True), strict=True):
            page = issue and (issue["pointer"], issue["keyword"], issue.get("expected"), issue["message"])
            if server != page:
                found.append((name, value, server, page))
        return found

    @property
    def errors(self) -> list[Error | None]:
        """First errors of the server, in the order of the values."""
        return [server for _, _, server in self._values]

    @property
    def count(self) -> int:
        """Number of values."""
        return len(self._values)

    @property
    def rejected(self) -> int:
        """Number of invalid values."""
        return sum(server is not None for server in self.errors)


def first_error(codec: Codec, value: Any) -> Error | None:
    """Return the server's first error of a value."""
    try:
        codec.decode(json.dumps({"type": "it", "data": value}))
    except InvalidFrame as invalid:
        error = invalid.error
        assert error.code == "invalid_message", error
        assert error.keyword is not None, "expected the keyword of the error"
        return error.pointer, error.keyword, error.expected, error.message
    return None
