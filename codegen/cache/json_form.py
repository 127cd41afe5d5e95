"""JSON form of the results of codegen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..emit.results import Generated, Route, Unit
from ..source.diagnostics import Problem

__all__ = ["decode", "encode"]


def encode(generated: Generated) -> dict[str, Any]:  # a JSON object
    """Return the JSON object for a result."""
    return {
        "units": [_encode_unit(unit) for unit in generated.units],
        "common": _encode_files(generated.common),
        "warnings": [asdict(warning) for warning in generated.warnings],
    }


def _encode_unit(unit: Unit) -> dict[str, Any]:  # a JSON object
    return {
        "key": unit.key,
        "routes": [asdict(route) for route in unit.routes],
        "files": _encode_files(unit.files),
        "warnings": [asdict(warning) for warning in unit.warnings],
    }


def _encode_files(files: Mapping[Path, str]) -> dict[str, str]:
    return {path.as_posix(): text for path, text in files.items()}


def decode(document: Any) -> Generated:  # a JSON value
    """Return the result for a JSON object.

    Raises:
        AttributeError, KeyError, TypeError: If it is not the result of :func:`encode`.
    """
    return Generated(
        units=tuple(map(_decode_unit, document["units"])),
        common=_decode_files(document["common"]),
        warnings=tuple(Problem(**warning) for warning in document["warnings"]),
    )


def _decode_unit(unit: Any) -> Unit:  # a JSON value
    return Unit(
        key=unit["key"],
        routes=tuple(Route(**route) for route in unit["routes"]),
        files=_decode_files(unit["files"]),
        warnings=tuple(Problem(**warning) for warning in unit["warnings"]),
    )


def _decode_files(files: Any) -> dict[Path, str]:  # a JSON value
    if not all(isinstance(text, str) for text in files.values()):
        raise TypeError("expected texts")
    return {Path(path): text for path, text in files.items()}
