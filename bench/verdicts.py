"""Measures validation; ``python -m bench validation`` runs this where the peers are installed."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from timeit import Timer
from types import ModuleType
from typing import Any, Literal, Union

import msgspec

from codegen.pipeline import generate
from codegen.settings import Settings
from tornado_ws.validation.codec import Codec
from tornado_ws.validation.schema_validator import SchemaValidator

from . import report
from .cpu import SERVER_CORE, pinned
from .language_server import META_MODEL
from .language_server import document as language_server
from .samples import LARGE, MANY, OTHER, POST, RECORDS, SAY, SCHEMAS, SMALL, raw
from .validators import Post, Say, fast_decode, fast_encode, pydantic_decode, pydantic_encode, slow_decode

ROUNDS = 5 if "--quick" in sys.argv else 31
SLICE = 0.01
"""Seconds of processor time that each candidate runs in each round."""


@contextlib.contextmanager
def generated(models: Literal["msgspec", "pydantic"] = "msgspec") -> Iterator[ModuleType]:
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
                schemas=folders["schemas"],
                python=folders["generated"],
                client=folders["client"],
                source="schemas",
                models=models,
            )
        )
        spec = importlib.util.spec_from_file_location(f"bench_validation_{models}", root / "generated/bench.py")
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
    timers = {
        name: Timer("run(value)", globals={"run": run, "value": value}, timer=time.process_time)
        for name, (run, value) in runs.items()
    }
    for timer in timers.values():
        timer.timeit(1)  # some make at first use what they use from then on; the count below is not to rest on that
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


def receiving(module: ModuleType, models: ModuleType) -> tuple[str, list[Bar]]:
    """Measure what a server does with what arrives."""
    decode, bare = Codec(module.BENCH).decode, decoder(module)
    small, large, modelled = raw("say", SMALL), raw("post", LARGE), Codec(models.BENCH).decode
    text, times, more = compare(
        {
            "msgspec, typed decode alone": ((bare, small), (bare, large)),
            "tornado-ws, proved": ((decode, small), (decode, large)),
            "tornado-ws, one field checked": ((decode, raw("say_field", SMALL)), (decode, raw("post_field", LARGE))),
            "tornado-ws, one list of records checked": (None, (decode, raw("post_part", LARGE))),
            "tornado-ws, one rule about the whole": (
                (decode, raw("say_rule", SMALL)),
                (decode, raw("post_rule", LARGE)),
            ),
            "tornado-ws, closed over alternatives": (
                (decode, raw("say_sealed", SMALL)),
                (decode, raw("post_sealed", LARGE)),
            ),
            "tornado-ws, one rule about what is inside": (None, (decode, raw("post_inside", LARGE))),
            "tornado-ws, other properties checked": (
                (decode, raw("say_rest", SMALL)),
                (decode, raw("post_rest", LARGE)),
            ),
            "msgspec alone, one property more": (
                (bare, raw("say_rest", SMALL | OTHER)),
                (bare, raw("post_rest", LARGE | OTHER)),
            ),
            "tornado-ws, one of them there": (
                (decode, raw("say_rest", SMALL | OTHER)),
                (decode, raw("post_rest", LARGE | OTHER)),
            ),
            "tornado-ws, alternatives with any names": (
                (decode, raw("say_whole", SMALL)),
                (decode, raw("post_whole", LARGE)),
            ),
            "tornado-ws, one of these there": (
                (decode, raw("say_whole", SMALL | OTHER)),
                (decode, raw("post_whole", LARGE | OTHER)),
            ),
            "tornado-ws, an integer written 1.0": (
                (decode, raw("say", SMALL | {"n": 1.0})),
                (decode, raw("post", LARGE | {"id": 1.0})),
            ),
            "tornado-ws, models of Pydantic": ((modelled, small), (modelled, large)),
            "pydantic, strict": ((pydantic_decode(), small), (pydantic_decode(), large)),
            "json + fastjsonschema": ((fast_decode(SAY), small), (fast_decode(POST), large)),
            "json + jsonschema": ((slow_decode(SAY), small), (slow_decode(POST), large)),
        },
        "received",
    )
    alone, proved, field, part, rule, sealed, inside, rest, with_more, rest_there, *_ = more
    return text, [
        bar("proved, small", times[proved] / times[alone], 1.6),
        bar("proved, large", more[proved] / more[alone], 1.15),
        bar("one field, µs more", (times[field] - times[proved]) / 1000, 0.2),
        bar("one list of records, large", more[part] / more[alone], 3),
        bar("one rule, small", times[rule] / times[alone], 3),
        bar("one rule, large", more[rule] / more[alone], 3),
        bar("closed over alternatives, small", times[sealed] / times[alone], 3),
        bar("closed over alternatives, large", more[sealed] / more[alone], 3),
        bar("one rule about what is inside, large", more[inside] / more[alone], 3),
        bar("other properties, small", times[rest] / times[alone], 3),
        bar("other properties, large", more[rest] / more[alone], 3),
        bar("one of them there, small", times[rest_there] / times[with_more], 3),
        bar("one of them there, large", more[rest_there] / more[with_more], 3),
    ]


def refusing(module: ModuleType) -> tuple[str, list[Bar]]:
    """Measure how long it takes to say what is wrong, and where."""
    ours, model, fast, slow = (
        refused(run) for run in (Codec(module.BENCH).decode, pydantic_decode(), fast_decode(SAY), slow_decode(SAY))
    )
    fast_many, slow_many = (refused(decode(SCHEMAS["many"])) for decode in (fast_decode, slow_decode))
    small, many = raw("say", SMALL | {"room": ""}), raw("many", MANY)
    one = measure(
        {
            "tornado-ws": (ours, small),
            "pydantic, strict": (model, small),
            "json + fastjsonschema": (fast, small),
            "json + jsonschema": (slow, small),
        }
    )
    all_wrong = measure(
        {
            "tornado-ws": (ours, many),
            "pydantic, strict": (model, many),
            "json + fastjsonschema": (fast_many, many),
            "json + jsonschema": (slow_many, many),
        }
    )
    rows = ((name, f"{one[name] / 1000:,.1f}", f"{time / 1000:,.0f}") for name, time in all_wrong.items())
    validator = SchemaValidator(module.BENCH.schema)
    found = measure(
        {
            name: (lambda value, pointer=f"/$defs/{name}": validator.first_error(pointer, value), values)
            for name, values in (("many", MANY), ("records", RECORDS))
        }
    )
    return report.table(("refused", "a field of 72 bytes, µs", "100,000 items, all wrong, µs"), rows), [
        bar("refused, µs", one["tornado-ws"] / 1000, 10),
        bar("first of 100,000 wrong items found, once read, µs", found["many"] / 1000, 10),
        bar("last of 100,000 records found, once read, ms", found["records"] / 1e6, 15),
        *(first_refusals() if META_MODEL.exists() else ()),
    ]


def first_refusals() -> list[Bar]:
    """Measure the first refusal of each type of the Language Server Protocol, and the memory of all."""
    schema = language_server()
    text, pointers = json.dumps(schema), [f"/$defs/{name}" for name in schema["$defs"]]
    before = resident()
    validator = SchemaValidator(text)
    validator.prepare(pointers)
    times: list[float] = []
    for pointer in pointers:
        start = time.process_time()
        if validator.first_error(pointer, {"": 1}) is not None:
            times.append(time.process_time() - start)
    return [
        bar(f"first refusal of one of {len(pointers)} types, ms", max(times) * 1000, 1),
        bar(f"validators and refusals of {len(pointers)} types, MiB", (resident() - before) / 2**20, 20),
    ]


def resident() -> int:
    """Return the resident memory of this process, in bytes."""
    return int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1]) * resource.getpagesize()


def sending(module: ModuleType, models: ModuleType) -> tuple[str, list[Bar]]:
    """Measure what a server does with what it sends."""
    checked, trusting = Codec(module.BENCH), Codec(module.BENCH, check_outgoing=False)
    small, large = msgspec.convert(SMALL, module.Say), msgspec.convert(LARGE, module.Post)
    fields = (msgspec.convert(SMALL, module.SayField), msgspec.convert(LARGE, module.PostField))
    modelled = Codec(models.BENCH).encode
    made = (models.Say.model_validate(SMALL), models.Post.model_validate(LARGE))
    text, times, more = compare(
        {
            "msgspec, encode and typed decode": ((both_ways(module.Say), small), (both_ways(module.Post), large)),
            "tornado-ws, checked": ((checked.encode, small), (checked.encode, large)),
            "tornado-ws, one field checked": ((checked.encode, fields[0]), (checked.encode, fields[1])),
            "tornado-ws, not checked": ((trusting.encode, small), (trusting.encode, large)),
            "tornado-ws, models of Pydantic": ((modelled, made[0]), (modelled, made[1])),
            "pydantic, validate and dump": ((pydantic_encode(Say), SMALL), (pydantic_encode(Post), LARGE)),
            "json + fastjsonschema": ((fast_encode(SAY), SMALL), (fast_encode(POST), LARGE)),
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


def refused(decode: Callable[[bytes], object]) -> Callable[[bytes], object]:
    """Return what decodes a frame that is refused."""

    def run(frame: bytes) -> None:
        try:
            decode(frame)
        except Exception:  # each has its own
            return
        raise AssertionError("it was not refused")

    return run


def main() -> None:
    """Measure and print."""
    with generated() as module, generated("pydantic") as models, pinned(SERVER_CORE):
        parts = [receiving(module, models), refusing(module), sending(module, models)]
    print("\n\n".join((*(text for text, _ in parts), report.bars(line for _, bars in parts for line in bars))))


if __name__ == "__main__":
    main()
