"""First error of a value that its schema rejects: pointer, keyword, expected value and message.

``runtime/validators.ts`` documents the order, which is the same for pages. No data of values is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import ErrorData
from . import json_pointer
from .error_messages import UNKNOWN, message
from .keyword_handlers import plan
from .references import References
from .schema_walk import Compile, Fault, KeywordPredicate, Walk
from .tag_table import TagValues

__all__ = ["first_error", "unnamed_property"]


def first_error(
    pointer: str,
    value: Any,
    references: References,
    compile_: Compile,
    predicate_of_keyword: KeywordPredicate,
    *,
    formats: bool,
    patterns: Mapping[str, str],
) -> ErrorData:
    """Return the first error of a value, with the code ``invalid_message``. Never raises.

    Args:
        pointer: JSON Pointer to the schema that rejects the value.
        value: JSON value.
        references: Index of the schema document.
        compile_: Function that compiles schemas; they may refer to the document by absolute URIs.
        predicate_of_keyword: Function from a keyword, such as ``pattern``, and its value to a predicate.
        formats: True if ``format`` is asserted.
        patterns: Regular expressions in their original form, by the form in the document.
    """
    walk = Walk(references, compile_, predicate_of_keyword, plan, formats=formats)
    fault = _find(walk, references, pointer, value)
    steps = walk.steps if walk.reported_steps is None else walk.steps[: walk.reported_steps]
    place = json_pointer.join(steps)
    try:
        if fault is not None:
            keyword, keyword_value = fault
            if keyword == "pattern":
                keyword_value = patterns.get(keyword_value, keyword_value)
            text = message(keyword, keyword_value)
            if isinstance(keyword_value, TagValues):
                keyword_value = None
            return ErrorData(
                code="invalid_message", message=text, pointer=place, keyword=keyword, expected=keyword_value
            )
    except Exception:  # such as a number that has no decimal form
        pass
    return ErrorData(code="invalid_message", message=UNKNOWN, pointer=place)


def unnamed_property(
    pointer: str,
    value: Any,
    references: References,
    compile_: Compile,
    predicate_of_keyword: KeywordPredicate,
    *,
    formats: bool,
) -> str | None:
    """Return the name of the property with the first error, if the schema does not contain the name.

    The sender of a value may see it; the error of :func:`first_error`, which its receiver sends back, has no such name.
    """
    walk = Walk(references, compile_, predicate_of_keyword, plan, formats=formats)
    _find(walk, references, pointer, value)
    return walk.unnamed


def _find(walk: Walk, references: References, pointer: str, value: Any) -> Fault | None:
    try:
        schema, scope = references.at(pointer)
        return walk.find(schema, value, "$ref", scope)
    except RecursionError:
        return "depth", None
    except Exception:  # the value is invalid, even if the reason remains unknown
        return None
