"""Servers for clients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.support.typed_clients import Restartable
from tornado_ws import WebSocketController


@pytest.fixture
def serve(make_sockets: Callable[..., WebSocketController]) -> Callable[..., Restartable]:
    """Return a function that mounts the handler of a persistent endpoint on a server, which is not started."""

    def make(handler: Any, *, guards: Sequence[Any] = (), **settings: Any) -> Restartable:
        server = Restartable(make_sockets(**settings))
        server.application.add_handlers(".*", server.sockets.persistent(handler, guards=guards))
        return server

    return make
