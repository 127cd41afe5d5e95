"""Emitter for Python: a module of typed messages and an abstract handler for each endpoint."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import PurePosixPath
from typing import Literal, TypeAlias

from tornado_ws.endpoint import ResidualCheck

from ... import model
from ...identifiers import snake
from ...runtime_schema import runtime_schema
from ...soundness import compilation_problems, prover
from ...source.diagnostics import Problem, SchemaProblems
from ...source.internal_errors import collecting
from ...version import VERSION
from .. import MARK, Output
from ..templates import Code, template
from .handlers import abstract_action, abstract_handler, endpoint_constant
from .literals import comment, docstring, json_document, literal
from .python_module import PythonModule
from .python_printer import LINE_WIDTH, display_width
from .residual_check_calls import FindChecks

__all__ = ["Models", "emit", "pydantic_module", "types_source"]

Models: TypeAlias = Literal["msgspec", "pydantic"]
"""Library of the message classes."""

IMPORTS = "from __future__ import annotations\n\nimport typing\n\nimport msgspec\n\nimport tornado_ws\n\n"
MODULE = template(__name__, "module.py.jinja", docstring=docstring, literal=literal)


def emit(endpoints: Sequence[model.Endpoint], *, models: Models = "msgspec") -> Iterator[Output]:
    """Yield the files of the package: a module for each endpoint.

    Raises:
        SchemaProblems: If a type cannot be a Pydantic model, or a package that creates the models is not installed.
    """
    yield Output(PurePosixPath("__init__.py"), f'"""{MARK}. DO NOT EDIT."""\n')
    yield Output(PurePosixPath("py.typed"), "")
    problems: list[Problem] = []
    if models == "pydantic" and not (find_spec("datamodel_code_generator") and find_spec("pydantic")):
        message, hint = "Pydantic models need packages that are not installed", "pip install 'tornado-ws[pydantic]'"
        raise SchemaProblems([Problem(file="pyproject.toml", code="no_pydantic_model", message=message, hint=hint)])
    for endpoint in endpoints:
        with collecting(endpoint.source, problems):
            yield Output(PurePosixPath(f"{snake(endpoint.name)}.py"), _source(endpoint, models))
    if problems:
        raise SchemaProblems(problems)


def _source(endpoint: model.Endpoint, models: Models) -> str:
    problems = list(compilation_problems(endpoint, runtime_schema(endpoint.bundle)))
    if problems:
        raise SchemaProblems(problems)
    if models == "pydantic":
        return module_source(pydantic_module(endpoint), _no_checks)
    module = PythonModule(endpoint)
    with prover(types_source(module), runtime_schema(endpoint.bundle), formats=endpoint.options.formats) as types:
        module.proved_alternatives.update(types.proved_alternatives())
        return module_source(module, types.residual_checks)


def pydantic_module(endpoint: model.Endpoint) -> PythonModule:
    """Return the module of an endpoint with Pydantic models as message classes."""
    from .pydantic.pydantic_module import PydanticModule  # imports Pydantic, which is optional

    return PydanticModule(endpoint)


def _no_checks(annotation: str, pointer: str) -> tuple[ResidualCheck, ...]:
    """Return no checks, because the schema validates each value as a whole."""
    return ()


def types_source(module: PythonModule) -> str:
    """Return the types of a module, as Python source that can be executed."""
    return IMPORTS + "\n\n".join(module.types())


def module_source(module: PythonModule, find_checks: FindChecks) -> str:
    """Return the source of a module; ``find_checks`` returns the residual checks of a type."""
    endpoint = module.endpoint
    return MODULE.render(
        header=_without_line_limit(comment(f"{MARK} {VERSION} from {endpoint.source}. DO NOT EDIT.")),
        description=endpoint.description or f"Messages and handler of ``{endpoint.name}``.",
        standard_library=module.standard_library,
        imports=module.imports,
        packages=module.packages,
        names=module.names,
        types=_with_blank_lines(module.types()),
        schema=_without_line_limit(
            json_document(runtime_schema(endpoint.bundle, is_documented=module.has_documented_schema))
        ),
        constant=endpoint_constant(module, find_checks),
        handler=abstract_handler(module),
        actions=list(abstract_action(module)),
    )


def _with_blank_lines(blocks: Iterable[Code]) -> list[Code]:
    """Return the blocks with an additional line break before and after each class."""
    listed = list(blocks)
    spaced: list[Code] = []
    for index, block in enumerate(listed):
        following = listed[index + 1] if index + 1 < len(listed) else ""
        has_class = any(code.startswith("class ") for code in (block, following))
        spaced.append(Code(block.rstrip("\n") + "\n" * has_class))
    return spaced


def _without_line_limit(code: Code) -> Code:
    """Disable the linter's line limit for code with lines that cannot be broken."""
    return Code(f"{code}  # noqa: E501") if any(display_width(line) > LINE_WIDTH for line in code.split("\n")) else code
