"""Traces for OpenTelemetry: ``trace(sockets)``.

Imports: ``errors``, ``config_checks``, ``endpoint``, ``server``. No other layer imports this one or OpenTelemetry.

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
