"""Reason of a failed handshake, for a page that requests the URL of the handshake with ``fetch``.

A browser hides the status of a failed handshake. The answer to the request contains it, for pages that may connect.
"""

from __future__ import annotations

import json
import math
from typing import Any, Final

from tornado.httputil import HTTPHeaders
from tornado.web import RequestHandler

from .cors import allow_page
from .endpoint_server import EndpointServer
from .handshake import HandshakeRequest
from .origins import Origins
from .refusals import SHUTTING_DOWN, HttpRefusal, send_http_refusal
from .request_checks import QuotaLease, refuse_origin, refuse_rate

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


def diagnose(server: EndpointServer[Any], request_handler: HandshakeRequest) -> HttpRefusal:
    """Return the refusal of a handshake with the same URL, page and client.

    Nothing changes except for the rate of these requests: no guard runs, and no ticket is redeemed, because refusals by
    guards, params and tickets reach the page as close codes.

    Args:
        server: Server of the endpoint.
        request_handler: Handler of the request.
    """
    context, headers = server.context, request_handler.request.headers
    address, now = request_handler.address, context.clock()
    if (foreign := refuse_origin(context.origins, headers)) is not None:
        return foreign
    if refuse_origin(context.origins, _with_origin_of_page(headers)) is not None:
        return PAGE_REFUSED
    if context.draining:
        return SHUTTING_DOWN
    own = [] if context.diagnoses is None else [(context.diagnoses, context.limits)]
    refused = refuse_rate(own, address, now) or refuse_rate(server.handshake_rates, address, now, count=False)
    if refused is not None:
        return refused
    lease = QuotaLease(server.quotas, address, context.key_of(request_handler.current_user))
    refused = lease.acquire()
    lease.release()
    return refused or NO_UPGRADE


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
