"""Warnings about schemas that are valid, but accept no value or contain keywords without effect.

Imports: ``source``, ``regex``, ``model``, ``schema``, ``keywords``.

Entry points: :func:`check`, :func:`check_bundle` and :func:`check_python_models`.
"""

from __future__ import annotations

from collections.abc import Iterator

from .. import model
from ..keywords.bundle import Bundle
from ..keywords.schema_index import SchemaIndex
from ..source.diagnostics import Problem
from ..source.document import Document
from . import enumerations, format_names, inexact_bounds, keyword_types, ranges, required_properties
from .conjunctions import COMBINING, contradictions
from .endless_types import endless_schemas, endless_type
from .finding import Rule
from .positions import schemas_of
from .python_models import check_python_models
from .rejected_values import rejected_values

__all__ = ["RULES", "check", "check_bundle", "check_python_models"]

RULES: tuple[Rule, ...] = (
    ranges.empty_range,
    ranges.too_few_places,
    enumerations.empty_enum,
    enumerations.repeated_value,
    format_names.misspelled_format,
    inexact_bounds.inexact_bound,
    required_properties.misspelled_property,
    required_properties.rejected_requirement,
    keyword_types.inapplicable_keyword,
    keyword_types.ineffective_keyword,
    keyword_types.nullable,
)
"""Rules for one schema, without the schemas that it refers to."""


def check(document: Document, options: model.Options) -> Iterator[Problem]:
    """Yield the warnings about the schemas of a valid document, without following references."""
    rules = (*RULES, format_names.unchecked_format) if options.formats else RULES
    for pointer, schema in schemas_of(document):
        has_exact_bounds = options.bigint and "number" not in schema.get("type", ["number"])
        used = (rule for rule in rules if rule is not inexact_bounds.inexact_bound or not has_exact_bounds)
        findings = [finding for rule in used for finding in rule(schema)]
        for finding in (*findings, *keyword_types.missing_type(pointer, schema)):
            yield finding.warning(document, pointer)


def check_bundle(bundle: Bundle, options: model.Options) -> Iterator[Problem]:
    """Yield the warnings that depend on references between the schemas of an endpoint.

    Args:
        bundle: Bundle of a valid endpoint, with patterns for the schema validator.
        options: Options of the project.
    """
    index = SchemaIndex(bundle.root)
    nodes = [index.node(visit.pointer) for visit in index.visits if visit.schema.keys() & COMBINING]
    findings = [(node.pointer, finding) for node in nodes for finding in contradictions(index, node)]
    findings += [(node.pointer, endless_type(node, part)) for node, part in endless_schemas(index, nodes)]
    findings += rejected_values(bundle.root, index.visits, formats=options.formats)
    for pointer, finding in findings:
        document, original = bundle.origin(pointer)
        yield finding.warning(document, original)
