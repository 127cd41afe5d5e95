"""Answer the POST with which a page asks for a one-time URL."""

from __future__ import annotations

import abc
import json
import math
from collections.abc import Sequence
from typing import Any, ClassVar, Generic, Protocol, TypeVar, final

from tornado.web import HTTPError, RequestHandler

from .endpoint import Endpoint
from .errors import BackplaneDown, GuardRefused, TooManyTickets
from .service import Service
from .upgrade import SUBPROTOCOL

__all__ = ["Action", "Issuer", "devalue"]

TicketT = TypeVar("TicketT")


class Issuer(Protocol):
    """Who makes one-time URLs: the controller."""

    service: Service

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

    def initialize(self, issuer: Issuer) -> None:
        """Take what the controller has mounted the action with."""
        self._issuer = issuer

    async def post(self, *args: str, **kwargs: str) -> None:
        """Make the URL."""
        origins, headers = self._issuer.service.origins, self.request.headers
        if not origins.allow(headers.get("Origin"), headers.get("Host")):
            raise HTTPError(403, "origin not allowed")
        if self._issuer.service.draining:
            self._retry_after = 1.0
            raise HTTPError(503, "the server stops")
        try:
            ticket = await self.make_ticket(*args, **kwargs)
            url = await self._issuer.issue(self, self.endpoint, ticket)
        except GuardRefused as refused:
            raise HTTPError(403, refused.reason) from None
        except BackplaneDown as down:
            self._retry_after = 1.0
            raise HTTPError(503, str(down)) from None
        except TooManyTickets as many:
            self._retry_after = many.retry_after
            raise HTTPError(429, str(many)) from None
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
        if not self._for_sveltekit:
            super().write_error(status_code, **kwargs)
            return
        data = devalue({"message": self._reason})
        if status_code < 500:
            self.set_status(200)  # as SvelteKit does
        self.finish({"type": "failure", "status": status_code, "data": data})

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
