"""Table of the arguments of a controller, from its signature and docstring."""

from __future__ import annotations

import inspect
import json
import re

from tornado_ws import WebSocketController

from .roles import without_roles

__all__ = ["arguments_table"]

ARGUMENT = re.compile(r"^    (?P<name>\w+): (?P<meaning>.*(?:\n        .*)*)", re.MULTILINE)
DEFAULTS = {
    "backplane": "`MemoryBackplane()`",
    "clock": "`time.monotonic`",
    "heartbeat": "`Heartbeat()`",
    "limits": "`Limits()`",
    "origins": "same host",
    "trusted_proxies": "none",
    "user": "`current_user`",
}
"""Texts for defaults that the signature does not contain, or that have no short form."""


def arguments_table() -> str:
    """Return the table of the arguments with their defaults and descriptions."""
    rows = ["| argument | default | |", "| --- | --- | --- |"]
    meanings = _meanings(inspect.getdoc(WebSocketController.__init__) or "")
    for name, parameter in inspect.signature(WebSocketController).parameters.items():
        default = DEFAULTS.get(name) or _value(parameter.default)
        rows.append(f"| `{name}` | {default} | {without_roles(meanings[name])} |")
    return "\n".join(rows)


def _value(default: object) -> str:
    return f"`{json.dumps(default) if isinstance(default, str) else default}`"


def _meanings(doc: str) -> dict[str, str]:
    _, _, arguments = doc.partition("Args:\n")
    section = arguments.partition("\n\n")[0]
    return {found["name"]: " ".join(found["meaning"].split()) for found in ARGUMENT.finditer(section)}
