"""Jinja2 environment that prevents text of a schema from becoming code.

Templates reject every string except :class:`~codegen.identifiers.Name` and :class:`Code`, which their filters return.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import jinja2
from jinja2 import nodes
from jinja2.bccache import Bucket
from jinja2.compiler import CodeGenerator, Frame

__all__ = ["Code", "template"]

SAFE_FILTERS = ("first", "last", "length", "list", "reverse")
"""Filters of Jinja2 that templates may use; others, such as ``join`` and ``safe``, turn text into code."""


class Code(str):
    """Text that is valid as generated code, such as a literal."""

    __slots__ = ()

    def __html__(self) -> str:
        """Return the text itself, which marks it as safe for templates."""
        return self


def template(package: str, name: str, **filters: Callable[..., Any]) -> jinja2.Template:
    """Return the template ``name`` in the folder of ``package``.

    Rendering raises :exc:`TypeError` for plain text, and :exc:`jinja2.UndefinedError` for undefined names.

    Args:
        package: Name of the package that contains the template.
        name: File name of the template.
        filters: Filters of the template, in addition to :data:`SAFE_FILTERS`.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(package, "."),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=True,  # macros then return text that finalize accepts
        finalize=_reject_text,
        bytecode_cache=_CACHE,
        optimized=False,  # see _StrictGenerator._output_child_to_const
    )
    environment.code_generator_class = _StrictGenerator
    environment.filters = {safe: environment.filters[safe] for safe in SAFE_FILTERS} | filters
    return environment.get_template(name)


class _MemoryCache(jinja2.BytecodeCache):
    """Cache of compiled templates, since each endpoint renders the same ones with its own filters."""

    def __init__(self) -> None:
        self._bytecode: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._bytecode:
            bucket.bytecode_from_string(self._bytecode[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._bytecode[bucket.key] = bucket.bytecode_to_string()


_CACHE = _MemoryCache()


class _StrictGenerator(CodeGenerator):
    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> NoReturn:
        """Reject ``a ~ b``, which turns text next to code into code."""
        self.fail("~ joins text: write one expression after the other", node.lineno)

    def _output_child_to_const(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> str:
        """Keep results of filters out of the compiled template, since filters differ between endpoints."""
        if not isinstance(node, nodes.TemplateData):
            raise nodes.Impossible
        return super()._output_child_to_const(node, frame, finalize)


def _reject_text(value: Any) -> Any:  # any value of a template
    if isinstance(value, str) and not hasattr(value, "__html__"):
        raise TypeError(f"{value!r} is text, not code: pass it through a filter")
    return value
