"""Handler of the requests of Prometheus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from tornado.routing import Rule, URLSpec
from tornado.web import HTTPError, RequestHandler

from ..config_checks import require_instance
from ..errors import ConfigurationError
from ..server.client_address import Network, client_address, contains, networks, shown_peer
from ..server.controller import WebSocketController
from .collector import SocketsCollector
from .loop_lag import LoopLag

__all__ = ["LOCAL", "MetricsHandler", "metrics"]

LOCAL = ("127.0.0.0/8", "::1", "unix:")
"""Clients on this machine."""


FORWARDED: Final = frozenset(
    {"Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-Ip"}
)
"""Headers that proxies add: the request does not come from the address of the connection."""


class MetricsHandler(RequestHandler):
    """Handler that answers with the metrics of a registry, in the format that Prometheus requests."""

    of_one_process: ClassVar = True
    """The command ``serve`` gives each of several processes a port of its own, by which Prometheus reads it."""

    def initialize(
        self,
        registry: CollectorRegistry,
        loop_lag: LoopLag,
        allow: tuple[Network, ...],
        trusted_proxies: tuple[Network, ...],
    ) -> None:
        """Store the registry, as :func:`metrics` passes it."""
        self._registry = registry
        self._loop_lag = loop_lag
        self._allow = allow
        self._trusted_proxies = trusted_proxies

    def get(self) -> None:
        """Answer with all metrics."""
        if (problem := self._problem()) is not None:
            raise HTTPError(403, "metrics: %s", problem, reason="address not allowed")
        self._loop_lag.start()
        encode, content_type = choose_encoder(self.request.headers.get("Accept", ""))
        self.set_header("Content-Type", content_type)
        self.finish(encode(self._registry))

    def _problem(self) -> str | None:
        """Return the reason to refuse the client, with the setting that decides; None if it may read the metrics."""
        headers, peer = self.request.headers, self.request.remote_ip or ""
        forwarded = headers.get_list("X-Forwarded-For")
        if found := sorted(FORWARDED & {*headers}):
            if not contains(self._trusted_proxies, peer):
                return f"the proxy {shown_peer(peer)}, which sends {found[0]}, is not in trusted_proxies=[…]"
            if not forwarded:
                return f"the proxy {shown_peer(peer)}, which sends {found[0]}, does not send X-Forwarded-For"
        address = client_address(peer, forwarded, self._trusted_proxies)
        return None if contains(self._allow, address) else f"{address} is not in allow=[…]"


def metrics(
    *controllers: WebSocketController,
    path: str = "/metrics",
    allow: Sequence[str] = LOCAL,
    registry: CollectorRegistry | None = None,
) -> list[Rule]:
    """Return the route of the metrics of controllers, for a Tornado application. From now on, messages are counted.

    Args:
        controllers: Controllers of this process.
        path: Path of the route.
        allow: Addresses and networks of clients that may read the metrics; by default this machine. Requests through
            a proxy that is not in ``trusted_proxies`` of the first controller are refused.
        registry: Registry with other metrics of the application, such as ``prometheus_client.REGISTRY``; by default
            one with only these metrics.

    Raises:
        ConfigurationError: If an argument is invalid.
    """
    if not controllers:
        raise ConfigurationError("controllers", "expected at least one controller, got none")
    for sockets in controllers:
        require_instance("controllers", sockets, WebSocketController)
    require_instance("path", path, str)
    loop_lag = LoopLag()
    registry = CollectorRegistry() if registry is None else registry
    registry.register(SocketsCollector(controllers, loop_lag.times))
    arguments = {
        "registry": registry,
        "loop_lag": loop_lag,
        "allow": networks("allow", allow),
        "trusted_proxies": controllers[0].context.trusted_proxies,
    }
    return [URLSpec(path, MetricsHandler, arguments)]
