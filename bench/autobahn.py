"""Autobahn's fuzzing client against our connection, plain and compressed: all cases of RFC 6455 and RFC 7692.

python bench/autobahn.py [--cases '1.*' …] [--folder DIR]

Needs Python 2.7 (``PYTHON2`` names it; pyenv's is found), a C compiler, and PyPI. It installs autobahntestsuite into
``bench/.autobahn``, runs for about ten minutes, leaves Autobahn's own reports in the folder, and exits with 1 if a case
failed. It is not part of ``make test``; what it looks at is in tests/connection/test_strict.py, too.
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
"""What counts as failed, of ``behavior`` and of ``behaviorClose``."""


def main() -> int:
    """Run the cases; print what became of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", nargs="+", default=["*"], help="patterns of Autobahn's case numbers; by default all")
    parser.add_argument("--folder", type=Path, default=SUITE / "reports", help="where Autobahn writes its reports")
    parser.add_argument("--write", action="store_true", help="write the counts into docs/benchmarks.md")
    arguments = parser.parse_args()
    suite = _installed()
    found = {}
    for name in ("plain", "compress"):
        folder = arguments.folder / name
        shutil.rmtree(folder, ignore_errors=True)
        with _server(compress=name == "compress") as port:
            found[name] = _run(suite, port, arguments.cases, folder)
        print(f"{name}: {_words(found[name])}", flush=True)
    failed = sorted(
        f"{name} {case}: {outcome}"
        for name, cases in found.items()
        for case, outcome in cases.items()
        if outcome in FAILED
    )
    print("\n".join(failed) or "none failed")
    if arguments.write:
        sys.path.insert(0, str(HERE.parent))
        from bench import report

        report.write("autobahn", _page(found))
    return 1 if failed else 0


def _installed() -> Path:
    """Return the program, which is installed on the first run."""
    program = SUITE / "bin" / "wstest"
    if not program.exists():
        python = _python2()
        print(f"installing {PACKAGE} into {SUITE}", flush=True)
        pip = ("install", "--quiet", "--disable-pip-version-check")
        subprocess.run([python, "-m", "pip", *pip, "--target", str(SUITE / "tools"), "virtualenv<20.22"], check=True)
        made = [python, "-m", "virtualenv", "--quiet", str(SUITE)]
        subprocess.run(made, check=True, env={**os.environ, "PYTHONPATH": str(SUITE / "tools")})
        subprocess.run([str(SUITE / "bin" / "pip"), *pip, PACKAGE], check=True)
    return program


def _python2() -> str:
    home = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    known = (os.environ.get("PYTHON2"), *map(str, home.glob("versions/2.7*/bin/python")), shutil.which("python2.7"))
    python = next((path for path in known if path and Path(path).exists()), None)
    if python is None:
        sys.exit("Autobahn's test suite needs Python 2.7, which was not found; install it and name it in PYTHON2.")
    return python


@contextlib.contextmanager
def _server(*, compress: bool) -> Iterator[int]:
    """Run the echo on a free port."""
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
            sys.exit(f"the server ended with {server.returncode}")
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
    """Return how a case ended: what it did, unless it closed worse."""
    return result["behaviorClose"] if result["behaviorClose"] in FAILED else result["behavior"]


def _words(cases: dict[str, str]) -> str:
    counts = collections.Counter(cases.values())
    return f"{len(cases)} cases: " + ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))


def _page(found: dict[str, dict[str, str]]) -> str:
    rows = [
        f"| {name} | {len(cases)} | {sum(outcome in FAILED for outcome in cases.values())} | {_words(cases)} |"
        for name, cases in found.items()
    ]
    return "\n".join(["| connection | cases | failed | outcomes |", "| --- | ---: | ---: | --- |", *rows])


if __name__ == "__main__":
    sys.exit(main())
