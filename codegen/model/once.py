"""Results of functions of an endpoint, which several emitters need."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

from .endpoint import Endpoint

__all__ = ["once_per_endpoint"]

T = TypeVar("T")


def once_per_endpoint(function: Callable[[Endpoint], T]) -> Callable[[Endpoint], T]:
    """Decorate ``function`` to run once for each endpoint; its result lives as long as the endpoint."""
    known: WeakKeyDictionary[Endpoint, T] = WeakKeyDictionary()

    @wraps(function)
    def result(endpoint: Endpoint) -> T:
        if endpoint not in known:
            known[endpoint] = function(endpoint)
        return known[endpoint]

    return result
