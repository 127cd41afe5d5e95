"""Emitter for Python: a module of typed messages and an abstract handler for each endpoint."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import PurePosixPath
from types import ModuleType
from typing import Literal, TypeAlias

from tornado_ws.endpoint import ResidualCheck

from ... import model
from ...identifiers import snake
from ...runtime_schema import documented_schema
from ...soundness import compilation_problems, prover
from ...soundness.sandbox import temporary_module
from ...source.diagnostics import Problem, SchemaProblems
from ...source.internal_errors import collecting
from ...version import VERSION
from .. import MARK, Output
from ..results import Route
from ..templates import Code, template
from .client_class import EVENT_VARIABLE, client_class
from .handlers import abstract_action, abstract_handler, endpoint_constant
from .literals import comment, docstring, json_document, literal
from .packages import used_names
from .python_module import OPTIONAL_IMPORTS, STANDARD_LIBRARY, PythonModule
from .residual_check_calls import FindChecks
from .shared_import import SHARED, shared_imports

__all__ = ["NO_CHECKS", "Models", "emit", "emit_common", "pydantic_module", "types_source"]

Models: TypeAlias = Literal["msgspec", "pydantic"]
"""Library of the message classes."""

IMPORTS = """\
from __future__ import annotations

import datetime
import typing
import uuid

import msgspec

import tornado_ws

"""
NO_CHECKS = """\
# ruff: noqa: PGH004
# flake8: noqa
# isort: skip_file
# fmt: off"""
"""Comments that make linters and formatters skip a module, whatever their settings.

The first one is for the rule of ruff against the second one. Names of a schema may break any rule, such as E741.
"""
MODULE = template(__name__, "module.py.jinja", docstring=docstring, literal=literal)
SHARED_MODULE = template(__name__, "shared.py.jinja", literal=literal)


def emit(endpoints: Sequence[model.Endpoint], *, models: Models = "msgspec") -> Iterator[Output]:
    """Yield a module for each endpoint, and one for the types that all of them share.

    Raises:
        SchemaProblems: If a type cannot be a Pydantic model.
    """
    problems: list[Problem] = []
    build = pydantic_module if models == "pydantic" else PythonModule
    unit, shared = shared_types(endpoints), None
    if unit is not None:
        with collecting(unit.source, problems):
            shared = build(unit)
            if models == "msgspec":
                with prover(types_source(shared), shared.schema, formats=unit.options.formats) as types:
                    shared.proved_alternatives.update(types.proved_alternatives())
            yield _module(SHARED, shared_source(shared))
    with _types_of_all(shared if models == "msgspec" else None) as types_of_all:
        for endpoint in endpoints:
            with collecting(endpoint.source, problems):
                module = build(endpoint, shared)
                yield _module(endpoint.name, _source(module, models, types_of_all))
    if problems:
        raise SchemaProblems(problems)


def emit_common(_: Sequence[Route], *, models: Models = "msgspec") -> Iterator[Output]:
    """Yield the files of the package that depend on no endpoint.

    Raises:
        SchemaProblems: If a package that creates Pydantic models is not installed.
    """
    if models == "pydantic" and not (find_spec("datamodel_code_generator") and find_spec("pydantic")):
        message, hint = "Pydantic models need packages that are not installed", "pip install 'tornado-ws[pydantic]'"
        raise SchemaProblems([Problem(file="pyproject.toml", code="no_pydantic_model", message=message, hint=hint)])
    yield Output(PurePosixPath("__init__.py"), f'"""{MARK}. DO NOT EDIT."""\n')
    yield Output(PurePosixPath("py.typed"), "")


def _source(module: PythonModule, models: Models, types_of_all: ModuleType) -> str:
    problems = list(compilation_problems(module.endpoint, module.schema))
    if problems:
        raise SchemaProblems(problems)
    if models == "pydantic":
        return module_source(module, _no_checks)
    endpoint = module.endpoint
    names: dict[str, object] = {local: getattr(types_of_all, name) for name, local in module.shared_imports}
    with prover(types_source(module), module.schema, formats=endpoint.options.formats, names=names) as types:
        module.proved_alternatives.update(types.proved_alternatives())
        return module_source(module, types.residual_checks)


