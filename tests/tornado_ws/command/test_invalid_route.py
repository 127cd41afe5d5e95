from __future__ import annotations

import pytest
from tornado.web import Application

from tornado_ws.command.invalid_route import place_of_invalid_route


def test_place_is_the_call_of_tornado():
    with pytest.raises(AssertionError) as error:
        Application([[]])  # type: ignore[list-item]

    assert (place_of_invalid_route(error.value) or "").endswith("test_invalid_route.py:11")


@pytest.mark.parametrize("error", [AssertionError(), ValueError("a")])
def test_other_errors_have_no_place(error):
    assert place_of_invalid_route(error) is None
