"""Conformance with RFC 6455 and RFC 7692: Autobahn's fuzzing client, plain and compressed.

python bench/autobahn.py [--cases '1.*' …] [--folder DIR]

Requires Python 2.7 (set ``PYTHON2``, or install it with pyenv), a C compiler and access to PyPI. The script installs
autobahntestsuite into ``bench/.autobahn``, runs for about ten minutes and writes Autobahn's reports into the folder. It
exits with 1 if a case fails. It is not part of ``make test``; tests/tornado_ws/websocket/test_conformance.py covers the
same rules.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

HERE = Path(__file__).parent
SUITE = HERE / ".autobahn"
PACKAGE = "autobahntestsuite==25.10.1"
FAILED = ("FAILED", "WRONG CODE", "UNCLEAN")
"""Values of ``behavior`` and ``behaviorClose`` that mean a failure."""


def main() -> int:
    """Run the cases and print their outcomes. Return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", nargs="+", default=["*"], help="patterns of case numbers; all by default")
    parser.add_argument("--folder", type=Path, default=SUITE / "reports", help="folder of Autobahn's reports")
    parser.add_argument("--write", action="store_true", help="write the counts into docs/benchmarks.md")
    arguments = parser.parse_args()
    suite = _install()
    outcomes = {}
    for name in ("plain", "compress"):
        folder = arguments.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        with _server(compress=name == "compress") as port:
            outcomes[name] = _run(suite, port, arguments.cases, folder)
        print(f"{name}: {_summary(outcomes[name])}", flush=True)
    failed = sorted(
        f"{name} {case}: {outcome}"
        for name, cases in outcomes.items()
        for case, outcome in cases.items()
        if outcome in FAILED
    )
    print("\n".join(failed) or "none failed")
    if arguments.write:
        sys.path.insert(0, str(HERE.parent))
        from bench import report

        report.write("autobahn", _page(outcomes))
    return 1 if failed else 0


def _install() -> Path:
    """Return the path of Autobahn's program, and install it if it is missing."""
    program = SUITE / "bin" / "wstest"
    if not program.exists():
        python = _python2()
        print(f"installing {PACKAGE} into {SUITE}", flush=True)
        pip = ("install", "--quiet", "--disable-pip-version-check")
        subprocess.run([python, "-m", "pip", *pip, "--target", str(SUITE / "tools"), "virtualenv<20.22"], check=True)
        create = [python, "-m", "virtualenv", "--quiet", str(SUITE)]
        subprocess.run(create, check=True, env={**os.environ, "PYTHONPATH": str(SUITE / "tools")})
        subprocess.run([str(SUITE / "bin" / "pip"), *pip, PACKAGE], check=True)
    return program


def _python2() -> str:
    home = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    candidates = (
        os.environ.get("PYTHON2"),
        *map(str, home.glob("versions/2.7*/bin/python")),
        shutil.which("python2.7"),
    )
    python = next((path for path in candidates if path and Path(path).exists()), None)
    if python is None:
        sys.exit("Autobahn's test suite requires Python 2.7, which was not found; set PYTHON2 to its path")
    return python


@contextlib.contextmanager
def _server(*, compress: bool) -> Iterator[int]:
    """Run the echo server on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    options = ["--port", str(port), *(["--compress"] if compress else [])]
    server = subprocess.Popen([sys.executable, str(HERE / "echo_raw.py"), *options])
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
        if server.poll() is not None:
            sys.exit(f"the server exited with {server.returncode}")
    finally:
        server.terminate()
        server.wait()


def _run(suite: Path, port: int, cases: Sequence[str], folder: Path) -> dict[str, str]:
    """Return the outcome of each case."""
    folder.mkdir(parents=True)
    spec = {
        "outdir": str(folder),
        "servers": [{"agent": "tornado-ws", "url": f"ws://127.0.0.1:{port}"}],
        "cases": list(cases),
        "exclude-cases": [],
        "exclude-agent-cases": {},
    }
    file = folder / "fuzzingclient.json"
    file.write_text(json.dumps(spec), encoding="utf-8")
    with (folder / "log.txt").open("wb") as log:
        subprocess.run([str(suite), "-m", "fuzzingclient", "-s", str(file)], check=True, stdout=log, stderr=log)
    results = json.loads((folder / "index.json").read_text(encoding="utf-8"))["tornado-ws"]
    return {case: _outcome(result) for case, result in results.items()}


def _outcome(result: dict[str, str]) -> str:
    """Return the worse of a case's behavior and its closing behavior."""
    return result["behaviorClose"] if result["behaviorClose"] in FAILED else result["behavior"]


def _summary(cases: dict[str, str]) -> str:
    counts = collections.Counter(cases.values())
    return f"{len(cases)} cases: " + ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))


def _page(outcomes: dict[str, dict[str, str]]) -> str:
    rows = [
        f"| {name} | {len(cases)} | {sum(outcome in FAILED for outcome in cases.values())} | {_summary(cases)} |"
        for name, cases in outcomes.items()
    ]
    return "\n".join(["| connection | cases | failed | outcomes |", "| --- | ---: | ---: | --- |", *rows])


if __name__ == "__main__":
    sys.exit(main())
