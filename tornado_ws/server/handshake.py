"""Opening handshake of one connection (RFC 6455 section 4), from the GET request to the session."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeAlias, TypeVar

from tornado.httputil import HTTPServerRequest

from ..endpoint import Endpoint
from ..errors import BackplaneDown, CloseCode, GuardRefused, InvalidFrame
from ..validation.envelopes import PARAMETERS, SUBPROTOCOL, SUBPROTOCOL_PARAMETER
from .endpoint_server import EndpointServer
from .guards import first_refusal
from .pending_handshakes import require_time
from .refusals import SHUTTING_DOWN, HttpRefusal
from .request_checks import QuotaLease, refuse_origin, refuse_rate

__all__ = [
    "Admitted",
    "Handshake",
    "Outcome",
    "has_subprotocol",
]


@dataclass(frozen=True)
class Admitted:
    """Successful handshake."""


Outcome: TypeAlias = Admitted | HttpRefusal | GuardRefused
"""Result of a handshake. A :exc:`.GuardRefused` is sent as a close frame after the upgrade; a page can read it."""


class HandshakeRequest(Protocol):
    """Request of a handshake: the handler of the GET request, which is the argument of guards."""

    endpoint: ClassVar[Endpoint]
    request: HTTPServerRequest
    connection_id: str

    @property
    def path_args(self) -> list[str]:
        """Groups of the path's pattern, percent-decoded."""
        ...

    @property
    def current_user(self) -> Any:  # the application chooses the type
        """Signed-in user."""
        ...

    @property
    def address(self) -> str:
        """Address of the client."""
        ...

    @property
    def connected_at(self) -> float:
        """Time of the request, before ``prepare``, in seconds (the controller's clock)."""
        ...

    def log_attributes(self) -> dict[str, object]:
        """Return the attributes of log records about the connection."""
        ...


HandlerT = TypeVar("HandlerT", bound=HandshakeRequest)


def has_subprotocol(selected: str | None, request: HTTPServerRequest) -> bool:
    """Return True if a client receives frames starting with ``$``.

    Args:
        selected: Subprotocol of the handshake.
        request: Request of the handshake.
    """
    offered = request.query_arguments.get(SUBPROTOCOL_PARAMETER, [])
    return selected == SUBPROTOCOL or SUBPROTOCOL.encode() in offered


