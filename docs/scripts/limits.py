"""Table of the limits of a controller, from the class ``Limits``."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import itertools
from collections.abc import Iterator

from tornado_ws import Limits, Rate

from .roles import without_roles

__all__ = ["limits_table"]


def limits_table() -> str:
    """Return the table of the fields of ``Limits`` with their defaults and descriptions."""
    meanings = dict(_documented(Limits))
    rows = (
        f"| `{field.name}` | {_value(field.default, meaning)} | {meaning} |"
        for field in dataclasses.fields(Limits)
        if field.init
        for meaning in (without_roles(meanings[field.name]),)
    )
    return "\n".join(["| field | default | |", "| --- | --- | --- |", *rows])


def _value(default: object, meaning: str) -> str:
    if default is None:
        return "by the schema" if "by default" in meaning else "unlimited"
    if isinstance(default, Rate):
        return f"{default.count} in {default.seconds:g} s"
    if isinstance(default, int | float):
        mebibytes, rest = divmod(default, 1 << 20)
        return f"{default:g}" if rest else f"{mebibytes:g} MiB"
    return f"`{default}`"


def _documented(cls: type) -> Iterator[tuple[str, str]]:
    """Yield the attributes of a class with their docstrings."""
    (body,) = (node.body for node in ast.parse(inspect.getsource(cls)).body if isinstance(node, ast.ClassDef))
    for statement, following in itertools.pairwise(body):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            assert isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant)
            yield statement.target.id, " ".join(str(following.value.value).partition("\n\n")[0].split())
