"""Start of a server with many models, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from codegen.deep_stack import with_deep_stack
from tests.codegen.support.generated import ROOT, payload
from tests.codegen.support.package import write

COUNT = 60
START = """
import json, re, time
from pathlib import Path
start = time.process_time()
from generated import test
from tornado_ws.validation.codec import Codec
Codec(test.TEST)
# the peak of this program; `ru_maxrss` begins with the size of the process that started it
kibibytes = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
print(json.dumps([time.process_time() - start, kibibytes / 1024]))
"""


def definition(index: int) -> dict[str, Any]:
    """Return an object that refers to several others, so that all definitions reach each other."""
    others = [{"$ref": f"#/$defs/Node{(index * factor + 1) % COUNT}"} for factor in (1, 2, 3, 5)]
    properties = {f"p{at}": {"anyOf": [other, {"type": "string"}]} for at, other in enumerate(others)}
    return {"type": "object", "properties": {**properties, "one": {"anyOf": others}}}


@pytest.mark.usefixtures("unmeasured")
def test_many_models_that_refer_to_each_other_start_in_seconds(tmp_path: Path) -> None:
    definitions = {f"Node{index}": definition(index) for index in range(COUNT)}
    files = {"test.json": payload({"$ref": "#/$defs/Node0"}, **{"$defs": definitions})}
    with_deep_stack(write)(tmp_path, files, models="pydantic")

    done = subprocess.run(
        [sys.executable, "-c", START],
        cwd=tmp_path,
        env={"PYTHONPATH": f"{tmp_path}:{ROOT}"},
        capture_output=True,
        text=True,
        check=True,
    )

    seconds, mebibytes = json.loads(done.stdout)
    assert seconds < 5  # each class would contain all others if it were built at once
    assert mebibytes < 400


def test_missing_pydantic_is_reported_with_the_command_that_installs_it() -> None:
    program = "import sys; sys.modules['pydantic'] = None; import tornado_ws.models"

    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.stderr.endswith("; run: pip install 'tornado-ws[pydantic]'\n")
