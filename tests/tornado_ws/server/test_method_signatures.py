from __future__ import annotations

from typing import Any

import pytest

from tests.support.lab import LabHandler
from tornado_ws.server.method_signatures import call_of, definition_of


def positional(self: Any, a: int, /, b: int = 1) -> None: ...


async def variable(self: Any, *rest: int, key: str, **others: int) -> None: ...


@pytest.mark.parametrize(
    ("method", "call"),
    [
        (positional, "name(self, a, b=1)"),
        (variable, "name(self, *rest, key, **others)"),
        (lambda: None, "name()"),
    ],
)
def test_call_has_names_and_defaults(method, call):
    assert call == call_of("name", method)


@pytest.mark.parametrize(
    ("method", "returned", "definition"),
    [
        (LabHandler.on_say, "", "async def name(self, say: Line) -> None"),
        (LabHandler.on_count, "", "async def name(self, count: int) -> AsyncIterator[int]"),
        (variable, "Ticket", "async def name(self: Any, *, key: str) -> Ticket"),
    ],
)
def test_definition_has_annotations_and_no_variable_parameters(method, returned, definition):
    assert definition == definition_of("name", method, returned)
