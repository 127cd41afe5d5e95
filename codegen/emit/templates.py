"""Jinja2, set up so that text of a schema can never become code.

A template refuses every string but :class:`~codegen.names.Name` and :class:`Code`, which its filters return.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import jinja2
from jinja2 import nodes
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
    )
    environment.code_generator_class = _WithoutConcatenation
    environment.filters = {known: environment.filters[known] for known in HARMLESS} | filters
    return environment.get_template(name)


class _WithoutConcatenation(CodeGenerator):
    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> NoReturn:
        """Refuse ``a ~ b``, which turns text that stands beside code into code."""
        self.fail("~ joins text: write the parts side by side", node.lineno)


def _refuse_text(value: Any) -> Any:  # any value of a template passes here
    if isinstance(value, str) and not hasattr(value, "__html__"):
        raise TypeError(f"{value!r} is text, not code: pass it through a filter")
    return value
