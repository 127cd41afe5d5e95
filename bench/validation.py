"""Time of validation: what a message costs to receive and to send, beside the decoder alone and beside peers.

``python -m bench.validation`` prints tables; ``--write`` puts them into ``docs/benchmarks.md`` too.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from timeit import Timer
from types import ModuleType
from typing import Annotated, Any, Literal, Union

import fastjsonschema
import jsonschema
import msgspec
import pydantic

from codegen.generate import generate
from codegen.settings import Settings
from tornado_ws import Refused
from tornado_ws.codec import Codec
from tornado_ws.judge import Judge

from . import report
from .cpu import SERVER_CORE, pinned

ROUNDS = 31
SLICE = 0.01
"""Seconds that each candidate runs in each round."""

TEXT = {"type": "string", "maxLength": 2000}
SAY = {
    "type": "object",
    "properties": {"room": {"type": "string", "minLength": 1, "maxLength": 40}, "text": TEXT, "n": {"type": "integer"}},
    "required": ["room", "text", "n"],
    "additionalProperties": False,
}
POST = {
    "type": "object",
    "properties": {
        "id": {"type": "integer", "minimum": 1},
        "author": {
            "type": "object",
            "properties": {
                "name": {"type": "string", "minLength": 1, "maxLength": 60},
                "mail": {"type": "string", "maxLength": 80},
                "admin": {"type": "boolean"},
            },
            "required": ["name", "mail", "admin"],
            "additionalProperties": False,
        },
        "title": {"type": "string", "minLength": 1, "maxLength": 120},
        "body": TEXT,
        "tags": {"type": "array", "items": {"type": "string", "maxLength": 30}, "maxItems": 20},
        "attachments": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "href": {"type": "string", "maxLength": 200},
                    "size": {"type": "integer", "minimum": 0},
                    "kind": {"enum": ["image", "text", "other"]},
                },
                "required": ["href", "size", "kind"],
                "additionalProperties": False,
            },
            "maxItems": 10,
        },
        "score": {"type": "number", "minimum": 0, "maximum": 1},
        "draft": {"type": "boolean"},
        "reply": {"type": ["integer", "null"]},
    },
    "required": ["id", "author", "title", "body", "tags", "attachments", "score", "draft", "reply"],
    "additionalProperties": False,
}


def with_field(schema: dict[str, Any], name: str, **limits: Any) -> dict[str, Any]:
    """Return a schema with more limits for one field."""
    properties = schema["properties"]
    return schema | {"properties": properties | {name: properties[name] | limits}}


SCHEMAS: dict[str, dict[str, Any]] = {
    "say": SAY,
    "post": POST,
    "say_field": with_field(SAY, "room", pattern="^[a-z]+$"),
    "post_field": with_field(POST, "tags", uniqueItems=True),
    "post_part": with_field(POST, "attachments", uniqueItems=True),
    "say_whole": SAY | {"not": {"properties": {"n": {"const": 0}}}},
    "post_whole": POST | {"not": {"properties": {"id": {"const": 7}}}},
    "many": {"type": "array", "items": {"type": "integer"}},
}
SMALL = {"room": "lobby", "text": "hello, all of you", "n": 12}
LARGE = {
    "id": 4711,
    "author": {"name": "Ada Lovelace", "mail": "ada@example.org", "admin": False},
    "title": "Notes on the Analytical Engine",
    "body": "The Analytical Engine weaves algebraic patterns just as the Jacquard loom weaves flowers and leaves. " * 4,
    "tags": ["engines", "notes", "mathematics", "history"],
    "attachments": [
        {"href": f"https://example.org/files/{name}", "size": size, "kind": kind}
        for name, size, kind in (
            ("plate-1.png", 48213, "image"),
            ("table.txt", 1290, "text"),
            ("cards.bin", 7, "other"),
        )
    ],
    "score": 0.875,
    "draft": False,
    "reply": None,
}


def raw(name: str, data: object) -> bytes:
    """Return a frame."""
    return json.dumps({"type": name, "data": data}, separators=(",", ":")).encode()


@contextlib.contextmanager
def generated() -> Iterator[ModuleType]:
    """Generate and import the module of an endpoint that carries all of :data:`SCHEMAS` in both directions."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "schemas").mkdir()
        messages = {name: {"payload": {"$ref": f"#/$defs/{name}"}} for name in SCHEMAS}
        document = {"kind": "ephemeral", "clientMessages": messages, "serverMessages": messages, "$defs": SCHEMAS}
        (root / "schemas/bench.json").write_text(json.dumps(document), encoding="utf-8")
        folders = {name: root / name for name in ("schemas", "generated", "client")}
        generate(
            Settings(
                schemas=folders["schemas"], python=folders["generated"], client=folders["client"], source="schemas"
            )
        )
        spec = importlib.util.spec_from_file_location("bench_validation_generated", root / "generated/bench.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        yield module


Run = tuple[Callable[[Any], object], Any]
"""A function and what it is called with."""


def measure(runs: Mapping[str, Run]) -> dict[str, float]:
    """Return the nanoseconds of each call: the median of rounds in which all of them take turns."""
    timers = {name: Timer("run(value)", globals={"run": run, "value": value}) for name, (run, value) in runs.items()}
    counts = {name: max(1, int(SLICE / (timer.timeit(10) / 10))) for name, timer in timers.items()}
    times: dict[str, list[float]] = {name: [] for name in timers}
    for _ in range(ROUNDS):
        for name, timer in timers.items():
            times[name].append(timer.timeit(counts[name]) / counts[name] * 1e9)
    return {name: statistics.median(values) for name, values in times.items()}


def receiving(module: ModuleType) -> tuple[str, list[tuple[str, str, str, bool]]]:
    """Measure what a server does with what arrives."""
    codec = Codec(module.BENCH)
    decode = codec.decode
    bare = decoder(module)
    small, large = raw("say", SMALL), raw("post", LARGE)
    runs: dict[str, tuple[Run, Run]] = {
        "msgspec, typed decode alone": ((bare, small), (bare, large)),
        "tornado-ws, proved": ((decode, small), (decode, large)),
        "tornado-ws, one field checked": ((decode, raw("say_field", SMALL)), (decode, raw("post_field", LARGE))),
        "tornado-ws, one list of records checked": (None, (decode, raw("post_part", LARGE))),
        "tornado-ws, second pass over everything": (
            (decode, raw("say_whole", SMALL)),
            (decode, raw("post_whole", LARGE)),
        ),
        "tornado-ws, integer written 1.0": (
            (decode, raw("say", SMALL | {"n": 1.0})),
            (decode, raw("post", LARGE | {"id": 1.0})),
        ),
        "tornado-ws, refused with pointer and keyword": (
            (refuse(codec), raw("say", SMALL | {"room": ""})),
            (refuse(codec), raw("post", LARGE | {"id": 0})),
        ),
        "pydantic, strict": ((pydantic_decode(), small), (pydantic_decode(), large)),
        "json + fastjsonschema": ((fast_decode("say"), small), (fast_decode("post"), large)),
        "json + jsonschema": ((slow_decode("say"), small), (slow_decode("post"), large)),
    }
    first = measure({name: pair[0] for name, pair in runs.items()})
    second = measure({name: pair[1] for name, pair in runs.items()})
    alone, proved, field, whole, _, refused, *_ = runs
    head = ("received", f"{len(small)} bytes, ns", "times", f"{len(large)} bytes, ns", "times")
    rows = [
        (
            name,
            f"{first[name]:,.0f}",
            f"{first[name] / first[alone]:.2f}",
            f"{second[name]:,.0f}",
            f"{second[name] / second[alone]:.2f}",
        )
        for name in runs
    ]
    judge = Judge(module.BENCH.schema)
    explained = measure({"": (lambda value: judge.explain("/$defs/many", value), ["x"] * 100_000)})[""]
    bars = [
        bar(f"proved, {len(small)} bytes", first[proved] / first[alone], 1.6),
        bar(f"proved, {len(large)} bytes", second[proved] / second[alone], 1.15),
        bar(f"second pass, {len(small)} bytes", first[whole] / first[alone], 3),
        bar(f"second pass, {len(large)} bytes", second[whole] / second[alone], 3),
        bar("one field, µs more", (first[field] - first[proved]) / 1000, 0.35),
        bar("refused, µs", first[refused] / 1000, 10),
        bar("100,000 wrong items found, µs", explained / 1000, 10),
    ]
    return report.table(head, rows), bars


def sending(module: ModuleType) -> tuple[str, list[tuple[str, str, str, bool]]]:
    """Measure what a server does with what it sends."""
    checked, trusting = Codec(module.BENCH), Codec(module.BENCH, check_outgoing=False)
    small, large = built(module.Say, SMALL), built(module.Post, LARGE)
    runs: dict[str, tuple[Run, Run]] = {
        "msgspec, encode and typed decode": ((both_ways(module.Say), small), (both_ways(module.Post), large)),
        "tornado-ws, checked": ((checked.encode, small), (checked.encode, large)),
        "tornado-ws, one field checked": (
            (checked.encode, built(module.SayField, SMALL)),
            (checked.encode, built(module.PostField, LARGE)),
        ),
        "tornado-ws, not checked": ((trusting.encode, small), (trusting.encode, large)),
        "pydantic, validate and dump": ((pydantic_encode(Say), SMALL), (pydantic_encode(Post), LARGE)),
        "json + fastjsonschema": ((fast_encode("say"), SMALL), (fast_encode("post"), LARGE)),
    }
    first = measure({name: pair[0] for name, pair in runs.items()})
    second = measure({name: pair[1] for name, pair in runs.items()})
    alone, proved, *_ = runs
    rows = [
        (
            name,
            f"{first[name]:,.0f}",
            f"{first[name] / first[alone]:.2f}",
            f"{second[name]:,.0f}",
            f"{second[name] / second[alone]:.2f}",
        )
        for name in runs
    ]
    head = ("sent", f"{len(raw('say', SMALL))} bytes, ns", "times", f"{len(raw('post', LARGE))} bytes, ns", "times")
    bars = [
        bar("checked, small", first[proved] / first[alone], 2),
        bar("checked, large", second[proved] / second[alone], 2),
    ]
    return report.table(head, rows), bars


def bar(name: str, figure: float, wanted: float) -> tuple[str, str, str, bool]:
    """Return a line of the table of what was to be reached."""
    return name, f"at most {wanted:g}", f"{figure:.2f}", figure <= wanted


def built(kind: Any, data: Any) -> Any:
    """Return an instance of a message class."""
    return msgspec.convert(data, kind)


def decoder(module: ModuleType) -> Callable[[bytes], object]:
    """Return the decoder of the same frames, made by hand."""
    frames = [
        msgspec.defstruct(
            message.name,
            [("data", message.payload.type)],
            tag_field="type",
            tag=message.name,
            forbid_unknown_fields=True,
        )
        for message in module.BENCH.client
    ]
    return msgspec.json.Decoder(Union[tuple(frames)]).decode  # noqa: UP007


def both_ways(kind: Any) -> Callable[[Any], object]:
    """Return what encodes an instance and decodes it."""
    encode, decode = msgspec.json.Encoder().encode, msgspec.json.Decoder(kind).decode
    return lambda message: decode(encode(message))


def refuse(codec: Codec) -> Callable[[bytes], object]:
    """Return what decodes a frame that is refused."""

    def run(frame: bytes) -> None:
        with contextlib.suppress(Refused):
            codec.decode(frame)

    return run


class Closed(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(strict=True, extra="forbid")


class Say(Closed):
    room: Annotated[str, pydantic.Field(min_length=1, max_length=40)]
    text: Annotated[str, pydantic.Field(max_length=2000)]
    n: int


class Author(Closed):
    name: Annotated[str, pydantic.Field(min_length=1, max_length=60)]
    mail: Annotated[str, pydantic.Field(max_length=80)]
    admin: bool


class Attachment(Closed):
    href: Annotated[str, pydantic.Field(max_length=200)]
    size: Annotated[int, pydantic.Field(ge=0)]
    kind: Literal["image", "text", "other"]


class Post(Closed):
    id: Annotated[int, pydantic.Field(ge=1)]
    author: Author
    title: Annotated[str, pydantic.Field(min_length=1, max_length=120)]
    body: Annotated[str, pydantic.Field(max_length=2000)]
    tags: Annotated[list[Annotated[str, pydantic.Field(max_length=30)]], pydantic.Field(max_length=20)]
    attachments: Annotated[list[Attachment], pydantic.Field(max_length=10)]
    score: Annotated[float, pydantic.Field(ge=0, le=1)]
    draft: bool
    reply: int | None


class SayFrame(Closed):
    type: Literal["say"]
    data: Say


class PostFrame(Closed):
    type: Literal["post"]
    data: Post


def pydantic_decode() -> Callable[[bytes], object]:
    """Return what reads a frame with pydantic."""
    frames = Annotated[SayFrame | PostFrame, pydantic.Field(discriminator="type")]
    adapter: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(frames)
    return adapter.validate_json


def pydantic_encode(kind: type[pydantic.BaseModel]) -> Callable[[Any], object]:
    """Return what builds a model and writes it."""
    return lambda data: kind.model_validate(data).model_dump_json()


def fast_decode(name: str) -> Callable[[bytes], object]:
    """Return what reads a frame with fastjsonschema."""
    check = fastjsonschema.compile(SCHEMAS[name])
    return lambda frame: check(json.loads(frame)["data"])


def fast_encode(name: str) -> Callable[[Any], object]:
    """Return what checks and writes a payload with fastjsonschema."""
    check = fastjsonschema.compile(SCHEMAS[name])
    return lambda data: json.dumps(check(data))


def slow_decode(name: str) -> Callable[[bytes], object]:
    """Return what reads a frame with jsonschema."""
    validator = jsonschema.Draft202012Validator(SCHEMAS[name])
    return lambda frame: validator.is_valid(json.loads(frame)["data"])


def main() -> None:
    """Measure, print, and write if wanted."""
    with generated() as module, pinned(SERVER_CORE):
        received, missed = receiving(module)
        sent, more = sending(module)
    text = "\n\n".join((received, sent, report.bars([*missed, *more])))
    print(text)
    if "--write" in sys.argv:
        report.write("validation", text)


if __name__ == "__main__":
    main()
