"""Comparison of the schema of a sender with that of its receiver, which must accept everything that is sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from jsonschema_rs import CanonicalSchema

from ..keywords.conjunction import Conjunction, conjoin
from ..keywords.schema_index import SchemaNode
from ..source import json_pointer
from ..source.document import Json
from .changes import Reason
from .equality import Equality
from .keyword_changes import Wording
from .received_parts import Part, array_parts, object_parts
from .schemas import Schemas, covers, excludes, intersection
from .sent_values import SentArray, SentObject

__all__ = ["SchemaComparison"]

ASSERTIONS: Final = frozenset(
    {
        *("const", "dependentRequired", "enum", "exclusiveMaximum", "exclusiveMinimum", "format", "maxItems"),
        *("maxLength", "maxProperties", "maximum", "minItems", "minLength", "minProperties", "minimum"),
        *("multipleOf", "pattern", "required", "type", "uniqueItems"),
    }
)
"""Keywords without subschemas, which jsonschema-rs compares."""
INDIVISIBLE: Final = (
    ("contains", "maxContains", "minContains"),
    ("dependentSchemas",),
    ("if", "then", "else"),
    ("not",),
    ("propertyNames",),
    ("unevaluatedItems",),
)
"""Groups of keywords that are only compared for equality."""
EVALUATING: Final = ("anyOf", "dependentSchemas", "if", "oneOf")
"""Keywords on which the properties depend that ``unevaluatedProperties`` applies to."""
MOST_SPLITS: Final = 4
"""Number of unions of one value whose alternatives are combined with each other."""
MOST_REASONS: Final = 3
"""Number of reasons up to which an alternative of a union is the one that was meant."""


class _Sent(NamedTuple):
    """Values of a sender: schemas that apply to them, and the unions that are represented by an alternative."""

    nodes: tuple[SchemaNode, ...]
    chosen: frozenset[tuple[str, str]] = frozenset()
    type: str | None = None
    """The only JSON type of the values; None if their schemas decide."""


class SchemaComparison:
    """Comparison between two versions of an endpoint in one direction."""

    def __init__(self, sender: Schemas, receiver: Schemas, wording: Wording) -> None:
        self._sender = sender
        self._receiver = receiver
        self._wording = wording
        self._equality = Equality(sender, receiver)
        self._compared: set[tuple[_Sent, SchemaNode]] = set()
        """Pairs that were compared, or are being compared: values are finite, so a pair may assume itself."""

    def reasons(self, sent: str, received: str) -> list[Reason]:
        """Return the reasons for which a receiver may reject a value; none if it accepts all.

        Args:
            sent: Pointer or reference to the schema of the sender.
            received: Pointer or reference to the schema of the receiver.
        """
        sender, receiver = self._sender.node(sent), self._receiver.node(received)
        whole = covers(self._receiver.canonical((receiver,)), self._sender.canonical((sender,)))
        if whole == "yes":
            return []
        self._compared.clear()
        found = list(dict.fromkeys(self._compare(_Sent((sender,)), receiver, "")))
        if whole == "no" and not any(reason.verdict == "breaking" for reason in found):
            text = found[0].text if found else "some values are not accepted"
            return [Reason(verdict="breaking", place=found[0].place if found else "", text=text)]
        return found

    def _compare(self, sent: _Sent, received: SchemaNode, place: str) -> Iterator[Reason]:
        values = conjoin(self._sender.index, sent.nodes)
        received = self._receiver.index.target(received)
        key = sent._replace(nodes=tuple(node for node in values.nodes if node.keywords.keys() != {"$ref"})), received
        if values.rejects_all or key in self._compared:
            return
        self._compared.add(key)
        required = conjoin(self._receiver.index, (received,))
        if required.rejects_all:
            yield Reason(verdict="breaking", place=place, text=self._wording.rejected)
            return
        alternatives = self._alternatives(sent, values, required)
        if alternatives is not None:
            for alternative in alternatives:
                yield from self._compare(alternative, received, place)
            return
        assertions = _assertions(self._sender, values, sent.type)
        for node in required.nodes:
            yield from self._asserted(values, assertions, node, place)
            yield from self._indivisible(values, node, place)
            for keyword in ("anyOf", "oneOf"):
                if keyword in node.keywords:
                    yield from self._union(sent, values, node, keyword, place)
            for part in self._parts(sent, values, node):
                yield from self._compare(_Sent(part.sent), part.received, json_pointer.join(place, part.token))

    def _alternatives(self, sent: _Sent, values: Conjunction, required: Conjunction) -> list[_Sent] | None:
        """Return the alternatives of a union of the sender, or its JSON types; None if there is nothing to divide."""
        unions = [union for union in values.unions if union.key not in sent.chosen]
        if unions and len(sent.chosen) < MOST_SPLITS:
            union = unions[0]
            chosen = sent.chosen | {union.key}
            return [
                _Sent((*values.nodes, child), chosen, sent.type)
                for child in self._sender.index.children(union.node, union.keyword)
            ]
        types = values.types
        if required.unions and sent.type is None and types is not None and len(types) > 1:
            return [_Sent(values.nodes, sent.chosen, type) for type in types]
        return None

    def _asserted(
        self, values: Conjunction, assertions: CanonicalSchema | None, node: SchemaNode, place: str
    ) -> Iterator[Reason]:
        for keyword in node.keywords:
            if keyword in ASSERTIONS:
                value = node.keywords[keyword]
                verdict = covers(self._receiver.canonical_form({keyword: value}), assertions)
                if verdict != "yes":
                    sent = [one for _, one in values.occurrences(keyword)]
                    text = self._wording.changed(keyword, sent, value)
                    yield Reason(verdict="breaking" if verdict == "no" else "unknown", place=place, text=text)

    def _indivisible(self, values: Conjunction, node: SchemaNode, place: str) -> Iterator[Reason]:
        groups = [*INDIVISIBLE]
        if self._evaluating(node) is None:
            groups.append(("unevaluatedProperties",))
        for group in groups:
            if group[0] in node.keywords and not self._is_implied(values, node, group):
                yield Reason(verdict="unknown", place=place, text=f"{group[0]} differs")

    def _is_implied(self, values: Conjunction, node: SchemaNode, keywords: tuple[str, ...]) -> bool:
        return any(
            self._equality.of_keywords(one, node, keywords) for one in values.nodes if keywords[0] in one.keywords
        )

    def _union(self, sent: _Sent, values: Conjunction, node: SchemaNode, keyword: str, place: str) -> Iterator[Reason]:
        if self._is_implied(values, node, (keyword,)):
            return
        form = self._form(sent, values)
        whole = covers(self._receiver.canonical((node,)), form)
        if whole == "yes":
            return
        children = self._receiver.index.children(node, keyword)
        attempts = [self._attempt(_Sent(values.nodes, sent.chosen, sent.type), child, place) for child in children]
        for child, attempt in zip(children, attempts, strict=True):
            others = (other for other in children if other is not child)
            if not attempt and (
                keyword == "anyOf" or all(self._excludes(sent, values, form, other) for other in others)
            ):
                return
        is_certain = whole == "no" and all(any(one.verdict == "breaking" for one in attempt) for attempt in attempts)
        best = min(attempts, key=len)
        if not best or len(best) > MOST_REASONS:
            best = [Reason(verdict="breaking", place=place, text=self._wording.no_alternative)]
        for reason in best:
            yield reason if is_certain else Reason(verdict="unknown", place=reason.place, text=reason.text)

    def _excludes(self, sent: _Sent, values: Conjunction, form: CanonicalSchema | None, other: SchemaNode) -> bool:
        """Return True if no value of the sender is valid for an alternative, by its type or a required constant."""
        alternative = conjoin(self._receiver.index, (other,))
        if excludes(_assertions(self._sender, values, sent.type), _assertions(self._receiver, alternative)):
            return True
        required = {name for _, names in values.occurrences("required") for name in names}
        for node, properties in alternative.occurrences("properties"):
            for name in properties.keys() & required:
                accepted = _constants(self._receiver.index.child(node, "properties", name))
                for schema in SentObject(self._sender.index, values).schemas_of(name) or ():
                    constants = _constants(schema)
                    if accepted and constants and not any(one == two for one in constants for two in accepted):
                        return True
        return excludes(form, self._receiver.canonical((other,)))

    def _form(self, sent: _Sent, values: Conjunction) -> CanonicalSchema | None:
        form = self._sender.canonical(values.nodes)
        if form is None or sent.type is None:
            return form
        return intersection(form, self._sender.canonical_form({"type": sent.type}))

    def _attempt(self, sent: _Sent, received: SchemaNode, place: str) -> list[Reason]:
        known = self._compared.copy()
        found = list(dict.fromkeys(self._compare(sent, received, place)))
        if found:
            self._compared = known
        return found

    def _evaluating(self, node: SchemaNode) -> Conjunction | None:
        """Return all schemas on which ``unevaluatedProperties`` of a schema depends; None if some apply at times."""
        found = conjoin(self._receiver.index, (node,))
        return None if found.has_keyword(*EVALUATING) else found

    def _parts(self, sent: _Sent, values: Conjunction, node: SchemaNode) -> Sequence[Part]:
        types = [sent.type] if sent.type is not None else values.types
        parts: list[Part] = []
        if types is None or "object" in types:
            sent_object = SentObject(self._sender.index, values)
            parts += object_parts(sent_object, self._receiver.index, node, self._evaluating(node))
        if types is None or "array" in types:
            parts += array_parts(SentArray(self._sender.index, values), self._receiver.index, node)
        return parts


def _assertions(schemas: Schemas, values: Conjunction, type: str | None = None) -> CanonicalSchema | None:
    """Return the canonical form of all keywords without subschemas, and of the only JSON type if it is known."""
    forms = [{name: node.keywords[name] for name in node.keywords.keys() & ASSERTIONS} for node in values.nodes]
    if type is not None:
        forms.append({"type": type})
    return schemas.canonical_form({"allOf": forms} if forms else {})


def _constants(node: SchemaNode) -> list[Json]:
    """Return the only values that a schema accepts; none if it has no ``const`` and no ``enum``."""
    return [node.keywords["const"]] if "const" in node.keywords else list(node.keywords.get("enum", ()))
