"""Measurement of validation. ``python -m bench validation`` runs it in the environment of the peers."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import statistics
import subprocess
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
from codegen.settings.project_settings import Settings
from tornado_ws.validation.codec import Codec
from tornado_ws.validation.schema_validator import SchemaValidator

from . import report
from .cpu import SERVER_CORE, pinned
from .language_server import META_MODEL
from .peer_validators import (
    Post,
    PostFrame,
    Say,
    SayFrame,
    fastjsonschema_decode,
    fastjsonschema_encode,
    jsonschema_decode,
    pydantic_decode,
    pydantic_encode,
    pydantic_frame,
)
from .samples import ADDITIONAL, LARGE, MANY, POST, RECORDS, SAY, SCHEMAS, SMALL, raw

ROUNDS = 5 if "--quick" in sys.argv else 31
SLICE = 0.01
"""Processor time of each candidate in each round, in seconds."""


@contextlib.contextmanager
def generated(models: Literal["msgspec", "pydantic"] = "msgspec") -> Iterator[ModuleType]:
    """Generate and import the module of an endpoint with messages for all :data:`SCHEMAS`, in both directions."""
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
"""Function and its argument."""


def measure(runs: Mapping[str, Run]) -> dict[str, float]:
    """Return the time of each call, in nanoseconds: the median of rounds in which all calls take turns."""
    timers = {
        name: Timer("run(value)", globals={"run": run, "value": value}, timer=time.process_time)
        for name, (run, value) in runs.items()
    }
    for timer in timers.values():
        timer.timeit(1)  # some initialize on first use, which must not influence the count below
    counts = {name: max(1, int(SLICE / (timer.timeit(10) / 10))) for name, timer in timers.items()}
    times: dict[str, list[float]] = {name: [] for name in timers}
    for _ in range(ROUNDS):
        for name, timer in timers.items():
            times[name].append(timer.timeit(counts[name]) / counts[name] * 1e9)
    return {name: statistics.median(values) for name, values in times.items()}


Pair = tuple[Run | None, Run]
"""Calls with a small and with a large message."""


def compare(runs: Mapping[str, Pair], header: str) -> tuple[str, dict[str, float], dict[str, float]]:
    """Return a table with times relative to the first call, and the times for small and large messages."""
    small = measure({name: pair[0] for name, pair in runs.items() if pair[0] is not None})
    large = measure({name: pair[1] for name, pair in runs.items()})
    first = next(iter(runs))

    def cells(times: Mapping[str, float], name: str) -> tuple[str, str]:
        return (f"{times[name]:,.0f}", f"{times[name] / times[first]:.2f}") if name in times else ("", "")

    sizes = (len(raw("say", SMALL)), len(raw("post", LARGE)))
    title = (header, f"{sizes[0]} bytes, ns", "times", f"{sizes[1]} bytes, ns", "times")
    return report.table(title, ((name, *cells(small, name), *cells(large, name)) for name in runs)), small, large


def receiving(module: ModuleType, models: ModuleType) -> tuple[str, list[TargetLine]]:
    """Measure the decoding of received messages."""
    decode, bare = Codec(module.BENCH).decode, decoder(module)
    small, large, with_models = raw("say", SMALL), raw("post", LARGE), Codec(models.BENCH).decode
    text, times, more = compare(
        {
            "msgspec only, typed decode": ((bare, small), (bare, large)),
            "tornado-ws, proven": ((decode, small), (decode, large)),
            "tornado-ws, one field checked": ((decode, raw("say_field", SMALL)), (decode, raw("post_field", LARGE))),
            "tornado-ws, one array of objects checked": (None, (decode, raw("post_part", LARGE))),
            "tornado-ws, one rule for the whole message": (
                (decode, raw("say_rule", SMALL)),
                (decode, raw("post_rule", LARGE)),
            ),
            "tornado-ws, closed over alternatives": (
                (decode, raw("say_closed", SMALL)),
                (decode, raw("post_closed", LARGE)),
            ),
            "tornado-ws, one rule for a nested object": (None, (decode, raw("post_nested", LARGE))),
            "tornado-ws, additional properties checked": (
                (decode, raw("say_additional", SMALL)),
                (decode, raw("post_additional", LARGE)),
            ),
            "msgspec only, one additional property": (
                (bare, raw("say_additional", SMALL | ADDITIONAL)),
                (bare, raw("post_additional", LARGE | ADDITIONAL)),
            ),
            "tornado-ws, one additional property": (
                (decode, raw("say_additional", SMALL | ADDITIONAL)),
                (decode, raw("post_additional", LARGE | ADDITIONAL)),
            ),
            "tornado-ws, alternatives with pattern properties": (
                (decode, raw("say_pattern", SMALL)),
                (decode, raw("post_pattern", LARGE)),
            ),
            "tornado-ws, one pattern property": (
                (decode, raw("say_pattern", SMALL | ADDITIONAL)),
                (decode, raw("post_pattern", LARGE | ADDITIONAL)),
            ),
            "tornado-ws, integer in the form 1.0": (
                (decode, raw("say", SMALL | {"n": 1.0})),
                (decode, raw("post", LARGE | {"id": 1.0})),
            ),
            "tornado-ws, Pydantic models": ((with_models, small), (with_models, large)),
            "pydantic, strict": ((pydantic_decode(), small), (pydantic_decode(), large)),
            "json + fastjsonschema": ((fastjsonschema_decode(SAY), small), (fastjsonschema_decode(POST), large)),
            "json + jsonschema": ((jsonschema_decode(SAY), small), (jsonschema_decode(POST), large)),
        },
        "received",
    )
    alone, proven, field, array, rule, closed, nested, additional, bare_additional, additional_used, *_ = more
    return text, [
        target("proven, small", times[proven] / times[alone], 1.6),
        target("proven, large", more[proven] / more[alone], 1.15),
        target("one field, additional µs", (times[field] - times[proven]) / 1000, 0.2),
        target("one array of objects, large", more[array] / more[alone], 3),
        target("one rule, small", times[rule] / times[alone], 3),
        target("one rule, large", more[rule] / more[alone], 3),
        target("closed over alternatives, small", times[closed] / times[alone], 3),
        target("closed over alternatives, large", more[closed] / more[alone], 3),
        target("one rule for a nested object, large", more[nested] / more[alone], 3),
        target("additional properties, small", times[additional] / times[alone], 3),
        target("additional properties, large", more[additional] / more[alone], 3),
        target("one additional property, small", times[additional_used] / times[bare_additional], 3),
        target("one additional property, large", more[additional_used] / more[bare_additional], 3),
        *against_pydantic("received", (times, more), "pydantic, strict", 1.5),
    ]


def rejecting(module: ModuleType) -> tuple[str, list[TargetLine]]:
    """Measure the rejection of invalid messages, with the location of the error."""
    ours, model, fast, slow = (
        rejected(run)
        for run in (Codec(module.BENCH).decode, pydantic_decode(), fastjsonschema_decode(SAY), jsonschema_decode(SAY))
    )
    fast_many, slow_many = (rejected(decode(SCHEMAS["many"])) for decode in (fastjsonschema_decode, jsonschema_decode))
    small, many = raw("say", SMALL | {"room": ""}), raw("many", MANY)
    one = measure(
        {
            "tornado-ws": (ours, small),
            "pydantic, strict": (model, small),
            "json + fastjsonschema": (fast, small),
            "json + jsonschema": (slow, small),
        }
    )
    all_invalid = measure(
        {
            "tornado-ws": (ours, many),
            "pydantic, strict": (model, many),
            "json + fastjsonschema": (fast_many, many),
            "json + jsonschema": (slow_many, many),
        }
    )
    rows = ((name, f"{one[name] / 1000:,.1f}", f"{time / 1000:,.0f}") for name, time in all_invalid.items())
    validator = SchemaValidator(module.BENCH.schema)
    found = measure(
        {
            name: (lambda value, pointer=f"/$defs/{name}": validator.first_error(pointer, value), values)
            for name, values in (("many", MANY), ("records", RECORDS))
        }
    )
    return report.table(("rejected", "invalid field in 72 bytes, µs", "100,000 invalid items, µs"), rows), [
        target("rejected, µs", one["tornado-ws"] / 1000, 10),
        target("first error of 100,000 invalid items, after decoding, µs", found["many"] / 1000, 10),
        target("error in the last of 100,000 records, after decoding, ms", found["records"] / 1e6, 15),
        *(first_errors_of_many_types() if META_MODEL.exists() else ()),
    ]


def first_errors_of_many_types() -> list[TargetLine]:
    """Measure the first error of each type of the Language Server Protocol, in a fresh process."""
    command = [sys.executable, "-P", "-m", "bench.first_errors"]
    measured = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    return [
        target(f"first error of one of {measured['types']} types, ms", measured["milliseconds"], 1),
        target(f"validators and errors of {measured['types']} types, MiB", measured["mebibytes"], 20),
    ]


def sending(module: ModuleType, models: ModuleType) -> tuple[str, list[TargetLine]]:
    """Measure the encoding of messages."""
    checked, unchecked = Codec(module.BENCH), Codec(module.BENCH, check_outgoing=False)
    small, large = msgspec.convert(SMALL, module.Say), msgspec.convert(LARGE, module.Post)
    fields = (msgspec.convert(SMALL, module.SayField), msgspec.convert(LARGE, module.PostField))
    with_models = Codec(models.BENCH).encode
    instances = (models.Say.model_validate(SMALL), models.Post.model_validate(LARGE))
    text, times, more = compare(
        {
            "msgspec, encode and typed decode": ((both_ways(module.Say), small), (both_ways(module.Post), large)),
            "tornado-ws, checked": ((checked.encode, small), (checked.encode, large)),
            "tornado-ws, one field checked": ((checked.encode, fields[0]), (checked.encode, fields[1])),
            "tornado-ws, not checked": ((unchecked.encode, small), (unchecked.encode, large)),
            "tornado-ws, Pydantic models": ((with_models, instances[0]), (with_models, instances[1])),
            "pydantic, frame and dump": (
                (pydantic_frame(SayFrame, "say"), Say.model_validate(SMALL)),
                (pydantic_frame(PostFrame, "post"), Post.model_validate(LARGE)),
            ),
            "pydantic, validate and dump": ((pydantic_encode(Say), SMALL), (pydantic_encode(Post), LARGE)),
            "json + fastjsonschema": ((fastjsonschema_encode(SAY), SMALL), (fastjsonschema_encode(POST), LARGE)),
        },
        "sent",
    )
    alone, proven, *_ = more
    return text, [
        target("checked, small", times[proven] / times[alone], 2),
        target("checked, large", more[proven] / more[alone], 2),
        *against_pydantic("sent", (times, more), "pydantic, frame and dump", 2),
    ]


TargetLine = tuple[str, str, str, bool]


def target(name: str, figure: float, limit: float) -> TargetLine:
    """Return a line of the table of targets."""
    return name, f"at most {limit:g}", f"{figure:.2f}", figure <= limit


def against_pydantic(
    verb: str, measured: tuple[Mapping[str, float], Mapping[str, float]], plain: str, limit: float
) -> Iterator[TargetLine]:
    """Yield the lines that compare our Pydantic models with plain ones, for the small and the large message."""
    for size, times in zip(("small", "large"), measured, strict=True):
        ratio = times["tornado-ws, Pydantic models"] / times[plain]
        yield target(f"Pydantic models, {verb}, {size}", ratio, limit)


def decoder(module: ModuleType) -> Callable[[bytes], object]:
    """Return a decoder for the same frames that uses only msgspec."""
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


def both_ways(type_: Any) -> Callable[[Any], object]:
    """Return a function that encodes an instance and decodes the result."""
    encode, decode = msgspec.json.Encoder().encode, msgspec.json.Decoder(type_).decode
    return lambda message: decode(encode(message))


def rejected(decode: Callable[[bytes], object]) -> Callable[[bytes], object]:
    """Return a function that decodes an invalid frame and ignores the error."""

    def run(frame: bytes) -> None:
        try:
            decode(frame)
        except Exception:  # each library has its own class
            return
        raise AssertionError("expected a rejection, got a valid message")

    return run


def main() -> None:
    """Measure, and print the tables."""
    with generated() as module, generated("pydantic") as models, pinned(SERVER_CORE):
        parts = [receiving(module, models), rejecting(module), sending(module, models)]
    print("\n\n".join((*(text for text, _ in parts), report.targets(line for _, lines in parts for line in lines))))


if __name__ == "__main__":
    main()
