"""Sums up in a few characters what may be sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from ..document import Json
from .bundle import Bundle
from .vocabulary import NAMED, REMARKS, VALUES

__all__ = ["contract"]


def contract(root: Mapping[str, Json], bundle: Bundle) -> str:
    """Return a text that changes whenever the messages of an endpoint do, and not with the words that describe them."""
    messages = [
        [side, name, {keyword: message[keyword] for keyword in ("payload", "reply", "stream") if keyword in message}]
        for side in ("clientMessages", "serverMessages")
        for name, message in root.get(side, {}).items()
    ]
    said = json.dumps([root["kind"], root.get("path"), _bare(messages), _bare(bundle.root)], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _bare(value: Json) -> Json:
    """Leave out what refuses nothing."""
    if isinstance(value, list):
        return [_bare(member) for member in value]
    if not isinstance(value, dict):
        return value
    return {keyword: _below(keyword, member) for keyword, member in value.items() if keyword not in REMARKS}


def _below(keyword: str, value: Json) -> Json:
    if keyword in NAMED and isinstance(value, dict):
        return {name: _bare(member) for name, member in value.items()}
    return value if keyword in VALUES else _bare(value)
