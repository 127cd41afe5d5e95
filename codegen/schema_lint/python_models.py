"""Problems of ``x-python``, which names a Pydantic model that stands in for a definition."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from .. import model
from ..schema.drafts import CONTAINERS
from ..source.diagnostics import Problem
from ..source.document import Document, Json, describe
from .positions import schemas_of

__all__ = ["check_python_models"]

HINT = 'such as "app.models:Order"'


def check_python_models(
    document: Document, options: model.Options, models: Literal["msgspec", "pydantic"]
) -> Iterator[Problem]:
    """Yield the problems of ``x-python`` in a valid document.

    In schemas of others, they are warnings: codegen imports no module that the settings do not list.

    Args:
        document: Document with schemas.
        options: Options of the project.
        models: Library of the message classes.
    """
    for pointer, schema in schemas_of(document):
        if "x-python" in schema:
            problem = _problem(document, pointer, schema["x-python"], options, models)
            if problem is not None:
                yield replace(problem, severity="warning") if document.is_third_party else problem


def _problem(
    document: Document,
    pointer: str,
    value: Json,
    options: model.Options,
    models: Literal["msgspec", "pydantic"],
) -> Problem | None:
    place = f"{pointer}/x-python"
    stand_in = model.StandIn.parse(value)
    if models == "msgspec":
        hint = 'set models = "pydantic" in [tool.tornado-ws]'
        problem = document.problem(
            place, "unused_python_model", "without effect on msgspec classes", key=True, hint=hint
        )
        return replace(problem, severity="warning")
    if stand_in is None:
        return document.problem(
            place,
            "invalid_python_model",
            "wrong value",
            expected="a module and a class",
            got=describe(value),
            hint=HINT,
        )
    is_definition = pointer.split("/")[-2:-1] in ([one] for one in CONTAINERS) if pointer else not document.is_endpoint
    if not is_definition:
        hint = "move the schema to $defs, and refer to it"
        return document.problem(
            place, "invalid_python_model", "only definitions name Pydantic models", key=True, hint=hint
        )
    if stand_in.module not in options.python_models:
        listed = json.dumps([*options.python_models, stand_in.module])
        hint = f"if you trust the schema, set python-models = {listed} in [tool.tornado-ws]"
        return document.problem(
            place,
            "unlisted_python_model",
            "module of a Pydantic model that the settings do not list",
            expected=f"one of {', '.join(options.python_models)}" if options.python_models else "no module",
            got=stand_in.module,
            hint=hint,
        )
    return None
