"""Find the handler of a one-time URL."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from tornado.httputil import HTTPServerRequest
from tornado.routing import Matcher

__all__ = ["OneTimePath", "one_time_url", "read_one_time"]

KEY_LENGTH = 43
"""Characters of :func:`.tickets.make_key`; they may be hyphens."""


def one_time_url(connect_path: str, endpoint: str, key: str) -> str:
    """Return the path of a one-time URL. It names the endpoint, since all of them share ``connect_path``."""
    return f"{connect_path}{endpoint}-{key}"


def read_one_time(path: str) -> tuple[str, str]:
    """Return the endpoint and the key that a path names, if it is that of a one-time URL; else anything."""
    _, _, last = path.rpartition("/")
    return last[: -KEY_LENGTH - 1], last[-KEY_LENGTH:]


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
