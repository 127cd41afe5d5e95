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


Pair = tuple[Run | None, Run]
"""What is run with a small message, and with a large one."""


def compare(runs: Mapping[str, Pair], head: str) -> tuple[str, dict[str, float], dict[str, float]]:
    """Return a table of what takes how long, relative to the first, and the figures for small and large messages."""
    small = measure({name: pair[0] for name, pair in runs.items() if pair[0] is not None})
    large = measure({name: pair[1] for name, pair in runs.items()})
    first = next(iter(runs))

    def cells(times: Mapping[str, float], name: str) -> tuple[str, str]:
        return (f"{times[name]:,.0f}", f"{times[name] / times[first]:.2f}") if name in times else ("", "")

    sizes = (len(raw("say", SMALL)), len(raw("post", LARGE)))
    title = (head, f"{sizes[0]} bytes, ns", "times", f"{sizes[1]} bytes, ns", "times")
    return report.table(title, ((name, *cells(small, name), *cells(large, name)) for name in runs)), small, large


def receiving(module: ModuleType) -> tuple[str, list[Bar]]:
    """Measure what a server does with what arrives."""
    codec, judge = Codec(module.BENCH), Judge(module.BENCH.schema)
    decode, bare, refused = codec.decode, decoder(module), refuse(codec)
    small, large = raw("say", SMALL), raw("post", LARGE)
    text, times, more = compare(
        {
            "msgspec, typed decode alone": ((bare, small), (bare, large)),
            "tornado-ws, proved": ((decode, small), (decode, large)),
            "tornado-ws, one field checked": ((decode, raw("say_field", SMALL)), (decode, raw("post_field", LARGE))),
            "tornado-ws, one list of records checked": (None, (decode, raw("post_part", LARGE))),
            "tornado-ws, everything judged again": (
                (decode, raw("say_whole", SMALL)),
                (decode, raw("post_whole", LARGE)),
            ),
            "tornado-ws, an integer written 1.0": (
                (decode, raw("say", SMALL | {"n": 1.0})),
                (decode, raw("post", LARGE | {"id": 1.0})),
            ),
            "tornado-ws, refused": (
                (refused, raw("say", SMALL | {"room": ""})),
                (refused, raw("post", LARGE | {"id": 0})),
            ),
            "pydantic, strict": ((pydantic_decode(), small), (pydantic_decode(), large)),
            "json + fastjsonschema": ((fast_decode("say"), small), (fast_decode("post"), large)),
            "json + jsonschema": ((slow_decode("say"), small), (slow_decode("post"), large)),
        },
        "received",
    )
    alone, proved, field, part, whole, _, wrong, *_ = more
    many = measure({"": (lambda value: judge.explain("/$defs/many", value), ["x"] * 100_000)})[""]
    return text, [
        bar("proved, small", times[proved] / times[alone], 1.6),
        bar("proved, large", more[proved] / more[alone], 1.15),
        bar("one field, µs more", (times[field] - times[proved]) / 1000, 0.2),
        bar("one list of records, large", more[part] / more[alone], 3),
        bar("everything, small", times[whole] / times[alone], 3),
        bar("everything, large", more[whole] / more[alone], 3),
        bar("refused, µs", times[wrong] / 1000, 10),
        bar("first of 100,000 wrong items found, µs", many / 1000, 10),
    ]


def sending(module: ModuleType) -> tuple[str, list[Bar]]:
    """Measure what a server does with what it sends."""
    checked, trusting = Codec(module.BENCH), Codec(module.BENCH, check_outgoing=False)
    small, large = msgspec.convert(SMALL, module.Say), msgspec.convert(LARGE, module.Post)
    fields = (msgspec.convert(SMALL, module.SayField), msgspec.convert(LARGE, module.PostField))
    text, times, more = compare(
        {
            "msgspec, encode and typed decode": ((both_ways(module.Say), small), (both_ways(module.Post), large)),
            "tornado-ws, checked": ((checked.encode, small), (checked.encode, large)),
            "tornado-ws, one field checked": ((checked.encode, fields[0]), (checked.encode, fields[1])),
            "tornado-ws, not checked": ((trusting.encode, small), (trusting.encode, large)),
            "pydantic, validate and dump": ((pydantic_encode(Say), SMALL), (pydantic_encode(Post), LARGE)),
            "json + fastjsonschema": ((fast_encode("say"), SMALL), (fast_encode("post"), LARGE)),
        },
        "sent",
    )
    alone, proved, *_ = more
    return text, [
        bar("checked, small", times[proved] / times[alone], 2),
        bar("checked, large", more[proved] / more[alone], 2),
    ]


Bar = tuple[str, str, str, bool]


def bar(name: str, figure: float, wanted: float) -> Bar:
    """Return a line of the table of what was to be reached."""
    return name, f"at most {wanted:g}", f"{figure:.2f}", figure <= wanted


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
