"""Make one-time URLs, and find the handlers of those that are shown."""

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
from .endpoint_server import EndpointServer

__all__ = ["OneTimePath", "issue", "one_time_url", "read_one_time"]

KEY_LENGTH = 43
"""Characters of :func:`.tickets.make_key`; they may be hyphens."""


def one_time_url(connect_path: str, endpoint: str, key: str) -> str:
    """Return the path of a one-time URL. It names the endpoint, since all of them share ``connect_path``."""
    return f"{connect_path}{endpoint}-{key}"


def read_one_time(path: str) -> tuple[str, str]:
    """Return the endpoint and the key that a path names, if it is that of a one-time URL; else anything."""
    _, _, last = path.rpartition("/")
    return last[: -KEY_LENGTH - 1], last[-KEY_LENGTH:]


async def issue(mount: EndpointServer[Any], request_handler: RequestHandler, ticket: object) -> str:
    """Make a URL that is good for one connection of ``mount``.

    Args:
        mount: Of its handler.
        request_handler: Of the request that asks for it.
        ticket: What the handler gets.

    Raises:
        InvalidMessage: The ticket is not what the schema says.
        TooManyTickets: The client has too many open already.
        GuardRefused: The request lacks what a binding ties the URL to.
    """
    request, service = request_handler.request, mount.service
    forwarded = request.headers.get_list("X-Forwarded-For")
    address = client_address(request.remote_ip or "", forwarded, service.trusted)
    bound = mount.bound(request, address, request_handler.current_user)
    shown = {name: value for name, value in bound.items() if value is not None}
    if missing := bound.keys() - shown.keys():
        raise GuardRefused(f"the request has no {min(missing)}")
    stated = mount.tickets.endpoint.ticket is not None
    data = mount.tickets.encode_ticket(ticket) if stated else b"null"
    key = await service.backplane.tickets.issue(
        TicketGrant(endpoint=mount.endpoint.name, data=msgspec.Raw(data), bound=shown),
        client=shown.get("user", address),
        ttl=mount.endpoint.ttl,
        limit=mount.limits.tickets,
    )
    return one_time_url(service.connect_path, mount.endpoint.name, key)


class OneTimePath(Matcher):
    """Matches the one-time URLs of one endpoint; the first of a controller also all that no endpoint claims.

    Whoever makes URLs up is then refused just as with a key that was used.
    """

    def __init__(self, connect_path: str, endpoint: str, endpoints: Callable[[], Collection[str]]) -> None:
        """Match for ``endpoint``, which is one of ``endpoints()``, in the order in which they were mounted."""
        self._path = connect_path
        self._endpoint = endpoint
        self._endpoints = endpoints

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        """Return the handler's arguments, of which there are none; None if the URL is another's."""
        if not request.path.startswith(self._path):
            return None
        name, _ = read_one_time(request.path)
        endpoints = tuple(self._endpoints())
        owner = name if name in endpoints else endpoints[0]
        return {} if owner == self._endpoint else None
