"""Build script of tornado-ws; the metadata is in pyproject.toml.

mypyc compiles the modules that handle every message, if a C compiler is available. Otherwise they run as Python, with
the same behavior. An editable install compiles nothing, so that edits take effect; nor does a build with the
environment variable ``TORNADO_WS_PURE``.
"""

from __future__ import annotations

import os
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

from setuptools import setup
from setuptools.command.build_ext import build_ext

COMPILED = (
    "histogram",
    "session/dispatcher",
    "session/pending_requests",
    "session/session",
    "session/state",
    "session/statistics",
    "validation/array_applicators",
    "validation/assertions",
    "validation/decoder",
    "validation/encoder",
    "validation/error_messages",
    "validation/first_error",
    "validation/json_pointer",
    "validation/json_values",
    "validation/keyword_handlers",
    "validation/local_tests",
    "validation/nested_verdicts",
    "validation/object_applicators",
    "validation/payload",
    "validation/references",
    "validation/residual_checks",
    "validation/schema_validator",
    "validation/schema_walk",
    "websocket/connection",
    "websocket/coroutine_runner",
    "websocket/frame_skipper",
    "websocket/frames",
    "websocket/message_delivery",
    "websocket/parser",
    "websocket/socket_reader",
    "websocket/time_slice",
    "websocket/transport",
    "websocket/write_batch",
    "websocket/write_queue",
)
"""Modules of ``tornado_ws`` without coroutines (see ``responder.py``) and without classes for users to inherit from."""


class BuildAllOrNothing(build_ext):
    """Build command that compiles all modules or none, because they share data structures."""

    def build_extensions(self) -> None:
        """Compile the modules; if that fails, install the package without them."""
        try:
            super().build_extensions()
        except Exception as error:  # each compiler raises its own
            print(f"tornado-ws is not compiled: {error}", file=sys.stderr)
            for extension in self.extensions:
                Path(self.get_ext_fullpath(extension.name)).unlink(missing_ok=True)
            self.extensions = []


def compiled() -> list[Any]:
    """Return the extension modules to compile."""
    if "bdist_wheel" not in sys.argv or os.environ.get("TORNADO_WS_PURE"):
        return []
    try:
        from mypyc.build import mypycify

        modules = [f"tornado_ws/{name}.py" for name in COMPILED]
        options = ["--follow-imports=silent", *modules]
        return mypycify(options, opt_level="3", debug_level="0", group_name="tornado_ws")
    except (ImportError, SystemExit) as error:
        print(f"tornado-ws is not compiled: {error}", file=sys.stderr)
        return []


def readme() -> str:
    """Return the README with links that work outside of the repository, such as on PyPI."""
    folder = Path(__file__).parent
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    source, version = project["urls"]["Source"], project["version"]
    text = (folder / "README.md").read_text(encoding="utf-8")
    text = re.sub(r"!\[([^]]*)\]\((?!https?:)", rf"![\1]({source}/raw/v{version}/", text)
    return re.sub(r"(?<!!)\[([^]]*)\]\((?!https?:|#)", rf"[\1]({source}/blob/v{version}/", text)


setup(
    ext_modules=compiled(),
    cmdclass={"build_ext": BuildAllOrNothing},
    long_description=readme(),
    long_description_content_type="text/markdown",
)