class Handshake(Generic[HandlerT]):
    """Handshake of one connection.

    Order of the checks: origin, shutdown, rate and quotas, which cost nothing; then the handler's ``prepare``, and the
    quota of the user. These are refused with an HTTP status. Params or ticket, guards, and redemption of the ticket
    follow, refused with a close frame. Other methods of the handler run only after all checks.
    """

    def __init__(
        self,
        server: EndpointServer[HandlerT],
        handler: HandlerT,
        *,
        prepare: Callable[[], Awaitable[bool]],
        identify: Callable[[Any], None],
        key: str,
        on_lease: Callable[[QuotaLease], None],
    ) -> None:
        """Prepare; nothing is checked yet.

        Args:
            server: Server of the endpoint.
            handler: Handler of the request, passed to the guards.
            prepare: Function that runs the handler's ``prepare``, and returns False if that has answered the request.
            identify: Setter for the handler's params or ticket. ``Any`` stands for the type in the schema.
            key: Key of the one-time URL; empty for an endpoint with a path.
            on_lease: Function that receives the lease of the quotas, and releases it when the connection has closed or
                is not opened.
        """
        self._server = server
        self._context = server.context
        self._handler = handler
        self._prepare = prepare
        self._identify = identify
        self._key = key
        self._address = handler.address
        self._on_lease = on_lease
        self._lease: QuotaLease | None = None
        self._began_at = handler.connected_at
        self._running = "prepare"

    def begin(self) -> HttpRefusal | None:
        """Run the checks that need only the request, and acquire the quotas; nothing is awaited, so they are exact."""
        return self._check_request() or self._acquire_quota()

    async def run(self) -> Outcome | None:
        """Run all other checks; return None if ``prepare`` has answered the request, or the client has disconnected."""
        context, interruption = self._context, None
        try:
            async with context.pending_handshakes.interruptible(self._handler.connection_id) as interruption:
                outcome = await self._check_handler(interruption)
        except TimeoutError:
            if context.draining:
                return SHUTTING_DOWN
            if interruption is None or not interruption.expired():
                raise  # of `prepare`
            return None
        return SHUTTING_DOWN if context.draining and outcome is not None else outcome

    def _check_request(self) -> HttpRefusal | None:
        context = self._context
        if (refused := refuse_origin(context.origins, self._handler.request.headers)) is not None:
            return refused
        if context.draining:
            return SHUTTING_DOWN
        return refuse_rate(self._server.handshake_rates, self._address, context.clock())

    def _acquire_quota(self) -> HttpRefusal | None:
        """Acquire the quotas without a user, which is unknown before ``prepare``."""
        lease = QuotaLease(self._server.quotas, self._address, None)
        if (refused := lease.acquire()) is None:
            self._on_lease(lease)
            self._lease = lease
        return refused

    def _check_user(self) -> HttpRefusal | GuardRefused | None:
        """Check the user, after ``prepare`` and again after the guards, which may have signed it in."""
        user = self._context.key_of(self._handler.current_user)
        if self._lease is not None and (refused := self._lease.change_user(user)) is not None:
            return refused
        return self._context.disconnections.refusal(user, self._began_at)

    async def _check_handler(self, interruption: asyncio.Timeout) -> Outcome | None:
        seconds = self._server.limits.handshake_timeout
        deadline = asyncio.timeout(seconds)
        try:
            async with deadline:
                if not await self._prepare():
                    return None
                require_time(deadline, interruption)
                if (refused := self._check_user()) is not None:
                    return refused
                self._running = "the guards"
                await self._context.disconnections.follow()
                await self._read_url()
                if (refused := await self._first_refusal()) is not None:
                    return refused
                require_time(deadline, interruption)
                # Nothing is awaited from `_check_user` to `open`.
                return await self._redeem_ticket() or self._check_user() or Admitted()
        except GuardRefused as refused:
            return refused
        except BackplaneDown as down:
            return GuardRefused("try again later", CloseCode.TRY_AGAIN_LATER, detail=str(down))
        except TimeoutError:
            if not deadline.expired():
                raise
            reason = f"{self._running} took too long"
            detail = f"{reason}: limits.handshake_timeout={seconds:g}"
            return GuardRefused(reason, CloseCode.TRY_AGAIN_LATER, detail=detail)

    async def _first_refusal(self) -> GuardRefused | None:
        handler = self._handler
        return await first_refusal(self._server.guards, handler, self._context.log, handler.log_attributes)

    async def _read_url(self) -> None:
        server = self._server
        if server.route is None:
            self._identify(await self._read_ticket())
        elif server.endpoint.params is None:
            self._identify(None)
        else:
            try:
                self._identify(server.codec.params(self._parameters(server.route.names)))
            except InvalidFrame as invalid:
                raise GuardRefused(f"invalid parameters: {invalid.error}", CloseCode.INVALID_PARAMS) from None

    def _parameters(self, names: Sequence[str]) -> dict[str, str | list[str]]:
        """Return the parameters of path and query by name."""
        values: dict[str, str | list[str]] = dict(zip(names, self._handler.path_args, strict=True))
        for name, raw in self._handler.request.query_arguments.items():
            if name in PARAMETERS:
                continue
            if name in values:
                raise GuardRefused("invalid parameters: duplicate name", CloseCode.INVALID_PARAMS)
            try:
                texts = [value.decode() for value in raw]
            except UnicodeDecodeError:
                raise GuardRefused("invalid parameters: not UTF-8", CloseCode.INVALID_PARAMS) from None
            values[name] = texts[0] if len(texts) == 1 else texts
        return values

    async def _read_ticket(self) -> Any:  # the type in the schema
        server, handler = self._server, self._handler
        grant = await self._context.backplane.tickets.peek(self._key)
        fingerprints = server.fingerprints(handler.request, self._address, handler.current_user)
        if grant is None or grant.endpoint != server.endpoint.name:
            raise _invalid_ticket("the URL is unknown, used or expired")
        if names := sorted(name for name, _ in grant.bound.items() ^ fingerprints.items()):
            raise _invalid_ticket(f"the URL was made for another {' and '.join(dict.fromkeys(names))}")
        try:
            return server.decode_ticket(bytes(grant.data))
        except InvalidFrame:
            raise _invalid_ticket("the ticket of the URL is of another version") from None

    async def _redeem_ticket(self) -> GuardRefused | None:
        if self._server.route is not None or await self._context.backplane.tickets.redeem(self._key) is not None:
            return None
        return _invalid_ticket("the URL was used a moment ago")


def _invalid_ticket(detail: str) -> GuardRefused:
    """Return one refusal for every invalid key, so that guessing reveals nothing; only the log has the detail."""
    return GuardRefused("the URL is unknown, used or expired", CloseCode.INVALID_TICKET, detail=detail)
