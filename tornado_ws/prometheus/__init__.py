"""Metrics for Prometheus: ``*metrics(sockets)`` in the routes of an application.

Imports: ``errors``, ``config_checks``, ``histogram``, ``server``. No other layer imports this one or prometheus_client.

Entry point: :func:`.metrics_handler.metrics`.
"""

from ..errors import ConfigurationError

try:
    from .collector import SocketsCollector
    from .metrics_handler import metrics
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] != "prometheus_client":
        raise
    raise ConfigurationError("prometheus", str(error), "pip install 'tornado-ws[prometheus]'") from None

__all__ = ["SocketsCollector", "metrics"]
