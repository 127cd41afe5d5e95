"""Time and memory of the first error of each type of the Language Server Protocol; printed as JSON."""

from __future__ import annotations

import json
import resource
import time
from pathlib import Path

from tornado_ws.validation.schema_validator import SchemaValidator

from .language_server import document


def main() -> None:
    """Validate one value by every type, once."""
    schema = document()
    text, pointers = json.dumps(schema), [f"/$defs/{name}" for name in schema["$defs"]]
    before = _resident_bytes()
    validator = SchemaValidator(text)
    validator.prepare(pointers)
    times: list[float] = []
    for pointer in pointers:
        start = time.process_time()
        if validator.first_error(pointer, {"": 1}) is not None:
            times.append(time.process_time() - start)
    memory = _resident_bytes() - before
    print(json.dumps({"types": len(pointers), "milliseconds": max(times) * 1000, "mebibytes": memory / 2**20}))


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1]) * resource.getpagesize()


if __name__ == "__main__":
    main()
