"""Factory for clients of the server under test."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urljoin

from ..channels import Position
from ..client.endpoint_url import endpoint_path
from ..endpoint import Endpoint
from ..server.handler import SocketHandler
from ..validation.envelopes import SUBPROTOCOL
from ..validation.json_values import encode, read
from .client import Client

__all__ = ["Connect"]


class Connect:
    """Factory for clients of one server."""

    def __init__(self, port: int, loop: asyncio.AbstractEventLoop | None = None) -> None:
        """Create the factory.

        Args:
            port: Port of the server.
            loop: Event loop that the server runs in; None if it runs in another thread or process.
        """
        self.origin = f"http://127.0.0.1:{port}"
        """Origin of the server."""
        self._loop = loop

    def __call__(
        self,
        endpoint: Endpoint | type[SocketHandler[Any]],
        params: object | None = None,
        *,
        url: str | None = None,
        headers: Mapping[str, str] | None = None,
        subprotocols: Sequence[str] = (SUBPROTOCOL,),
        positions: Mapping[str, Position] | None = None,
        timeout: float = 1.0,
    ) -> Client:
        """Return a client for use with ``async with``.

        Args:
            endpoint: Endpoint of a generated module, or its handler class.
            params: Parameters of a persistent endpoint, typed or as a mapping. Parameters of the path template fill the
                path; the others become the query.
            url: Path or URL instead of ``params``, such as a one-time URL.
            headers: Headers of the handshake.
            subprotocols: Subprotocols to offer.
            positions: :attr:`.Client.positions` of an earlier client, to resume its channels.
            timeout: Default maximum time of each operation, in seconds.

        Raises:
            TypeError: If the endpoint is ephemeral and ``url`` is missing.
            RuntimeError: If the test runs in another event loop than the server, so that it would wait without end.
        """
        if self._loop is not None and asyncio.get_running_loop() is not self._loop:
            raise RuntimeError(
                "the fixture connect serves in the event loop of pytest-tornado: mark the test with "
                "@pytest.mark.gen_test, or write `async with serving(app) as connect` in tests of other plugins"
            )
        target_endpoint = endpoint if isinstance(endpoint, Endpoint) else endpoint.endpoint
        target = urljoin(self.origin, url or _path(target_endpoint, params))
        target = "ws" + target.removeprefix("http")
        return Client(
            target_endpoint, target, headers=headers, subprotocols=subprotocols, positions=positions, timeout=timeout
        )


def _path(endpoint: Endpoint, params: object | None) -> str:
    if endpoint.path is None:
        raise TypeError(f"{endpoint.name} is ephemeral; pass the url that an action returned")
    values: dict[str, Any] = read(encode(params or {}))
    return endpoint_path(endpoint, values)
