"""Refusals of handshakes: their answer to the client, and their report to the controller."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from typing import Any, Final, Protocol

from tornado.web import RequestHandler

from ..errors import CloseCode, GuardRefused
from ..loggers import HANDSHAKE
from ..websocket.upgrade_request import UpgradeError
from .context import Refusal
from .endpoint_server import EndpointServer

__all__ = ["SHUTTING_DOWN", "HttpRefusal", "cause_of", "report_refusal", "send_http_refusal"]

CAUSES: Final = {CloseCode.INVALID_PARAMS: "params", CloseCode.INVALID_TICKET: "ticket"}
"""Causes of refusals by close code; the others are of guards."""


@dataclass(frozen=True, kw_only=True)
class HttpRefusal:
    """Refusal before the upgrade, as an HTTP response. A browser reports it as a failed connection, without details."""

    status: int
    cause: str
    """Stable name, as in :attr:`.Refusal.cause`."""
    reason: str
    """Text for the client."""
    detail: str
    """Text for the log, as in :attr:`.Refusal.detail`."""
    retry_after: float | None = None
    """Seconds to wait before a retry."""

    @classmethod
    def from_upgrade_error(cls, error: UpgradeError) -> HttpRefusal:
        """Return the refusal of a request that is not an opening handshake."""
        detail = f"{error.reason}; {error.hint}" if error.hint else error.reason
        return cls(status=error.status, cause="upgrade", reason=error.reason, detail=detail)

    @classmethod
    def from_handler(cls, name: str, status: int, reason: str) -> HttpRefusal:
        """Return the refusal of a handler that answered the request itself.

        Args:
            name: Name of its class.
            status: HTTP status.
            reason: Reason phrase of the status.
        """
        detail = f"{name} answered with {status}, in prepare or after an error"
        return cls(status=status, cause="handler", reason=reason, detail=detail)


SHUTTING_DOWN: Final = HttpRefusal(
    status=503,
    cause="draining",
    reason="the server is shutting down",
    detail="the server is shutting down",
    retry_after=1.0,
)
"""Refusal of all handshakes that are not complete when the shutdown begins."""


def send_http_refusal(handler: RequestHandler, refusal: HttpRefusal) -> None:
    """Answer a request with a refusal, as plain text."""
    handler.set_status(refusal.status)
    if refusal.retry_after is not None:
        handler.set_header("Retry-After", str(math.ceil(refusal.retry_after)))
    handler.set_header("Content-Type", "text/plain; charset=utf-8")
    handler.finish(refusal.reason)


def cause_of(refusal: HttpRefusal | GuardRefused) -> str:
    """Return the cause of a refusal, as in :attr:`.Refusal.cause`."""
    if isinstance(refusal, HttpRefusal):
        return refusal.cause
    return next((cause for code, cause in CAUSES.items() if code == refusal.code), "guard")


class RefusedHandler(Protocol):
    """Handler of a refused handshake."""

    @property
    def address(self) -> str:
        """Address of the client."""
        ...

    def log_attributes(self) -> dict[str, object]:
        """Return the attributes of log records about the connection."""
        ...


def report_refusal(server: EndpointServer[Any], handler: RefusedHandler, refusal: HttpRefusal | GuardRefused) -> None:
    """Log a refusal, and call the controller's ``on_refuse``."""
    context, endpoint, address = server.context, server.endpoint.name, handler.address
    if isinstance(refusal, HttpRefusal):
        report = Refusal(
            endpoint=endpoint,
            address=address,
            cause=refusal.cause,
            reason=refusal.reason,
            detail=refusal.detail,
            status=refusal.status,
        )
    else:
        cause = cause_of(refusal)
        report = Refusal(
            endpoint=endpoint,
            address=address,
            cause=cause,
            reason=refusal.reason,
            detail=refusal.detail or refusal.reason,
            code=refusal.code,
        )
    if HANDSHAKE.isEnabledFor(logging.INFO):
        code = report.status or report.code
        extra = {**handler.log_attributes(), "code": code, "cause": report.cause}
        text, kind = "%s refused %s: %s [%s]", f"refused handshakes ({report.cause})"
        context.log.log(HANDSHAKE, logging.INFO, kind, text, endpoint, address, report.detail, code, extra=extra)
    server.handshakes[report.cause] += 1
    context.notify(context.observer.on_refuse, report)
