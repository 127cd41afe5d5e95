"""Rules for schemas that contradict each other through references or ``allOf``."""

from __future__ import annotations

from collections.abc import Iterator

from ..keywords.conjunction import conjoin
from ..keywords.schema_index import SchemaIndex, SchemaNode
from ..keywords.vocabulary import NON_VALIDATING
from .finding import Finding
from .required_properties import rejects

__all__ = ["COMBINING", "contradictions"]

COMBINING = ("allOf", "$ref", "$dynamicRef")
"""Keywords that apply other schemas to the same value; every cycle of schemas contains one of them."""


def contradictions(index: SchemaIndex, node: SchemaNode) -> Iterator[Finding]:
    """Yield the findings for a schema that combines others that exclude each other."""
    keyword = next((keyword for keyword in COMBINING if keyword in node.keywords), None)
    parts = len(node.keywords.get("allOf", ())) + len(node.keywords.keys() - {"allOf", *NON_VALIDATING})
    if keyword is None or parts < 2:
        return
    conjunction = conjoin(index, (node,))
    if conjunction.types == []:
        declared = " and ".join(dict.fromkeys(str(types) for _, types in conjunction.occurrences("type")))
        yield Finding(
            pointer=f"/{keyword}",
            code="conflicting_types",
            message="no value has the types of all combined schemas",
            got=declared,
        )
    for _, names in conjunction.occurrences("required"):
        for name in names:
            if any(rejects(other.keywords, name) for other in conjunction.nodes) and name not in node.keywords.get(
                "required", ()
            ):
                yield Finding(
                    pointer=f"/{keyword}",
                    code="impossible_property",
                    message="no object is valid: combined schemas require and reject a property",
                    got=f'"{name}"',
                    hint="close the combination with unevaluatedProperties instead of a part with additionalProperties",
                )
