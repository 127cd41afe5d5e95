"""Methods of clients by the kind of their message."""

from __future__ import annotations

import re

import pytest

from tests.support.lab import LAB, Note
from tests.support.orders import ORDERS
from tornado_ws.client.message_calls import require_call
from tornado_ws.endpoint import Endpoint

CALLS = ("send", "request", "stream", "deliver")


@pytest.mark.parametrize(
    ("endpoint", "name", "expected"),
    [(LAB, "say", "send"), (LAB, "echo", "request"), (LAB, "count", "stream"), (ORDERS, "order", "deliver")],
)
def test_one_method_sends_a_message(endpoint: Endpoint, name: str, expected: str) -> None:
    (message,) = (message for message in endpoint.client if message.name == name)

    require_call(endpoint, message, expected)
    for call in CALLS:
        if call != expected:
            text = f"{name}: expected a call of {expected}(), got {call}()"
            with pytest.raises(TypeError, match=f"^{re.escape(text)}$"):
                require_call(endpoint, message, call)


def test_messages_that_clients_do_not_send_are_left_to_the_encoder() -> None:
    (note,) = (message for message in LAB.server if message.cls is Note)

    for call in CALLS:
        require_call(LAB, note, call)
        require_call(LAB, None, call)
