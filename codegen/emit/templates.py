"""Jinja2, set up so that text of a schema can never become code.

A template refuses every string but :class:`~codegen.names.Name` and :class:`Code`, which its filters return.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import jinja2
from jinja2 import nodes
from jinja2.bccache import Bucket
from jinja2.compiler import CodeGenerator, Frame

__all__ = ["Code", "template"]

HARMLESS = ("first", "last", "length", "list", "reverse")
"""Filters of Jinja2 that templates may use; others, such as ``join`` and ``safe``, make code of any text."""


class Code(str):
    """Text that is fit for generated code, such as a literal."""

    __slots__ = ()

    def __html__(self) -> str:
        """Mark the text as fit for a template."""
        return self


def template(package: str, name: str, **filters: Callable[..., Any]) -> jinja2.Template:
    """Return the template ``name`` that lies in ``package`` and may use ``filters``.

    Rendering raises :exc:`TypeError` on plain text, and :exc:`jinja2.UndefinedError` on what is not there.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(package, "."),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=True,  # so that macros return text that finalize accepts
        finalize=_refuse_text,
        bytecode_cache=_COMPILED,
        optimized=False,  # see _Strict._output_child_to_const
    )
    environment.code_generator_class = _Strict
    environment.filters = {known: environment.filters[known] for known in HARMLESS} | filters
    return environment.get_template(name)


class _Compiled(jinja2.BytecodeCache):
    """Remembers compiled templates, since each endpoint has filters of its own for the same ones."""

    def __init__(self) -> None:
        self._known: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._known:
            bucket.bytecode_from_string(self._known[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


class _Strict(CodeGenerator):
    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> NoReturn:
        """Refuse ``a ~ b``, which turns text that stands beside code into code."""
        self.fail("~ joins text: write the parts side by side", node.lineno)

    def _output_child_to_const(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> str:
        """Leave what filters return out of what is compiled: they differ from endpoint to endpoint."""
        if not isinstance(node, nodes.TemplateData):
            raise nodes.Impossible
        return super()._output_child_to_const(node, frame, finalize)


def _refuse_text(value: Any) -> Any:  # any value of a template passes here
    if isinstance(value, str) and not hasattr(value, "__html__"):
        raise TypeError(f"{value!r} is text, not code: pass it through a filter")
    return value
