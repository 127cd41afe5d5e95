"""Base classes of generated clients: of persistent and of ephemeral endpoints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, TypeVar, Unpack

from ..errors import ConfigurationError
from ..validation.envelopes import SUBPROTOCOL
from .client_connection import Target
from .client_options import ClientOptions, ClientSettings
from .endpoint_url import endpoint_url, require_http_url, websocket_url
from .per_attempt import PerAttempt, value_for
from .socket_client import SocketClient
from .ticket_request import request_ticket

__all__ = ["EphemeralClient", "PersistentClient", "PersistentClientWithParams"]

ServerMessageT = TypeVar("ServerMessageT")
ParamsT = TypeVar("ParamsT")


class PersistentClient(SocketClient[ServerMessageT], Generic[ServerMessageT]):
    """Client of a persistent endpoint without parameters. Use a generated subclass."""

    def __init__(self, url: str, **options: Unpack[ClientOptions]) -> None:
        """Prepare a client; entering the context connects.

        Args:
            url: URL of the server, such as ``https://example.org`` or ``wss://example.org/app``. The path of the
                endpoint is added to it.
            options: Options; see :class:`.ClientOptions`.

        Raises:
            ConfigurationError: If the URL or an option is malformed.
        """
        self._prepare(url, None, ClientSettings(**options))

    def _prepare(self, url: str, params: PerAttempt[Any], settings: ClientSettings) -> None:
        websocket_url(url)
        self._url = url
        self._params = params
        SocketClient.__init__(self, settings, can_change=callable(params))

    async def _target(self) -> Target:
        endpoint = self.endpoint
        params = await value_for(self._params)
        values: dict[str, Any] = {}
        if endpoint.params is not None:
            values = self._session.codec.encode_params(params)
        url = endpoint_url(endpoint, self._url, values)
        return Target(url=url, headers=await self._settings.request_headers(), subprotocols=(SUBPROTOCOL,))


class PersistentClientWithParams(PersistentClient[ServerMessageT], Generic[ParamsT, ServerMessageT]):
    """Client of a persistent endpoint with parameters. Use a generated subclass."""

    def __init__(self, url: str, params: PerAttempt[ParamsT], **options: Unpack[ClientOptions]) -> None:
        """Prepare a client; entering the context connects.

        Args:
            url: URL of the server, as for :class:`PersistentClient`.
            params: Parameters of path and query, or a function that returns them before each attempt.
            options: Options; see :class:`.ClientOptions`.

        Raises:
            ConfigurationError: If the URL or an option is malformed.
        """
        self._prepare(url, params, ClientSettings(**options))


class EphemeralClient(SocketClient[ServerMessageT], Generic[ServerMessageT]):
    """Client of an ephemeral endpoint. Use a generated subclass."""

    def __init__(
        self,
        action: str | None = None,
        *,
        form: PerAttempt[Mapping[str, str]] | None = None,
        json: PerAttempt[Any] = None,
        url: PerAttempt[str] | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        """Prepare a client; entering the context connects.

        Args:
            action: URL of an action of the server. A POST before each attempt returns the URL of the connection.
            form: Fields of the POST, or a function that returns them before each attempt.
            json: Body of the POST instead of a form: any value that msgspec encodes, or a function that returns it.
            url: One-time URL instead of ``action``. A function returns a new one before each attempt; a text can be
                used once, without reconnection.
            options: Options; see :class:`.ClientOptions`.

        Raises:
            ConfigurationError: If the URL or an option is malformed.
        """
        if (action is None) is (url is None):
            raise ConfigurationError("action", "expected either the URL of an action, or the option url")
        if action is not None:
            require_http_url(action)
        if isinstance(url, str):
            websocket_url(url)
        self._action = action
        self._form = form
        self._json = json
        self._one_time_url = url
        super().__init__(ClientSettings(**options), can_change=any(map(callable, (form, json, url))))

    async def _target(self) -> Target:
        headers = await self._settings.request_headers()
        if self._one_time_url is not None:
            url = websocket_url(await value_for(self._one_time_url))
            is_single_use = not callable(self._one_time_url)
            return Target(url=url, headers=headers, subprotocols=(SUBPROTOCOL,), is_single_use=is_single_use)
        assert self._action is not None
        form = None if self._form is None else await value_for(self._form)
        answer = await request_ticket(
            self._action,
            headers=headers,
            form=form,
            json=await value_for(self._json),
            timeout=self._settings.connect_timeout,
            ssl_context=self._settings.ssl_context,
        )
        return Target(url=answer.url, headers=headers, subprotocols=answer.protocols or (SUBPROTOCOL,))
