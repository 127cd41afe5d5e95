"""Cycles in graphs of types or schemas."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from graphlib import CycleError, TopologicalSorter
from typing import TypeVar

__all__ = ["nodes_in_cycles"]

NodeT = TypeVar("NodeT")


def nodes_in_cycles(graph: Mapping[NodeT, set[NodeT]]) -> set[NodeT]:
    """Return, in linear time, the nodes that are on a cycle, or on a path from one cycle to another.

    Args:
        graph: Targets of the edges from each node; each target is a node, too.
    """
    ahead = _without_ends(graph)
    reversed_: dict[NodeT, set[NodeT]] = {node: set() for node in ahead}
    for node in ahead:
        for target in graph[node] & ahead:
            reversed_[target].add(node)
    return _without_ends(reversed_)


def _without_ends(graph: Mapping[NodeT, set[NodeT]]) -> set[NodeT]:
    """Return the nodes from which a path leads to a cycle."""
    sorter = TopologicalSorter(graph)
    with suppress(CycleError):  # all nodes from which no path leads to a cycle are still sorted
        sorter.prepare()
    left = {*graph}
    while ready := sorter.get_ready():
        left.difference_update(ready)
        sorter.done(*ready)
    return left
