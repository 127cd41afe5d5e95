"""Stack for recursion through schemas."""

from __future__ import annotations

import sys
import threading

import pytest

from codegen.deep_stack import with_deep_stack


@with_deep_stack
def depth(number: int) -> int:
    return 0 if number == 0 else 1 + depth(number - 1)


@with_deep_stack
def thread() -> threading.Thread:
    return threading.current_thread()


@with_deep_stack
def pair() -> tuple[threading.Thread, threading.Thread]:
    return thread(), threading.current_thread()


def test_calls_are_nested_beyond_the_limit_of_python() -> None:
    assert 50_000 == depth(50_000)


def test_limit_is_restored() -> None:
    before = sys.getrecursionlimit(), threading.stack_size()

    depth(1)

    assert before == (sys.getrecursionlimit(), threading.stack_size())


def test_endless_recursion_raises() -> None:
    with pytest.raises(RecursionError):
        depth(-1)


def test_nested_calls_share_a_thread() -> None:
    inner, outer = pair()

    assert inner is outer is not threading.current_thread()
