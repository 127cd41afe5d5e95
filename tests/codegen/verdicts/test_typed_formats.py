"""Verdicts and texts of strings with the type of their format, in both models."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tornado_ws import InvalidFrame
from tornado_ws.validation.codec import Codec

from ..support.generated import payload
from ..support.package import endpoint, module

FORMATS: dict[str, tuple[str, ...]] = {
    "date": ("2026-01-02", "2024-02-29", "0001-01-01"),
    "date-time": ("2026-01-02T03:04:05.123456+02:30", "2016-12-31T23:59:59Z", "2026-01-02 03:04:05"),
    "time": ("03:04:05.123456-02:30", "23:59:59Z", "03:04:05+0230"),
    "uuid": ("8c0e0f5a-3a3b-4a0e-9d5e-2f1f3c1f7b11", "8c0e0f5a3a3b4a0e9d5e2f1f3c1f7b11"),
}
UNREPRESENTABLE = {
    "date": ("0000-01-01",),
    "date-time": ("2016-12-31T23:59:60Z", "2017-01-01T00:59:60+01:00", "0000-01-01T00:00:00Z"),
    "time": ("23:59:60Z", "22:59:60-01:00"),
    "uuid": (),
}
CHARACTERS = "0123456789-+:.TtZz a{}é"


def mutations(texts: tuple[str, ...], count: int) -> Iterator[str]:
    """Yield texts that differ from valid ones in a few places."""
    rng = random.Random(7)
    for _ in range(count):
        text = rng.choice(texts)
        for _ in range(rng.choice((0, 1, 1, 2))):
            at = rng.randrange(len(text) + 1)
            text = text[:at] + rng.choice((rng.choice(CHARACTERS), "")) + text[at + rng.randrange(2) :]
        yield text


def outcomes(folder: Path, format_: str, models: Any) -> Iterator[tuple[str, bool, str | None, str | None]]:
    """Yield text, verdict of the schema, and error message or encoded text, for one format."""
    string = {"type": "string", "format": format_}
    schema = {"type": "object", "properties": {"it": string, "other": {"type": "array", "items": string}}}
    plain = Codec(endpoint(module(folder / "plain", {"test.json": payload(schema)}, formats=True)), side="client")
    options: dict[str, Any] = {"formats": True, "typed_formats": True}
    typed = endpoint(module(folder / "typed", {"test.json": payload(schema)}, models=models, **options))
    reader, writer = Codec(typed, side="client"), Codec(typed)
    for text in (*UNREPRESENTABLE[format_], *mutations(FORMATS[format_], 1000)):
        frame = json.dumps({"type": "it", "data": {"it": text, "other": [text]}})
        is_valid = True
        try:
            plain.decode(frame)
        except InvalidFrame:
            is_valid = False
        try:
            decoded = reader.decode(frame).data
        except InvalidFrame as invalid:
            yield text, is_valid, invalid.error.message, None
        else:
            sent = json.loads(writer.encode(decoded))["data"]
            assert [sent["it"]] == sent["other"]
            assert decoded == reader.decode(json.dumps({"type": "it", "data": sent})).data
            yield text, is_valid, None, sent["it"]


@pytest.mark.parametrize("models", ["msgspec", "pydantic"])
@pytest.mark.parametrize("format_", FORMATS)
def test_typed_text_has_the_verdict_of_its_schema(tmp_path: Path, format_: str, models: Any) -> None:
    found = [*outcomes(tmp_path, format_, models)]

    accepted = {text for text, is_valid, message, _ in found if is_valid and message is None}
    assert len(accepted) > 20
    assert not [text for text, is_valid, message, _ in found if not is_valid and message is None]
    unrepresentable = [(text, message) for text, is_valid, message, _ in found if is_valid and message is not None]
    assert {*UNREPRESENTABLE[format_]} <= {text for text, _ in unrepresentable}
    assert {message for _, message in unrepresentable} <= {"expected a value that its type can represent"}
    assert all(":60" in text or text.startswith("0000") for text, _ in unrepresentable)


@pytest.mark.parametrize(
    ("text", "by_models"),
    [
        ("2026-01-02T03:04:05.1234567Z", {"msgspec": "05.123457Z", "pydantic": "05.123456Z"}),
        ("2026-01-02T03:04:59.9999999Z", {"msgspec": "03:05:00Z", "pydantic": "59.999999Z"}),
        ("2026-01-02T03:04:05.1234560000Z", {"msgspec": "05.123456Z", "pydantic": "05.123456Z"}),
    ],
)
@pytest.mark.parametrize("models", ["msgspec", "pydantic"])
def test_fractions_of_a_second_have_six_digits_unless_a_pattern_keeps_the_text(
    tmp_path: Path, text: str, by_models: dict[str, str], models: Any
) -> None:
    string = {"type": "string", "format": "date-time"}
    schema = {"type": "object", "properties": {"at": string, "cursor": {**string, "pattern": "Z$"}}}
    made = endpoint(module(tmp_path, {"test.json": payload(schema)}, models=models, formats=True, typed_formats=True))

    data = Codec(made, side="client").decode(json.dumps({"type": "it", "data": {"at": text, "cursor": text}})).data
    sent = json.loads(Codec(made).encode(data))["data"]

    assert sent["at"].endswith(by_models[models])
    assert text == data.cursor == sent["cursor"]
