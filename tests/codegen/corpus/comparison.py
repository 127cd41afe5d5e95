"""Comparison of both languages, and of both kinds of Python models, on instances of published schemas."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
from ..support.samples import sample
from ..support.schema_instances import SchemaInstances
from .published import ENDPOINT, PublishedSchema

__all__ = ["Comparison"]

MODELS: tuple[Models, ...] = ("msgspec", "pydantic")
TRIES = 5
"""Instances for a valid one."""


@dataclass(frozen=True)
class _Instance:
    """JSON value of a message, and the error that the server reports."""

    schema: str
    message: str
    value: Any
    error: tuple[Any, ...] | None


@dataclass
class Comparison:
    """Instances of schemas, and the places where two sides differ."""

    folder: Path
    schemas: int = 0
    """Number of compared schemas."""
    messages: int = 0
    """Number of compared definitions."""
    instances: int = 0
    valid: int = 0
    differences: list[tuple[Any, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._client = Client(self.folder / "client")
        self._queued: list[_Instance] = []

    def add(self, schema: PublishedSchema, count: int, rng: random.Random) -> None:
        """Compare both Python models on instances of a schema, and queue them for the page.

        Args:
            schema: Schema; nothing happens if codegen reports problems.
            count: Number of instances.
            rng: Source of the instances.
        """
        project = self.folder / schema.id
        schema.write(project)
        try:
            (described,) = read(read_settings(project)).endpoints
        except SchemaProblems:
            return
        packages = [package for models in MODELS if (package := _package(described, project, models)) is not None]
        document = runtime_schema(described.bundle)
        validator = SchemaValidator(json.dumps(document))
        self._client.add([described], prefix=f"{schema.id}-")
        self.schemas += 1
        self.messages += len(described.server)
        for message, value in _instances(described, document, validator, count, rng):
            assert message.payload is not None
            error = validator.first_error(message.payload.pointer, value)
            found = None if error is None else (error.pointer, error.keyword, error.expected, error.message)
            self._queued.append(_Instance(schema.id, message.name, value, found))
            self.instances += 1
            self.valid += error is None
            for package in packages:
                self._compare_package(package, self._queued[-1])

    def _compare_package(self, package: _Package, instance: _Instance) -> None:
        place = (package.models, instance.schema, instance.message, instance.value)
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
            self.differences.append(("not sent again", *place, str(error)))
            return
        if again != sent or not is_part(sent, instance.value):
            self.differences.append(("changed", *place, sent, again))

    def compare_client(self) -> None:
        """Compare the page with the server on all queued instances."""
        for one in self._queued:
            self._client.queue(f"{one.schema}-{ENDPOINT}", one.value, message=one.message)
        for one, issue in zip(self._queued, self._client.results(messages=True), strict=True):
            found = issue and (issue["pointer"], issue["keyword"], issue.get("expected"), issue["message"])
            if found != one.error:
                self.differences.append(("page", one.schema, one.message, one.value, one.error, found))
        self._queued.clear()


def is_part(part: Any, whole: Any) -> bool:
    """Return True if two JSON values are equal but for members of objects that only one of them has.

    Decoding omits members that the schema does not declare, and adds defaults.
    """
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(is_part(part[name], whole[name]) for name in part.keys() & whole.keys())
    if isinstance(part, list) and isinstance(whole, list):
        return len(part) == len(whole) and all(map(is_part, part, whole))
    return isinstance(part, bool) is isinstance(whole, bool) and bool(part == whole)


class _Package:
    """Generated Python of an endpoint."""

    def __init__(self, described: model.Endpoint, folder: Path, models: Models) -> None:
        path = emit(folder / models, [described], models=models)[ENDPOINT]
        loaded = endpoint(run(path))
        validator = SchemaValidator(loaded.schema)
        self.models = models
        self._receiver = Codec(loaded, side="client")
        self._senders = {
            message.name: PayloadCodec(message.payload, validator)
            for message in loaded.server
            if message.payload is not None
        }

    def receive(self, message: str, value: Any) -> Any:
        """Return a payload as handlers receive it."""
        return self._receiver.decode(json.dumps({"type": message, "data": value})).data

    def send(self, message: str, value: Any) -> Any:
        """Return the JSON value of a payload that a handler sends."""
        return json.loads(self._senders[message].encode(value))


def _package(described: model.Endpoint, folder: Path, models: Models) -> _Package | None:
    """Return the generated Python, or None if codegen reports problems for these models."""
    try:
        return _Package(described, folder, models)
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
