"""Longest time that the server needs to validate a message of a certain size.

The estimate follows the sets of validators that apply to one part of a value, from the payload to its innermost parts.
The times are those of a processor from 2020, for compiled modules; other machines scale them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from .. import model
from ..deep_stack import with_deep_stack
from .node_cost import JSON_TYPES, REJECTION, JsonType, Node, NodeCosts

__all__ = ["BUDGET", "ValidationTime", "bytes_within_budget", "validation_time"]

BUDGET = 0.1
"""Longest time for one message, in seconds."""
READ = 12
"""Time to decode JSON, for each byte, in nanoseconds: by type, and to plain values if it is invalid."""
PASSES = 3
"""Number of validations of an invalid message: after decoding, as a whole, and to locate the error."""
MAX_STATES = 10_000
"""Number of sets of validators to follow, each with and without repetition."""


@dataclass(frozen=True, kw_only=True)
class ValidationTime:
    """Bounds of the time to validate the values of one payload."""

    per_byte: float
    """Time for each byte of a value without bounds, in nanoseconds."""
    once: float
    """Time for all parts that a value has at most once, in nanoseconds."""
    repeated: float
    """Time for each byte of the other parts, in nanoseconds."""
    longest: float
    """Time for the slowest value, without reading, in nanoseconds; infinite if its parts have no bounds."""

    def seconds(self, size: int) -> float:
        """Return the longest time for a value of ``size`` bytes, in seconds."""
        parts = min(self.longest, self.per_byte * size, self.once + self.repeated * size)
        return (READ * size + PASSES * parts) / 1e9

    def bytes_within(self, budget: float) -> float:
        """Return the size up to which every value is validated within ``budget`` nanoseconds."""
        return max(
            (budget - PASSES * self.longest) / READ,
            budget / (READ + PASSES * self.per_byte),
            (budget - PASSES * self.once) / (READ + PASSES * self.repeated),
        )


def bytes_within_budget(times: Iterable[ValidationTime]) -> int:
    """Return the size up to which every value is validated within :data:`BUDGET`, in bytes."""
    budget = BUDGET * 1e9
    return int(min((time.bytes_within(budget) for time in times), default=budget / READ))


@with_deep_stack
def validation_time(endpoint: model.Endpoint, payload: model.Payload) -> ValidationTime:
    """Return the bounds for the values of a payload."""
    return _Search(NodeCosts(endpoint)).time(payload.validator)


class _Bounds(NamedTuple):
    once: float
    longest: float


RECURSIVE = _Bounds(0, float("inf"))


class _Search:
    def __init__(self, costs: NodeCosts) -> None:
        self._costs = costs
        self._per_byte = self._repeated = 0.0
        self._known: dict[tuple[frozenset[int], bool], _Bounds] = {}
        """Bounds by the identities of the validators, and by the repetition; infinite while they are computed."""
        self._cases: dict[tuple[frozenset[int], JsonType], list[Node]] = {}
        """Cases by the identities of the validators and the type of the value."""

    def time(self, validator: model.Validator) -> ValidationTime:
        once, longest = self._visit([validator], repeats=False)
        if len(self._known) > MAX_STATES:
            once = float("inf")  # the times of further sets are unknown
        return ValidationTime(per_byte=self._per_byte, once=once, repeated=self._repeated, longest=longest)

    def _visit(self, validators: list[model.Validator], *, repeats: bool) -> _Bounds:
        """Return the bounds for the slowest value to which ``validators`` apply.

        Args:
            validators: Validators of the value.
            repeats: True for a part that a value may repeat; its time counts for each byte, and not as ``once``.
        """
        unique = {id(validator): validator for validator in validators}
        key = frozenset(unique), repeats
        if key in self._known:
            if not repeats and self._known[key] == RECURSIVE:
                self._visit(validators, repeats=True)
            return self._known[key]
        self._known[key] = RECURSIVE  # also the result beyond the limit
        if len(self._known) <= MAX_STATES:
            applied = list(unique.values())
            types = self._costs.accepted_types(applied, converted=repeats)
            bounds = [_Bounds(0 if repeats else REJECTION, REJECTION)]
            for json_type in JSON_TYPES.keys() - types:
                self._count(REJECTION / JSON_TYPES[json_type], repeats=repeats)
            for json_type in types:
                case = key[0], json_type
                if case not in self._cases:
                    self._cases[case] = self._costs.cases(applied, json_type)
                for node in self._cases[case]:
                    # a long text takes as long as many short ones
                    self._count(node.cost / node.bytes, repeats=repeats or json_type == "string")
                    bounds.append(self._node(node, repeats=repeats))
            self._known[key] = _Bounds(max(one.once for one in bounds), max(one.longest for one in bounds))
        return self._known[key]

    def _count(self, per_byte: float, *, repeats: bool) -> None:
        self._per_byte = max(self._per_byte, per_byte)
        if repeats:
            self._repeated = max(self._repeated, per_byte)

    def _node(self, node: Node, *, repeats: bool) -> _Bounds:
        parts = [self._visit(validators, repeats=repeats) for validators in node.named.values()]
        for validators, most in ((node.items, node.most_items), (node.rest, node.most_properties)):
            if validators and most:
                part = self._visit(validators, repeats=repeats or most > 1)
                parts.append(_Bounds(part.once, most * part.longest))
        once = sum((part.once for part in parts), start=0.0 if repeats else node.cost)
        return _Bounds(once, node.cost + sum(part.longest for part in parts))
