"""Headers that let pages of other origins read an answer (CORS protocol of the Fetch standard)."""

from __future__ import annotations

from tornado.web import RequestHandler

from .origins import Origins

__all__ = ["allow_page", "allow_post"]


def allow_page(handler: RequestHandler, origins: Origins, *, credentials: bool) -> bool:
    """Let the page that sends a request read the answer, if it may connect; return True in that case.

    Args:
        handler: Handler of the request.
        origins: Origins of pages that may connect.
        credentials: True to let a page of any allowed origin send cookies.
    """
    handler.set_header("Vary", "Origin")
    origin = handler.request.headers.get("Origin")
    if origin is None or not origins.allow(handler.request.headers):
        return False
    handler.set_header("Access-Control-Expose-Headers", "Retry-After")
    if credentials:
        handler.set_header("Access-Control-Allow-Origin", origin)
        handler.set_header("Access-Control-Allow-Credentials", "true")
    else:
        handler.set_header("Access-Control-Allow-Origin", "*")
    return True


def allow_post(handler: RequestHandler) -> None:
    """Answer a preflight request of an allowed page: it may send a POST with any headers."""
    handler.set_header("Access-Control-Allow-Methods", "POST")
    if (names := handler.request.headers.get("Access-Control-Request-Headers")) is not None:
        handler.set_header("Access-Control-Allow-Headers", names)
    handler.set_header("Access-Control-Max-Age", "600")
