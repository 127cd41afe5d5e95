"""One-time URLs: creation, parsing and routing."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import msgspec
from tornado.httputil import HTTPServerRequest
from tornado.routing import Matcher
from tornado.web import RequestHandler

from ..channels import TicketGrant
from ..errors import GuardRefused
from .client_address import client_address
from .context import ServerContext
from .endpoint_server import EndpointServer
from .public_path import forwarded_prefix, without_prefix

__all__ = ["OneTimePath", "hide_key", "hide_misplaced_key", "issue", "one_time_url", "parse_one_time_url"]

KEY_LENGTH = 43
"""Number of characters of a key (:func:`.make_key`). A key may contain hyphens."""


def one_time_url(connect_path: str, endpoint: str, key: str) -> str:
    """Return the path of a one-time URL. It contains the endpoint, because all endpoints share ``connect_path``."""
    return f"{connect_path}{endpoint}-{key}"


def parse_one_time_url(path: str) -> tuple[str, str]:
    """Return the endpoint and the key of a one-time URL; arbitrary text for any other path."""
    _, _, last = path.rpartition("/")
    return last[: -KEY_LENGTH - 1], last[-KEY_LENGTH:]


def hide_key(request: HTTPServerRequest, connect_path: str, endpoint: str) -> str:
    """Return the key of a request, and replace it with ``***`` in the path, because Tornado logs the path."""
    _, key = parse_one_time_url(request.path)
    request.uri = request.path = one_time_url(connect_path, endpoint, "***")
    return key


def hide_misplaced_key(request: HTTPServerRequest, endpoints: Collection[str]) -> None:
    """Replace the key in the logged URL of a request for another path, which a proxy or a page has changed.

    The path itself stays as it is, for the routes that follow.

    Args:
        request: Request that no route of a one-time URL matches.
        endpoints: Names of the endpoints with one-time URLs.
    """
    name, key = parse_one_time_url(request.path.rstrip("/"))
    if name in endpoints and request.uri is not None:
        request.uri = request.uri.replace(f"{name}-{key}", f"{name}-***", 1)


async def issue(server: EndpointServer[Any], request_handler: RequestHandler, ticket: object) -> str:
    """Issue a URL that is valid for one connection.

    Args:
        server: Server of the endpoint.
        request_handler: Handler of the current request.
        ticket: Ticket of the URL, or the params of a persistent endpoint.

    Returns:
        Path of the URL.

    Raises:
        InvalidMessage: If the ticket violates the schema.
        TooManyTickets: If the client has too many unused URLs (:attr:`.Limits.tickets`).
        GuardRefused: If the request lacks the value of a binding.
    """
    request, context = request_handler.request, server.context
    forwarded = request.headers.get_list("X-Forwarded-For")
    address = client_address(request.remote_ip or "", forwarded, context.trusted_proxies)
    fingerprints = server.fingerprints(request, address, request_handler.current_user)
    bound = {name: value for name, value in fingerprints.items() if value is not None}
    if missing := fingerprints.keys() - bound.keys():
        raise GuardRefused(f"the request lacks {min(missing)}")
    key = await context.backplane.tickets.issue(
        TicketGrant(endpoint=server.endpoint.name, data=msgspec.Raw(server.encode_ticket(ticket)), bound=bound),
        client=bound.get("user", server.limits.network(address)),
        ttl=server.endpoint.ttl,
        limit=server.limits.tickets,
    )
    prefix = context.public_path
    if prefix is None:
        prefix = forwarded_prefix(request.headers, request.remote_ip or "", context.trusted_proxies)
        if context.connect_path.startswith(f"{prefix}/"):
            prefix = ""  # the proxy keeps it
    return prefix + one_time_url(context.connect_path, server.endpoint.name, key)


class OneTimePath(Matcher):
    """Route of the one-time URLs of one endpoint. The first endpoint of a controller also matches unknown names.

    Therefore an invented URL is refused in the same way as a used URL.
    """

    def __init__(self, context: ServerContext, endpoint: str, endpoints: Callable[[], Collection[str]]) -> None:
        """Create the route.

        Args:
            context: Settings of the controller.
            endpoint: Name of the endpoint.
            endpoints: Function that returns all names, in the order of mounting.
        """
        self.context = context
        """Settings of the controller that serves the path."""
        self._endpoint = endpoint
        self._endpoints = endpoints

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        """Return empty arguments for a URL of this endpoint; None for any other."""
        endpoints = tuple(self._endpoints())
        if not without_prefix(request.path, self.context.public_path).startswith(self.context.connect_path):
            hide_misplaced_key(request, endpoints)
            return None
        name, _ = parse_one_time_url(request.path)
        owner = name if name in endpoints else endpoints[0]
        return {} if owner == self._endpoint else None
