"""Actions: HTTP handlers that answer a POST with a one-time URL."""

from __future__ import annotations

import abc
import json
import logging
import math
from collections.abc import Sequence
from typing import Any, ClassVar, Generic, Protocol, TypeVar, final

from tornado.httputil import HTTPServerRequest
from tornado.web import Application, HTTPError, RequestHandler

from ..endpoint import Endpoint
from ..errors import BackplaneDown, GuardRefused, TooManyTickets
from ..loggers import HANDSHAKE
from ..validation.envelopes import SUBPROTOCOL
from .client_address import client_address
from .context import ServerContext
from .cors import allow_page, allow_post
from .request_errors import answered_by_tornado

__all__ = ["Action", "TicketIssuer", "devalue"]

TicketT = TypeVar("TicketT")


class TicketIssuer(Protocol):
    """Issuer of one-time URLs: the controller."""

    context: ServerContext

    async def issue(self, request_handler: RequestHandler, endpoint: Endpoint, ticket: object) -> str:
        """Return a new one-time URL."""
        ...


class Action(RequestHandler, Generic[TicketT], abc.ABC):
    """HTTP handler that answers a POST with a one-time URL. Subclass a generated action, not this class.

    The answer is plain JSON, or has the format of a SvelteKit form action (header ``X-SvelteKit-Action``). The check of
    the ``Origin`` header replaces Tornado's XSRF check, because a page of another server has no ``_xsrf`` cookie.
    """

    endpoint: ClassVar[Endpoint]
    """Endpoint of the URLs; set by generated code."""

    @abc.abstractmethod
    async def make_ticket(self, *args: Any, **kwargs: Any) -> TicketT:  # Any: groups of the route's pattern
        """Return the ticket for a new URL.

        Raises:
            tornado.web.HTTPError: If the request is refused.
            GuardRefused: If the request is refused, with a reason for the page.
        """

    _ws_retry_after: float | None = None
    _ws_message: str | None = None
    """Reason of a refusal. Unlike an HTTP reason phrase, it may contain any character."""

    def __init__(
        self, application: Application, request: HTTPServerRequest, *, ws_issuer: TicketIssuer, **arguments: Any
    ) -> None:
        """Prepare the handler of one request; Tornado calls this with the arguments of the controller's route.

        Args:
            application: Tornado application.
            request: Request for a URL.
            ws_issuer: Issuer of the URL.
            arguments: Arguments of ``initialize``, which subclasses define as in any Tornado handler.
        """
        self._ws_issuer = ws_issuer
        super().__init__(application, request, **arguments)

    async def post(self, *args: str, **kwargs: str) -> None:
        """Answer with a new URL."""
        context, request = self._ws_issuer.context, self.request
        context.untrusted_proxies.check(request.remote_ip or "", request.headers.get_list("X-Forwarded-For"))
        if not self._ws_check_origin():
            raise HTTPError(403)
        if context.draining:
            raise self._ws_refusal(503, "draining", "the server is shutting down", retry_after=1.0)
        try:
            with answered_by_tornado(f"{type(self).__qualname__}.make_ticket"):
                ticket = await self.make_ticket(*args, **kwargs)
                url = await self._ws_issuer.issue(self, self.endpoint, ticket)
        except GuardRefused as refused:
            raise self._ws_refusal(403, "guard", refused.reason, detail=refused.detail) from None
        except BackplaneDown as down:
            message, level = "no URL is available now", logging.WARNING
            raise self._ws_refusal(503, "backplane", message, detail=str(down), retry_after=1.0, level=level) from None
        except TooManyTickets as error:
            detail = f"{error}: limits.tickets={error.limit}"
            retry_after = error.retry_after
            raise self._ws_refusal(429, "tickets", str(error), detail=detail, retry_after=retry_after) from None
        self._ws_answer(url)

    def options(self, *args: str, **kwargs: str) -> None:
        """Answer the preflight request of a page of another origin."""
        self.set_status(204)
        if self._ws_allow_page():
            allow_post(self)

    @final
    def check_xsrf_cookie(self) -> None:
        """Do nothing: :meth:`post` checks ``Origin``."""

    @final
    def check_trusted_origin(self, origin: str) -> bool:
        """Return True if a page of the origin may post, by the controller's ``origins``; Tornado 6.6 calls it first."""
        return self._ws_check_origin()

    def set_default_headers(self) -> None:
        """Disable caching, because each URL is valid once, and let allowed pages of other origins read the answer.

        Tornado calls this again for each error.
        """
        self.set_header("Cache-Control", "no-store")
        self._ws_allow_page()
        if self._ws_retry_after is not None:
            self.set_header("Retry-After", str(math.ceil(self._ws_retry_after)))

    def write_error(self, status_code: int, **kwargs: Any) -> None:  # Any: as declared by Tornado
        """Write an error in the format that the request expects."""
        message = self._ws_message or self._reason
        if not self._ws_for_sveltekit:
            if self.settings.get("serve_traceback"):
                super().write_error(status_code, **kwargs)
            else:
                self.finish({"message": message})
            return
        data = devalue({"message": message})
        if status_code < 500:
            self.set_status(200)  # as SvelteKit does
        self.finish({"type": "failure", "status": status_code, "data": data})

    def _ws_allow_page(self) -> bool:
        origins = self._ws_issuer.context.origins
        return allow_page(self, origins, credentials=not origins.any_origin)

    def _ws_check_origin(self) -> bool:
        origins, headers = self._ws_issuer.context.origins, self.request.headers
        if origins.allow(headers):
            return True
        self._ws_refusal(403, "origin", "origin not allowed", detail=origins.explain(headers))
        return False

    def _ws_refusal(
        self,
        status: int,
        cause: str,
        message: str,
        *,
        detail: str = "",
        retry_after: float | None = None,
        level: int = logging.INFO,
    ) -> HTTPError:
        """Log a refusal as those of handshakes are logged, store its message and retry time, and return its error."""
        self._ws_message, self._ws_retry_after = message, retry_after
        context, request, name = self._ws_issuer.context, self.request, self.endpoint.name
        forwarded = request.headers.get_list("X-Forwarded-For")
        address = client_address(request.remote_ip or "", forwarded, context.trusted_proxies)
        text, kind = "%s refused a one-time URL for %s: %s [%s]", f"refused one-time URLs ({cause})"
        extra = {"endpoint": name, "address": address, "cause": cause, "code": status}
        arguments = (name, address, detail or message, status)
        context.log.log(HANDSHAKE, level, kind, text, *arguments, extra=extra)
        return HTTPError(status)

    @property
    def _ws_for_sveltekit(self) -> bool:
        return self.request.headers.get("X-SvelteKit-Action") == "true"

    def _ws_answer(self, url: str) -> None:
        answer: dict[str, str | list[str]] = {"url": url, "protocols": [SUBPROTOCOL]}
        if self._ws_for_sveltekit:
            self.finish({"type": "success", "status": 200, "data": devalue(answer)})
        else:
            self.finish(answer)


def devalue(record: dict[str, str | list[str]]) -> str:
    """Return a record in devalue, the format of SvelteKit's form actions: a flat array whose values refer by index."""
    table: list[Any] = [{}]  # Any: JSON values

    def place(value: str | Sequence[str]) -> int:
        index = len(table)
        table.append(value)
        if not isinstance(value, str):
            table[index] = [place(item) for item in value]
        return index

    table[0] = {name: place(value) for name, value in record.items()}
    return json.dumps(table, separators=(",", ":"), ensure_ascii=False)
