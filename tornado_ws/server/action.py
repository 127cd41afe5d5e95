"""Answer the POST with which a page asks for a one-time URL."""

from __future__ import annotations

import abc
import json
import logging
import math
from collections.abc import Sequence
from typing import Any, ClassVar, Generic, Protocol, TypeVar, final

from tornado.web import HTTPError, RequestHandler

from ..endpoint import Endpoint
from ..errors import BackplaneDown, GuardRefused, TooManyTickets
from .base_handler import SUBPROTOCOL
from .context import ServerContext

__all__ = ["Action", "TicketIssuer", "devalue"]

logger = logging.getLogger("tornado_ws")

TicketT = TypeVar("TicketT")


class TicketIssuer(Protocol):
    """Who makes one-time URLs: the controller."""

    service: ServerContext

    async def issue(self, request_handler: RequestHandler, endpoint: Endpoint, ticket: object) -> str:
        """Make a one-time URL."""
        ...


class Action(RequestHandler, Generic[TicketT], abc.ABC):
    """Answers a POST with a one-time URL. Subclass a generated action, and mount it with the controller.

    It answers both the plain form and that of SvelteKit's form actions. It checks ``Origin`` itself: a page made by
    another server has no ``_xsrf`` cookie of ours.
    """

    endpoint: ClassVar[Endpoint]
    """The protocol; set by generated code."""

    @abc.abstractmethod
    async def make_ticket(self, *args: Any, **kwargs: Any) -> TicketT:  # Any: the groups of the path's pattern
        """Return the data of the ticket; raise :exc:`tornado.web.HTTPError` to refuse."""

    _retry_after: float | None = None
    _words: str | None = None
    """Why it refuses; unlike the reason of an HTTP response they may be in any language."""

    def initialize(self, issuer: TicketIssuer) -> None:
        """Take what the controller has mounted the action with."""
        self._issuer = issuer

    async def post(self, *args: str, **kwargs: str) -> None:
        """Make the URL."""
        origins, headers = self._issuer.service.origins, self.request.headers
        if not origins.allow(headers.get("Origin"), headers.get("Host")):
            raise self._refusal(403, "origin not allowed")
        if self._issuer.service.draining:
            raise self._refusal(503, "the server stops", retry_after=1.0)
        try:
            ticket = await self.make_ticket(*args, **kwargs)
            url = await self._issuer.issue(self, self.endpoint, ticket)
        except GuardRefused as refused:
            raise self._refusal(403, refused.reason) from None
        except BackplaneDown as down:
            logger.warning("%s", down)
            raise self._refusal(503, "no URL can be made now", retry_after=1.0) from None
        except TooManyTickets as many:
            raise self._refusal(429, str(many), retry_after=many.retry_after) from None
        self._answer(url)

    @final
    def check_xsrf_cookie(self) -> None:
        """Do nothing: :meth:`post` checks ``Origin``."""

    @final
    def check_trusted_origin(self, origin: str) -> bool:
        """Tell whether a page may ask; the controller knows."""
        return self._issuer.service.origins.allow(origin, self.request.headers.get("Host"))

    def set_default_headers(self) -> None:
        """Keep answers out of caches: each URL is good once. Tornado calls this for every error again."""
        self.set_header("Cache-Control", "no-store")
        if self._retry_after is not None:
            self.set_header("Retry-After", str(math.ceil(self._retry_after)))

    def write_error(self, status_code: int, **kwargs: Any) -> None:  # Tornado's
        """Refuse in the form that was asked for."""
        words = self._words or self._reason
        if not self._for_sveltekit:
            if self.settings.get("serve_traceback"):
                super().write_error(status_code, **kwargs)
            else:
                self.finish({"message": words})
            return
        data = devalue({"message": words})
        if status_code < 500:
            self.set_status(200)  # as SvelteKit does
        self.finish({"type": "failure", "status": status_code, "data": data})

    def _refusal(self, status: int, words: str, *, retry_after: float | None = None) -> HTTPError:
        """Return what refuses when it is raised."""
        self._words, self._retry_after = words, retry_after
        return HTTPError(status, words)

    @property
    def _for_sveltekit(self) -> bool:
        return self.request.headers.get("X-SvelteKit-Action") == "true"

    def _answer(self, url: str) -> None:
        answer: dict[str, str | list[str]] = {"url": url, "protocols": [SUBPROTOCOL]}
        if self._for_sveltekit:
            self.finish({"type": "success", "status": 200, "data": devalue(answer)})
        else:
            self.finish(answer)


def devalue(record: dict[str, str | list[str]]) -> str:
    """Return a record in devalue's format, that of SvelteKit's form actions: values refer to each other by index."""
    table: list[Any] = [{}]  # Any: JSON values

    def place(value: str | Sequence[str]) -> int:
        index = len(table)
        table.append(value)
        if not isinstance(value, str):
            table[index] = [place(item) for item in value]
        return index

    table[0] = {name: place(value) for name, value in record.items()}
    return json.dumps(table, separators=(",", ":"), ensure_ascii=False)
