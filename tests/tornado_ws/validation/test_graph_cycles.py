"""Cycles in graphs."""

from __future__ import annotations

import pytest

from tornado_ws.validation.graph_cycles import nodes_in_cycles


@pytest.mark.parametrize(
    ("edges", "expected"),
    [
        ("", ""),
        ("ab bc", ""),
        ("aa", "a"),
        ("ab ba", "ab"),
        ("xa ab bc ca cy yz", "abc"),
        ("ab ba bc cd de ed", "abcde"),
        ("ab bx xa xz", "abx"),
    ],
)
def test_nodes_outside_of_cycles_are_left_out(edges: str, expected: str) -> None:
    graph: dict[str, set[str]] = {}
    for start, end in edges.split():
        graph.setdefault(start, set()).add(end)
        graph.setdefault(end, set())

    assert nodes_in_cycles(graph) == {*expected}


def test_long_chains_are_no_cycles() -> None:
    chain = {number: {number + 1} for number in range(20_000)}

    assert nodes_in_cycles(chain | {20_000: set()}) == set()
    assert len(nodes_in_cycles(chain | {20_000: {10_000}})) == 10_001
