"""Builds tornado-ws; what it states about itself is in pyproject.toml.

The modules that every message passes are compiled by mypyc where there is a C compiler; elsewhere they run as they
are, and do the same. Nothing is compiled by an editable install, so that what is edited is what runs, nor where
``TORNADO_WS_PURE`` is set.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from setuptools import setup
from setuptools.command.build_ext import build_ext

COMPILED = (
    "session/dispatcher",
    "session/pending_requests",
    "session/session",
    "session/state",
    "validation/assertions",
    "validation/decoder",
    "validation/encoder",
    "validation/error_messages",
    "validation/first_error",
    "validation/json_pointer",
    "validation/json_values",
    "validation/payload",
    "validation/references",
    "validation/residual_checks",
    "validation/schema_validator",
    "websocket/connection",
    "websocket/coroutine_runner",
    "websocket/frames",
    "websocket/parser",
    "websocket/sender",
    "websocket/transport",
    "websocket/write_batch",
    "websocket/write_queue",
)
"""Of ``tornado_ws``. They have neither coroutines (see ``responder.py``) nor classes that users inherit from."""


class BuildAllOrNothing(build_ext):
    """Compiles all modules, or leaves all of them as they are: they belong together."""

    def build_extensions(self) -> None:
        """Build them; what goes wrong is no reason not to install the package."""
        try:
            super().build_extensions()
        except Exception as error:  # each compiler has its own
            print(f"tornado-ws is not compiled: {error}", file=sys.stderr)
            for extension in self.extensions:
                Path(self.get_ext_fullpath(extension.name)).unlink(missing_ok=True)
            self.extensions = []


def compiled() -> list[Any]:
    """Return what is to be compiled."""
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


setup(ext_modules=compiled(), cmdclass={"build_ext": BuildAllOrNothing})