def _types_of_all(shared: PythonModule | None) -> AbstractContextManager[ModuleType]:
    """Provide the types that all endpoints share, as a module."""
    return temporary_module("" if shared is None else types_source(shared))


def _module(name: str, source: str) -> Output:
    return Output(PurePosixPath(f"{snake(name)}.py"), source)


def shared_types(endpoints: Sequence[model.Endpoint]) -> model.Endpoint | None:
    """Return an endpoint without messages that contains the definitions that ``endpoints`` share; None without any."""
    definitions = model.shared_definitions(endpoints)
    if not definitions:
        return None
    users = [endpoint for endpoint in endpoints if endpoint.shared]
    return replace(
        users[0],
        name=SHARED,
        bundle=users[0].shared_bundle,
        source=", ".join(endpoint.source for endpoint in users),
        params=None,
        ticket=None,
        presence=None,
        client=(),
        server=(),
        errors=(),
        definitions=definitions,
        shared={},
        source_locations={
            pointer: location for endpoint in users for pointer, location in endpoint.source_locations.items()
        },
    )


def pydantic_module(endpoint: model.Endpoint, shared: PythonModule | None = None) -> PythonModule:
    """Return the module of an endpoint with Pydantic models as message classes."""
    from .pydantic.pydantic_module import PydanticModule  # imports Pydantic, which is optional

    return PydanticModule(endpoint, shared)


def _no_checks(annotation: str, pointer: str) -> tuple[ResidualCheck, ...]:
    """Return no checks, because the schema validates each value as a whole."""
    return ()


def types_source(module: PythonModule) -> str:
    """Return the types of a module, as Python source that can be executed."""
    return IMPORTS + "\n\n".join(module.types())


def module_source(module: PythonModule, find_checks: FindChecks) -> str:
    """Return the source of a module; ``find_checks`` returns the residual checks of a type."""
    endpoint = module.endpoint
    schema = documented_schema(endpoint) if module.has_documented_schema else module.schema
    return MODULE.render(
        header=_header(f" from {endpoint.source}"),
        description=endpoint.description or f"Messages and handler of ``{endpoint.name}``.",
        standard_library=module.standard_library,
        imports=module.imports,
        packages=module.packages,
        stand_in_imports=list(module.stand_in_imports),
        shared_imports=list(shared_imports(module.shared_imports)),
        names=module.names,
        types=_with_blank_lines(module.types()),
        schema=json_document(schema),
        instances=json_document(module.instances) if module.instances else "",
        constant=endpoint_constant(module, find_checks),
        handler=abstract_handler(module),
        actions=list(abstract_action(module)),
        event_variable=EVENT_VARIABLE,
        client=client_class(module),
    )


def shared_source(module: PythonModule) -> str:
    """Return the source of the module with the types that all endpoints share."""
    types = list(module.definition_types())
    used = used_names(types, ("typing", "tornado_ws", *STANDARD_LIBRARY, *OPTIONAL_IMPORTS))
    schema = ""
    if module.has_documented_schema:
        schema = json_document(documented_schema(module.endpoint))
        used |= {"typing"}
    text = SHARED_MODULE.render(
        header=_header(),
        standard_library=[Code(name) for name in sorted(("typing", *STANDARD_LIBRARY)) if name in used],
        imports=[statement for name, statement in OPTIONAL_IMPORTS.items() if name in used],
        packages=module.packages[-1:] if "tornado_ws" in used else (),
        stand_in_imports=list(module.stand_in_imports),
        names=module.definition_names,
        types=_with_blank_lines(types),
        schema=schema,
    )
    return text.rstrip("\n") + "\n"


def _with_blank_lines(blocks: Iterable[Code]) -> list[Code]:
    """Return the blocks with an additional line break before and after each class."""
    listed = list(blocks)
    spaced: list[Code] = []
    for index, block in enumerate(listed):
        following = listed[index + 1] if index + 1 < len(listed) else ""
        has_class = any(code.startswith("class ") for code in (block, following))
        spaced.append(Code(block.rstrip("\n") + "\n" * has_class))
    return spaced


def _header(source: str = "") -> Code:
    return Code(f"{comment(f'{MARK} {VERSION}{source}. DO NOT EDIT.')}\n{NO_CHECKS}")
