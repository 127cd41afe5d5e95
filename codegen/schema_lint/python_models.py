"""Problems of ``x-python``, which names a Pydantic model that stands in for a definition."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

from .. import model
from ..schema.drafts import CONTAINERS
from ..schema.similar_names import closest
from ..source.diagnostics import Problem
from ..source.document import Document, Json, describe
from ..source.python_modules import find_module
from .positions import schemas_of

__all__ = ["check_python_models"]


def check_python_models(
    document: Document, options: model.Options, models: Literal["msgspec", "pydantic"], project: Path
) -> Iterator[Problem]:
    """Yield the problems of ``x-python`` in a valid document.

    In schemas of others, they are warnings: codegen imports no module that the settings do not list.

    Args:
        document: Document with schemas.
        options: Options of the project.
        models: Library of the message classes.
        project: Folder of the project, with the sources of the models.
    """
    for pointer, schema in schemas_of(document):
        if "x-python" in schema:
            problem = _problem(document, pointer, schema["x-python"], options, models)
            if problem is None and (stand_in := model.StandIn.parse(schema["x-python"])) is not None:
                problem = _missing(document, f"{pointer}/x-python", stand_in, project)
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
            hint=_with_colon(value),
        )
    is_definition = pointer.split("/")[-2:-1] in ([one] for one in CONTAINERS) if pointer else not document.is_endpoint
    if not is_definition:
        hint = "move the schema to $defs, and refer to it"
        return document.problem(
            place, "invalid_python_model", "only definitions name Pydantic models", key=True, hint=hint
        )
    return None if stand_in.module in options.python_models else _unlisted(document, place, stand_in, options)


def _unlisted(document: Document, place: str, stand_in: model.StandIn, options: model.Options) -> Problem:
    listed = json.dumps([*options.python_models, stand_in.module])
    hint = f"if you trust the schema, set python-models = {listed} in [tool.tornado-ws]"
    if match := closest(stand_in.module, options.python_models):
        hint = f'did you mean "{match}:{stand_in.name}"? {hint}'
    return document.problem(
        place,
        "unlisted_python_model",
        "module of a Pydantic model that the settings do not list",
        expected=f"one of {', '.join(options.python_models)}" if options.python_models else "no module",
        got=stand_in.module,
        hint=hint,
    )


def _with_colon(value: Json) -> str:
    """Return the hint for a value of another form."""
    module, _, name = value.replace(":", ".").rpartition(".") if isinstance(value, str) else ("", "", "")
    intended = f"{module}:{name}"
    return 'such as "app.models:Order"' if model.StandIn.parse(intended) is None else f'did you mean "{intended}"?'


def _missing(document: Document, place: str, stand_in: model.StandIn, project: Path) -> Problem | None:
    """Return the problem with a class that its module does not contain; None if it may contain the class."""
    module = find_module(stand_in.module, project)
    if module is None or module.has_class(stand_in.name):
        return None
    file = module.file.relative_to(project) if module.file.is_relative_to(project) else module.file
    if not module.exists:
        message, got, hint = "module not found", stand_in.module, f"create {file.as_posix()}, or correct the name"
        return document.problem(place, "missing_python_model", message, got=got, hint=hint)
    match = closest(stand_in.name, module.classes)
    message, suggestion = f"no such class in {file.as_posix()}", f"did you mean {match}?" if match else None
    return document.problem(place, "missing_python_model", message, got=stand_in.name, hint=suggestion)
