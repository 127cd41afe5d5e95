"""Traces for OpenTelemetry: ``trace(sockets)``.

Imports: ``loggers``, ``errors``, ``config_checks``, ``endpoint``, ``rate_limited_log``, ``server``. No other layer
imports this one or OpenTelemetry.

Entry point: :func:`.tracing.trace`.
"""

from ..errors import ConfigurationError

try:
    from .tracing import trace
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] != "opentelemetry":
        raise
    raise ConfigurationError("opentelemetry", str(error), "pip install 'tornado-ws[opentelemetry]'") from None

__all__ = ["trace"]
