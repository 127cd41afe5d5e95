"""Warnings about schemas that are valid, but accept no value or contain keywords without effect.

Imports: ``source``, ``regex``, ``model``, ``schema``, ``keywords``.

Entry points: :func:`check`, :func:`check_bundle` and :func:`check_python_models`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from .. import model
from ..keywords.bundle import Bundle
from ..keywords.schema_index import SchemaIndex
from ..source.diagnostics import Problem
from ..source.document import Document
from . import enumerations, format_names, inexact_bounds, keyword_types, ranges, required_properties
from .conjunctions import COMBINING, contradictions
from .endless_types import endless_schemas, endless_type
from .finding import Rule
from .overlapping_alternatives import overlapping_alternative
from .positions import schemas_of
from .python_models import check_python_models
from .rejected_values import rejected_values

__all__ = ["RULES", "check", "check_bundle", "check_python_models"]

RULES: Mapping[Rule, frozenset[str]] = {
    ranges.empty_range: ranges.LOWER_BOUNDS,
    ranges.too_few_places: frozenset({"maxProperties", "minItems", "minProperties"}),
    enumerations.empty_enum: frozenset({"enum"}),
    enumerations.repeated_value: frozenset({"enum"}),
    format_names.misspelled_format: frozenset({"format"}),
    format_names.unchecked_format: frozenset({"format"}),
    inexact_bounds.inexact_bound: frozenset(inexact_bounds.STEPS),
    required_properties.misspelled_property: frozenset({"required"}),
    required_properties.rejected_requirement: frozenset({"required"}),
    keyword_types.inapplicable_keyword: frozenset({"type"}),
    keyword_types.ineffective_keyword: frozenset({*keyword_types.PARTNERS, "if"}),
    keyword_types.nullable: frozenset({"nullable"}),
}
"""Rules for one schema, without the schemas that it refers to; each applies to schemas with one of its keywords."""


def check(document: Document, options: model.Options) -> Iterator[Problem]:
    """Yield the warnings about the schemas of a valid document, without following references."""
    for pointer, schema in schemas_of(document):
        for rule in _rules(frozenset(schema)):
            if rule is format_names.unchecked_format and not options.formats:
                continue
            if rule is inexact_bounds.inexact_bound and options.bigint and "number" not in schema.get("type", "number"):
                continue
            for finding in rule(schema):
                yield finding.warning(document, pointer)
        for finding in keyword_types.missing_type(pointer, schema):
            yield finding.warning(document, pointer)


@cache
def _rules(keywords: frozenset[str]) -> tuple[Rule, ...]:
    """Return the rules for a schema with these keywords."""
    return tuple(rule for rule, applicable in RULES.items() if not keywords.isdisjoint(applicable))


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
    unions = [index.node(visit.pointer) for visit in index.visits if isinstance(visit.schema.get("oneOf"), list)]
    findings += [
        (node.pointer, finding)
        for node in unions
        for finding in overlapping_alternative(index, node, formats=options.formats)
    ]
    findings += rejected_values(bundle.root, index.visits, formats=options.formats)
    for pointer, finding in findings:
        document, original = bundle.origin(pointer)
        yield finding.warning(document, original)
