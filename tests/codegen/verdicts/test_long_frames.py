"""Frames with nested tags: the long ones, decoded through plain values, are decoded like the short ones."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from tornado_ws import InvalidFrame
from tornado_ws.validation.codec import Codec
from tornado_ws.validation.decoder import NESTED
from tornado_ws.validation.nested_tags import has_nested_tags

from ..support import package
from ..support.generated import payload

NODE = {"$ref": "#/$defs/Node"}
TEXTS: list[str] = [
    *("1", "1.0", "-0", "-0.0", "1.5", "1e2", "1E400", "-1e-400", "9007199254740993", "9007199254740993.0"),
    *("9223372036854775808", "18446744073709551616", "1" + "0" * 40, "9" * 400, "0.1", "9" * 30 + ".5"),
    *('""', '"a"', '"\\u00e9\\ud83d\\ude00"', '"2024-01-31"', '"2024-01-31T10:00:00Z"', '"2024-01-31T23:59:60Z"'),
    *('"00000000-0000-4000-8000-000000000000"', '"24:00:00Z"', '"10:00:00Z"', '"red"', '"green"'),
    *("null", "true", "false", "[]", "{}", "[1,2.0]", '{"a":1,"a":2}', '{"type":"leaf"}', "nope", '"\\ud800"'),
]
"""Texts of values, also of those that are valid nowhere and of those that are not JSON."""
PROPERTIES: dict[str, Any] = {
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "small": {"type": "integer", "minimum": 0, "maximum": 2**60},
    "scalar": {"type": ["number", "string", "null"]},
    "any": True,
    "text": {"type": "string", "minLength": 1},
    "enum": {"enum": ["red", 1, None]},
    "numbers": {"type": "array", "items": {"type": "number"}},
    "map": {"type": "object", "additionalProperties": {"type": "integer"}},
    "union": {"anyOf": [{"type": "array", "items": {"type": kind}} for kind in ("integer", "string")]},
    "date": {"type": "string", "format": "date"},
    "instant": {"type": "string", "format": "date-time"},
    "time": {"type": "string", "format": "time"},
    "uuid": {"type": "string", "format": "uuid"},
}


def definitions(type_: str, tags: tuple[Any, ...], *, closed: bool) -> dict[str, Any]:
    """Return definitions of recursive structs with a tag."""
    nested = {"args": {"type": "array", "items": NODE}, "inner": {"anyOf": [NODE, {"type": "null"}]}}
    records = [
        {
            "type": "object",
            "properties": {type_: {"const": tag}, **nested, **PROPERTIES},
            "required": [type_],
            **({"additionalProperties": False} if closed else {}),
        }
        for tag in tags
    ]
    return {"Node": {"oneOf": records}}


def members(rng: random.Random, type_: str, tags: tuple[str, ...], depth: int) -> list[str]:
    """Return the texts of members, in any order and some of them twice."""
    names = rng.sample([*PROPERTIES], rng.choice((0, 1, 1, 2)))
    found = [f'"{name}":{rng.choice(TEXTS)}' for name in names]
    found += [f'"{type_}":{rng.choice(tags)}' for _ in range(rng.choice((1, 1, 1, 1, 1, 1, 2)))]
    if depth:
        inner = [node(rng, type_, tags, depth - 1) for _ in range(rng.choice((1, 1, 2)))]
        found.append(rng.choice((f'"inner":{inner[0]}', f'"args":[{",".join(inner)}]')))
    if rng.random() < 0.05:
        found += [rng.choice(found), '"other":1']
    rng.shuffle(found)
    return found


def node(rng: random.Random, type_: str, tags: tuple[str, ...], depth: int) -> str:
    return f"{{{','.join(members(rng, type_, tags, depth))}}}"


def result(codec: Codec, frame: str) -> tuple[bool, str]:
    """Return the text of the decoded data, which distinguishes 1 from 1.0 and 0.0 from -0.0, or of the error."""
    try:
        return True, repr(codec.decode(frame).data)
    except InvalidFrame as invalid:
        return False, repr(invalid.error)


@pytest.mark.parametrize("typed_formats", [False, True])
@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize(
    ("tags", "texts"),
    [(("and", "or", "leaf"), ('"and"', '"or"', '"leaf"', '"leaf"')), ((1, 2, 3), ("1", "2", "3", "3", "3.0"))],
)
def test_long_frames_are_decoded_like_short_ones(
    tmp_path: Path, tags: tuple[Any, ...], texts: tuple[str, ...], closed: bool, typed_formats: bool
) -> None:
    rng = random.Random(f"{tags} {closed} {typed_formats}")
    files = {"test.json": payload(NODE, **{"$defs": definitions("type", tags, closed=closed)})}
    found = package.endpoint(package.module(tmp_path, files, typed_formats=typed_formats))
    codec = Codec(found, side="client")
    assert found.server[0].payload is not None
    assert has_nested_tags(found.server[0].payload.type)
    verdicts = []

    for _ in range(1000):
        frame = f'{{"type":"it","data":{node(rng, "type", texts, rng.randrange(4))}}}'
        verdict, text = result(codec, frame)
        verdicts.append(verdict)
        assert result(codec, frame + " " * NESTED) == (verdict, text), frame

    assert 100 < sum(verdicts) < 900


def test_depth_of_a_long_frame_has_the_limit_of_a_short_one(tmp_path: Path) -> None:
    files = {"test.json": payload(NODE, **{"$defs": definitions("type", ("a", "b"), closed=False)})}
    codec = Codec(package.endpoint(package.module(tmp_path, files)), side="client")

    for depth in (400, 600):
        frame = '{"type":"it","data":' + '{"args":[' * depth + '{"type":"a"}' + '],"type":"b"}' * depth + "}"
        short, long = result(codec, frame), result(codec, frame + " " * NESTED)
        assert short[0] == long[0] == (depth == 400)
        assert short[0] or short == long
