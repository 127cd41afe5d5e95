"""Comparison of both languages, and of both kinds of Python models, on instances of published schemas."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from codegen import model
from codegen.emit.python import Models
from codegen.pipeline import read
from codegen.runtime_schema import runtime_schema
from codegen.settings.project_settings import read_settings
from codegen.source.diagnostics import SchemaProblems
from tornado_ws import InvalidFrame
from tornado_ws.validation.codec import Codec
from tornado_ws.validation.payload import InvalidPayload, PayloadCodec
from tornado_ws.validation.schema_validator import SchemaValidator

from ..support.generated import Client
from ..support.mutants import mutants, sound
from ..support.package import emit, endpoint, run
from ..support.round_trip import RoundTrip
from ..support.samples import sample
from ..support.schema_instances import SchemaInstances
from .published import ENDPOINT, PublishedSchema

__all__ = ["UNKNOWN", "Comparison", "Unknown"]

Unknown = Literal["ignore", "keep", "forbid"]

UNKNOWN: tuple[Unknown, ...] = ("ignore", "keep", "forbid")
"""Settings for undeclared properties."""
MODELS: tuple[Models, ...] = ("msgspec", "pydantic")
TRIES = 5
"""Instances for a valid one."""


@dataclass(frozen=True)
class _Instance:
    """JSON value of a message, and the error that the server reports."""

    project: str
    message: str
    value: Any
    error: tuple[Any, ...] | None


@dataclass
class Comparison:
    """Instances of schemas, and the places where two sides differ."""

    folder: Path
    instances: int = 0
    """Number of compared instances."""
    differences: list[tuple[Any, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._client = Client(self.folder / "client")
        self._queued: list[_Instance] = []

    def add(self, schema: PublishedSchema, count: int, unknown: Unknown) -> None:
        """Compare both Python models on instances of a schema, and queue them for the page.

        Args:
            schema: Schema; nothing happens if codegen reports problems.
            count: Number of instances.
            unknown: Setting for undeclared properties.
        """
        name = f"{schema.id}-{unknown}"
        project, rng = self.folder / name, random.Random(name)
        schema.write(project, unknown=unknown)
        try:
            (described,) = read(read_settings(project)).endpoints
        except SchemaProblems:
            return
        packages = [
            package for models in MODELS if (package := _package(described, project, models, unknown)) is not None
        ]
        document = runtime_schema(described.bundle)
        validator = SchemaValidator(json.dumps(document))
        self._client.add([described], prefix=f"{name}-")
        for message, value in _instances(described, document, validator, count, rng):
            assert message.payload is not None
            error = validator.first_error(message.payload.pointer, value)
            found = None if error is None else (error.pointer, error.keyword, error.expected, error.message)
            self._queued.append(_Instance(name, message.name, value, found))
            self.instances += 1
            for package in packages:
                self._compare_package(package, self._queued[-1])

    def _compare_package(self, package: _Package, instance: _Instance) -> None:
        place = (package.models, instance.project, instance.message, instance.value)
        try:
            received = package.receive(instance.message, instance.value)
        except InvalidFrame as error:
            if instance.error is None:
                self.differences.append(("refused", *place, str(error)))
            return
        if instance.error is not None:
            self.differences.append(("accepted", *place, instance.error))
            return
        try:
            sent = package.send(instance.message, received)
            again = package.send(instance.message, package.receive(instance.message, sent))
        except (InvalidFrame, InvalidPayload) as error:
            if package.models == "pydantic" or "[uniqueItems]" not in str(error):  # docs/reference/schema.md: defaults
                self.differences.append(("not sent again", *place, str(error)))
            return
        changed = package.first_difference(instance.message, instance.value, sent)
        if again != sent or changed is not None:
            self.differences.append(("changed", changed, *place, sent, again))

    def compare_client(self) -> None:
        """Compare the page with the server on all queued instances."""
        for one in self._queued:
            self._client.queue(f"{one.project}-{ENDPOINT}", one.value, message=one.message)
        for one, issue in zip(self._queued, self._client.results(messages=True), strict=True):
            found = issue and (issue["pointer"], issue["keyword"], issue.get("expected"), issue["message"])
            if found != one.error:
                self.differences.append(("page", one.project, one.message, one.value, one.error, found))
        self._queued.clear()


class _Package:
    """Generated Python of an endpoint."""

    def __init__(self, described: model.Endpoint, folder: Path, models: Models, unknown: Unknown) -> None:
        path = emit(folder / models, [described], models=models)[ENDPOINT]
        loaded = endpoint(run(path))
        validator = SchemaValidator(loaded.schema)
        self.models = models
        self._round_trip = RoundTrip(described, models=models, unknown=unknown)
        self._receiver = Codec(loaded, side="client")
        self._senders = {
            message.name: PayloadCodec(message.payload, validator)
            for message in loaded.server
            if message.payload is not None
        }
        self._pointers = {
            message.name: message.payload.pointer for message in described.server if message.payload is not None
        }

    def receive(self, message: str, value: Any) -> Any:
        """Return a payload as handlers receive it."""
        return self._receiver.decode(json.dumps({"type": message, "data": value})).data

    def send(self, message: str, value: Any) -> Any:
        """Return the JSON value of a payload that a handler sends."""
        return json.loads(self._senders[message].encode(value))

    def first_difference(self, message: str, value: Any, sent: Any) -> str | None:
        """Return the place of the first difference of a sent payload that the setting for properties does not allow."""
        return self._round_trip.first_difference(self._pointers[message], value, sent)


def _package(described: model.Endpoint, folder: Path, models: Models, unknown: Unknown) -> _Package | None:
    """Return the generated Python, or None if codegen reports problems for these models."""
    try:
        return _Package(described, folder, models, unknown)
    except SchemaProblems:
        return None


def _instances(
    described: model.Endpoint, document: Any, validator: SchemaValidator, count: int, rng: random.Random
) -> Iterator[tuple[model.Message, Any]]:
    """Yield about ``count`` instances of all messages by turns: of the schema, of the type, and mutants of them."""
    definitions = {definition.name: definition for definition in described.definitions}
    source = SchemaInstances(document, rng)
    for _ in range(count // (2 * len(described.server) or count) + 1):
        for message in described.server:
            assert message.payload is not None
            payload, is_valid = message.payload, validator.predicate(message.payload.pointer)
            for _ in range(TRIES):
                value = source.make(payload.pointer)
                if is_valid(value):
                    break
            else:
                value = sample(payload.type, definitions, rng)
            for one in sound([value, *mutants(value, rng, 1)]):
                yield message, json.loads(json.dumps(one))
