"""Python: a module of typed messages and an abstract handler for each endpoint."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import PurePosixPath
from typing import Literal, TypeAlias

from tornado_ws.endpoint import ResidualCheck

from ... import model
from ...identifiers import snake
from ...runtime_schema import runtime_schema
from ...soundness import prover
from ...source.diagnostics import Problem, SchemaProblems
from ...version import VERSION
from .. import MARK, Output
from ..templates import Code, template
from .handlers import action, constant, handler
from .literals import comment, docstring, document, literal
from .python_module import Module
from .python_printer import LINE, width
from .residual_check_calls import FindChecks

__all__ = ["Models", "emit", "pydantic_module", "source"]

Models: TypeAlias = Literal["msgspec", "pydantic"]
"""Whose classes messages are."""

HEAD = "from __future__ import annotations\n\nimport typing\n\nimport msgspec\n\nimport tornado_ws\n\n"
MODULE = template(__name__, "module.py.jinja", docstring=docstring, literal=literal)


def emit(endpoints: Sequence[model.Endpoint], *, models: Models = "msgspec") -> Iterator[Output]:
    """Yield the package: a module for each endpoint.

    Raises:
        SchemaProblems: There is no Pydantic model of something.

    """
    yield Output(PurePosixPath("__init__.py"), f'"""{MARK}. DO NOT EDIT."""\n')
    yield Output(PurePosixPath("py.typed"), "")
    problems: list[Problem] = []
    if models == "pydantic" and not (find_spec("datamodel_code_generator") and find_spec("pydantic")):
        message, hint = "models of Pydantic need packages that are not here", "pip install 'tornado-ws[pydantic]'"
        raise SchemaProblems([Problem(file="pyproject.toml", code="no_pydantic_model", message=message, hint=hint)])
    for endpoint in endpoints if models == "pydantic" else ():
        try:
            yield Output(PurePosixPath(f"{snake(endpoint.name)}.py"), text(pydantic_module(endpoint), _no_checks))
        except SchemaProblems as error:
            problems += error.problems
    if problems:
        raise SchemaProblems(problems)
    for endpoint in endpoints if models == "msgspec" else ():
        module = Module(endpoint)
        with prover(source(module), runtime_schema(endpoint.bundle), formats=endpoint.formats) as types:
            yield Output(PurePosixPath(f"{snake(endpoint.name)}.py"), text(module, types.residual_checks))


def pydantic_module(endpoint: model.Endpoint) -> Module:
    """Return the module of an endpoint whose classes are models of Pydantic."""
    from .pydantic.pydantic_module import ModelModule  # needs Pydantic

    return ModelModule(endpoint)


def _no_checks(annotation: str, pointer: str) -> tuple[ResidualCheck, ...]:
    """Return no residual checks: the schema validates each value as a whole."""
    return ()


def source(module: Module) -> str:
    """Return the types alone, as a module that can be run."""
    return HEAD + "\n\n".join(module.types())


def text(module: Module, find_checks: FindChecks) -> str:
    """Return the module; ``find_checks`` returns the residual checks of its types."""
    endpoint = module.endpoint
    return MODULE.render(
        header=_marked(comment(f"{MARK} {VERSION} from {endpoint.source}. DO NOT EDIT.")),
        description=endpoint.description or f"Messages and handler of ``{endpoint.name}``.",
        streams=any(message.stream for message in endpoint.client),
        libraries=[name for name in module.imports if not name.startswith("tornado_ws")],
        ours=[name for name in module.imports if name.startswith("tornado_ws")],
        names=module.names,
        types=_spaced(module.types()),
        schema=_marked(document(runtime_schema(endpoint.bundle))),
        constant=constant(module, find_checks),
        handler=handler(module),
        actions=list(action(module)),
    )


def _spaced(blocks: Iterable[Code]) -> list[Code]:
    """Return blocks with one more line between each class and its neighbours."""
    listed = list(blocks)
    spaced: list[Code] = []
    for at, block in enumerate(listed):
        following = listed[at + 1] if at + 1 < len(listed) else ""
        wide = any(one.startswith("class ") for one in (block, following))
        spaced.append(Code(block.rstrip("\n") + "\n" * wide))
    return spaced


def _marked(code: Code) -> Code:
    """Tell linters about lines that cannot be broken."""
    return Code(f"{code}  # noqa: E501") if any(width(line) > LINE for line in code.split("\n")) else code
