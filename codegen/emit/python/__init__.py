"""Python: a module of typed messages and an abstract handler for each endpoint."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from ... import model
from ...judged import judged
from ...names import snake
from ...soundness import prover
from ...version import VERSION
from .. import MARK, Output
from ..templates import Code, template
from .handler import Unproved, action, constant, handler
from .layout import LINE, width
from .module import Module
from .spelling import comment, docstring, document, literal

__all__ = ["emit", "source"]

HEAD = "from __future__ import annotations\n\nimport typing\n\nimport msgspec\n\nimport tornado_ws\n\n"
MODULE = template(__name__, "module.py.jinja", docstring=docstring, literal=literal)


def emit(endpoints: Sequence[model.Endpoint]) -> Iterator[Output]:
    """Yield the package: a module for each endpoint."""
    yield Output(PurePosixPath("__init__.py"), f'"""{MARK}. DO NOT EDIT."""\n')
    yield Output(PurePosixPath("py.typed"), "")
    for endpoint in endpoints:
        module = Module(endpoint)
        with prover(source(module), judged(endpoint.bundle), formats=endpoint.formats) as types:
            yield Output(PurePosixPath(f"{snake(endpoint.name)}.py"), text(module, types.unproved))


def source(module: Module) -> str:
    """Return the types alone, as a module that can be run."""
    return HEAD + "\n\n".join(module.types())


def text(module: Module, unproved: Unproved) -> str:
    """Return the module; ``unproved`` tells what its types do not guarantee."""
    endpoint = module.endpoint
    return MODULE.render(
        header=_marked(comment(f"{MARK} {VERSION} from {endpoint.source}. DO NOT EDIT.")),
        description=endpoint.description or f"Messages and handler of ``{endpoint.name}``.",
        streams=any(message.stream for message in endpoint.client),
        names=module.names,
        types=_spaced(module.types()),
        schema=_marked(document(judged(endpoint.bundle))),
        constant=constant(module, unproved),
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
