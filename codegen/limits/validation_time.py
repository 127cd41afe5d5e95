"""Longest time that the server needs to validate a message of a certain size.

The estimate follows the sets of validators that apply to one part of a value, from the payload to its innermost parts.
The times are those of a processor from 2020, for compiled modules; other machines scale them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .. import model
from ..deep_stack import with_deep_stack
from .node_cost import JSON_TYPES, REJECTION, Node, NodeCosts

__all__ = ["BUDGET", "ValidationTime", "bytes_within_budget", "validation_time"]

BUDGET = 0.1
"""Longest time for one message, in seconds."""
READ = 12
"""Time to decode JSON, for each byte, in nanoseconds: by type, and to plain values if it is invalid."""
PASSES = 3
"""Number of validations of an invalid message: after decoding, as a whole, and to locate the error."""
MAX_STATES = 5_000
"""Number of sets of validators to follow. The set of all validators counts for the remaining ones."""


@dataclass(frozen=True, kw_only=True)
class ValidationTime:
    """Bounds of the time to validate the values of one payload."""

    per_byte: float
    """Time for each byte of a value without bounds, in nanoseconds."""
    longest: float
    """Time for the slowest value, without reading, in nanoseconds; infinite if its parts have no bounds."""

    def seconds(self, size: int) -> float:
        """Return the longest time for a value of ``size`` bytes, in seconds."""
        return (READ * size + PASSES * min(self.longest, self.per_byte * size)) / 1e9


def bytes_within_budget(times: Iterable[ValidationTime]) -> int:
    """Return the size up to which every value is validated within :data:`BUDGET`, in bytes."""
    budget = BUDGET * 1e9
    return min(
        (int(max((budget - PASSES * time.longest) / READ, budget / (READ + PASSES * time.per_byte))) for time in times),
        default=int(budget / READ),
    )


@with_deep_stack
def validation_time(endpoint: model.Endpoint, payload: model.Payload) -> ValidationTime:
    """Return the bounds for the values of a payload."""
    return _Search(NodeCosts(endpoint)).time(payload.validator)


class _Search:
    def __init__(self, costs: NodeCosts) -> None:
        self._costs = costs
        self._per_byte = 0.0
        self._longest: dict[frozenset[int], float] = {}
        """Time of the slowest value, by the identities of its validators; infinite while it is computed."""

    def time(self, validator: model.Validator) -> ValidationTime:
        longest = self._visit([validator])
        return ValidationTime(per_byte=self._per_byte, longest=longest)

    def _visit(self, validators: list[model.Validator]) -> float:
        """Return the time of the slowest value to which ``validators`` apply."""
        unique = {id(validator): validator for validator in validators}
        key = frozenset(unique)
        if key not in self._longest:
            self._longest[key] = float("inf")  # the result for a recursive schema, and beyond the limit
            if len(self._longest) <= MAX_STATES:
                applied = list(unique.values())
                types = self._costs.accepted_types(applied)
                for json_type in JSON_TYPES.keys() - types:
                    self._per_byte = max(self._per_byte, REJECTION / JSON_TYPES[json_type])
                nodes = [node for json_type in types for node in self._costs.cases(applied, json_type)]
                self._longest[key] = max((self._node(node) for node in nodes), default=REJECTION)
        return self._longest[key]

    def _node(self, node: Node) -> float:
        self._per_byte = max(self._per_byte, node.cost / node.bytes)
        named = sum(self._visit(validators) for validators in node.named.values())
        items = node.most_items * self._visit(node.items) if node.items and node.most_items else 0
        rest = node.most_properties * self._visit(node.rest) if node.rest and node.most_properties else 0
        return node.cost + named + items + rest
