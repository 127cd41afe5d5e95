"""Check of the classes that stand in for generated ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tornado_ws import ConfigurationError
from tornado_ws.endpoint import Endpoint, Verdicts
from tornado_ws.validation.stand_in_check import require_equal_stand_ins

SCHEMA = '{"$defs": {"A": {"type": "object", "properties": {"a": {"minimum": 1}}}}}'


@dataclass(frozen=True)
class Written:
    """Class that writes one value."""

    value: Any

    def difference(self, new_verdicts: Callable[[], Verdicts], error: Callable[[str, Any], str | None]) -> str | None:
        assert new_verdicts().accepts("/$defs/A", self.value) is (error("/$defs/A", self.value) is None)
        return error("/$defs/A", self.value)


def endpoint(*values: Any) -> Endpoint:
    return Endpoint(
        name="a",
        kind="ephemeral",
        client=(),
        server=(),
        schema=SCHEMA,
        contract="",
        stand_ins=tuple(map(Written, values)),
    )


def test_equal_classes_are_accepted() -> None:
    require_equal_stand_ins(endpoint())
    require_equal_stand_ins(endpoint({}, {"a": 1}))


@pytest.mark.parametrize(("value", "place"), [({"a": 0}, "/a"), ([], "its root")])
def test_error_names_the_endpoint_and_the_place(value: Any, place: str) -> None:
    with pytest.raises(
        ConfigurationError, match=f"^a: invalid at {place}: expected .*; change the class or the schema"
    ):
        require_equal_stand_ins(endpoint({}, value))
