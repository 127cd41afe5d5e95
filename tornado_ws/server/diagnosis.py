"""Reason of a failed handshake, for a page that requests the URL of the handshake with ``fetch``.

A browser hides the status of a failed handshake. The answer to the request contains it, for pages that may connect.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Final, Protocol

from tornado.httputil import HTTPHeaders
from tornado.web import Finish, HTTPError, RequestHandler

from ..errors import BackplaneDown, GuardRefused
from .cors import allow_page
from .endpoint_server import EndpointServer
from .handshake import HandshakeRequest
from .origins import Origins
from .pending_handshakes import require_time
from .refusals import SHUTTING_DOWN, HttpRefusal, send_http_refusal
from .request_checks import QuotaLease, refuse_origin, refuse_rate
from .request_errors import answered_by_tornado

__all__ = ["diagnose", "send_diagnosis"]

PAGE_REFUSED: Final = HttpRefusal(
    status=426, cause="origin", reason="the origin of this page is not allowed; see the log of the server", detail=""
)
NO_UPGRADE: Final = HttpRefusal(
    status=426,
    cause="upgrade",
    reason="the server would accept a handshake, but this request is none: "
    "a proxy in between must pass on the headers Upgrade and Connection, and use HTTP/1.1",
    detail="",
)
"""Result for a page whose handshake would be accepted: it has failed on its way."""
PREPARE_TOO_SLOW: Final = HttpRefusal(
    status=426, cause="handler", reason="prepare took too long", detail="", retry_after=5.0
)
"""Result for a page whose handshake would be refused with 1013."""
FAILED: Final = HttpRefusal(
    status=426, cause="internal", reason="the server failed; its log has the traceback", detail="", retry_after=5.0
)
"""Result for a page whose handshake would be answered with 500."""


class DiagnosedRequest(HandshakeRequest, Protocol):
    """Request without a handshake: a handler of Tornado."""

    def log_exception(
        self,
        typ: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Log an exception of the application."""
        ...

    def clear(self) -> None:
        """Discard the headers and the text of a response that is not sent yet."""
        ...


async def diagnose(
    server: EndpointServer[Any], request_handler: DiagnosedRequest, prepare: Callable[[], Awaitable[bool]]
) -> HttpRefusal | None:
    """Return the refusal of a handshake with the same URL, page and client.

    It is None if ``prepare`` has answered, or the client has disconnected.

    Nothing changes except for the rate of these requests: no guard runs, and no ticket is redeemed, because refusals by
    guards, params and tickets reach the page as close codes. The quotas count the request while ``prepare`` runs.

    Args:
        server: Server of the endpoint.
        request_handler: Handler of the request.
        prepare: Function that runs the handler's ``prepare``, and returns False if that has answered the request.

    Raises:
        HTTPError: If ``prepare`` raises it, or :exc:`tornado.web.Finish`, to answer the request.
    """
    try:
        with answered_by_tornado(f"{type(request_handler).__qualname__}.prepare"):
            return await _diagnose(server, request_handler, prepare)
    except (HTTPError, Finish):
        raise
    except Exception as error:  # of `prepare`, `get_current_user` or the controller's `user`
        request_handler.log_exception(type(error), error, error.__traceback__)
        request_handler.clear()
        return FAILED


async def _diagnose(
    server: EndpointServer[Any], request_handler: HandshakeRequest, prepare: Callable[[], Awaitable[bool]]
) -> HttpRefusal | None:
    if (refused := _refuse_request(server, request_handler)) is not None:
        return refused
    context, seconds = server.context, server.limits.handshake_timeout
    lease = QuotaLease(server.quotas, request_handler.address, None)
    if (refused := lease.acquire()) is not None:
        return refused
    deadline, interruption = asyncio.timeout(seconds), None
    try:
        async with context.pending_handshakes.interruptible(request_handler.connection_id) as interruption, deadline:
            if not await prepare():
                return None
            require_time(deadline, interruption)
            return lease.change_user(context.key_of(request_handler.current_user)) or NO_UPGRADE
    except (GuardRefused, BackplaneDown):  # of `prepare`; a handshake sends their close code after the upgrade
        return NO_UPGRADE
    except TimeoutError:
        if context.draining:
            return SHUTTING_DOWN
        if deadline.expired():
            return PREPARE_TOO_SLOW
        if interruption is None or not interruption.expired():
            raise  # of `prepare`
        return None
    finally:
        lease.release()


def _refuse_request(server: EndpointServer[Any], request_handler: HandshakeRequest) -> HttpRefusal | None:
    """Return the refusal by the checks that need only the request, if any."""
    context, headers = server.context, request_handler.request.headers
    address, now = request_handler.address, context.clock()
    if (foreign := refuse_origin(context.origins, headers)) is not None:
        return foreign
    if refuse_origin(context.origins, _with_origin_of_page(headers)) is not None:
        return PAGE_REFUSED
    if context.draining:
        return SHUTTING_DOWN
    own = [] if context.diagnoses is None else [(context.diagnoses, context.limits)]
    return refuse_rate(own, address, now) or refuse_rate(server.handshake_rates, address, now, count=False)


def send_diagnosis(handler: RequestHandler, origins: Origins, refusal: HttpRefusal) -> None:
    """Answer with the reason as JSON. A page of another origin, which cannot connect, can read nothing.

    There is no ``Upgrade`` header, although RFC 9110 section 15.5.22 requires one: nginx passes it on to clients with
    HTTP/2, for which it is a connection error (RFC 9113 section 8.2.2).
    """
    handler.set_header("Cache-Control", "no-store")
    allow_page(handler, origins, credentials=True)
    if refusal.status == 403:
        send_http_refusal(handler, refusal)
        return
    handler.set_status(426)
    wait = refusal.retry_after
    answer: dict[str, object] = {"code": refusal.cause, "message": refusal.reason, "retryable": wait is not None}
    if wait is not None:
        handler.set_header("Retry-After", str(math.ceil(wait)))
        answer["retryAfterMs"] = math.ceil(wait * 1000)
    handler.set_header("Content-Type", "application/json")
    handler.finish(json.dumps(answer))


def _with_origin_of_page(headers: HTTPHeaders) -> HTTPHeaders:
    """Return headers with ``Origin``, as a handshake has them.

    A request for the same origin has only ``Referer``, whose path the page leaves out. The proxy may have changed
    ``Host``, so that the server takes this origin for another one.
    """
    copy = headers.copy()
    if "Origin" not in copy and (referer := headers.get("Referer")) is not None:
        copy["Origin"] = "/".join(referer.split("/", 3)[:3])
    return copy
