"""Handshake of one connection, in a handler of Tornado."""

from __future__ import annotations

import abc
import secrets
from asyncio import Future
from contextlib import nullcontext
from typing import Any, ClassVar, final

from tornado.httputil import HTTPServerRequest
from tornado.web import Application, Finish, HTTPError, OutputTransform

from ..endpoint import Endpoint
from ..errors import ConfigurationError, GuardRefused
from ..validation.envelopes import SUBPROTOCOL
from ..websocket import Connection, StrictWebSocketHandler
from ..websocket.upgrade_request import send_upgrade_error, upgrade_error
from .application_routes import require_separate_one_time_paths
from .autoreload import close_before_reload
from .client_address import client_address
from .diagnosis import diagnose, send_diagnosis
from .endpoint_server import EndpointServer
from .handshake import Admitted, Handshake, Outcome
from .one_time_url import hide_key
from .refusals import HttpRefusal, report_refusal, send_http_refusal
from .request_checks import QuotaLease
from .request_errors import answered_by_tornado

__all__ = ["HandshakeHandler"]


class HandshakeHandler(StrictWebSocketHandler, abc.ABC):
    """Handler of one request, which becomes a connection if the handshake succeeds."""

    endpoint: ClassVar[Endpoint]
    """Protocol of the handler; set by generated code."""
    connection_id: str
    """Id of the connection, unique among all processes."""
    __slots__ = (
        "_ws_connected_at",
        "_ws_disconnected",
        "_ws_key",
        "_ws_lease",
        "_ws_opened",
        "_ws_outcome",
        "_ws_reported",
        "_ws_server",
        "connection_id",
    )
    # Prefixed, because applications add attributes. Slots, because an instance dictionary with more than 30 keys,
    # including Tornado's, does not share them with other instances: it takes ten times the memory (bench/memory.py).

    def __init__(
        self,
        application: Application,
        request: HTTPServerRequest,
        *,
        ws_server: EndpointServer[Any] | None = None,
        **arguments: Any,
    ) -> None:
        """Prepare the handler of one request; Tornado calls this with the arguments of the controller's route.

        Args:
            application: Tornado application.
            request: Request of the handshake.
            ws_server: Server of the endpoint. ``Any`` stands for the handler's own class.
            arguments: Arguments of ``initialize``, which subclasses define as in any Tornado handler.

        Raises:
            ConfigurationError: If the route was not made by a controller, or another controller has the same path for
                one-time URLs.
        """
        if ws_server is None:
            name = type(self).__name__
            problem = "the handler is not mounted by a controller"
            raise ConfigurationError(name, problem, f"add *sockets.{self.endpoint.kind}({name}) to the application")
        self._ws_server = server = ws_server
        self.connection_settings = server.connection_settings
        self.connection_id = secrets.token_hex(8)
        self._ws_connected_at = server.context.clock()
        self._ws_outcome: Outcome | None = None
        self._ws_lease: QuotaLease | None = None
        self._ws_opened = False
        self._ws_reported = False
        self._ws_disconnected = False
        self._ws_key = ""
        if server.route is None:
            require_separate_one_time_paths(application)
            self._ws_key = hide_key(request, server.context.connect_path, self.endpoint.name)
        super().__init__(application, request, **arguments)

    @property
    @final
    def address(self) -> str:
        """IP address of the client: the nearest address that is not a trusted proxy."""
        forwarded = self.request.headers.get_list("X-Forwarded-For")
        return client_address(self.request.remote_ip or "", forwarded, self._ws_server.context.trusted_proxies)

    @property
    @final
    def connected_at(self) -> float:
        """Time of the handshake, in seconds (the controller's clock, by default :func:`time.monotonic`)."""
        return self._ws_connected_at

    def log_attributes(self) -> dict[str, object]:
        """Return the attributes of log records about this connection. Override it to add others.

        They are ``connection``, ``endpoint``, ``user`` and ``address``. Of a ``current_user`` that is neither text nor
        converted by the controller's ``user``, the record contains a hash.
        """
        return {
            "connection": self.connection_id,
            "endpoint": self.endpoint.name,
            "user": self._ws_logged_user(),
            "address": self.address,
        }

    async def _execute(self, transforms: list[OutputTransform], *args: bytes, **kwargs: bytes) -> None:
        """Answer a request. Tornado would run `prepare` first, before any check, and without a limit of its time."""
        if self._ws_has_own_method():
            await super()._execute(transforms, *args, **kwargs)
            return
        self._transforms = transforms
        try:
            if self.request.method != "GET":
                raise HTTPError(405)
            self.path_args = [self.decode_argument(arg) for arg in args]
            self.path_kwargs = {name: self.decode_argument(arg, name) for name, arg in kwargs.items()}
            await self.get()
        except Exception as error:
            self._handle_request_exception(error)

    async def get(self, *args: Any, **kwargs: Any) -> None:
        """Run the handshake, with Tornado's :meth:`prepare`, or state the reason of a failed one."""
        context = self._ws_server.context
        context.thread.adopt()
        context.untrusted_proxies.check(self.request.remote_ip or "", self.request.headers.get_list("X-Forwarded-For"))
        with context.pending_handshakes.track():
            if (error := upgrade_error(self.request)) is None:
                if self.settings.get("autoreload"):
                    close_before_reload(context.observer)
                await self._ws_shake_hands()
            elif "Sec-WebSocket-Key" in self.request.headers:
                self._ws_report(HttpRefusal.from_upgrade_error(error))
                send_upgrade_error(self, error)
            else:
                diagnosis = await diagnose(self._ws_server, self, self._ws_prepare)
                if diagnosis is not None and not self._finished:
                    send_diagnosis(self, context.origins, diagnosis)

    def finish(self, chunk: str | bytes | dict[str, Any] | None = None) -> Future[None]:
        """Finish the response, and report it if the handshake has not: a redirection of `prepare` is a refusal."""
        if not self._ws_reported and self.get_status() != 101 and "Sec-WebSocket-Key" in self.request.headers:
            self._ws_report(HttpRefusal.from_handler(type(self).__qualname__, self.get_status(), self._reason))
        return super().finish(chunk)

    def _ws_report(self, refusal: HttpRefusal | GuardRefused) -> None:
        self._ws_reported = True
        report_refusal(self._ws_server, self, refusal)

    def _ws_has_own_method(self) -> bool:
        """Return True if the application defines the method of the request, such as `options`."""
        name = (self.request.method or "").lower()
        return name != "get" and getattr(type(self), name, None) is not getattr(StrictWebSocketHandler, name, None)

    async def _ws_prepare(self) -> bool:
        if (prepared := self.prepare()) is not None:
            await prepared
        return not self._ws_is_answered()

    def _ws_is_answered(self) -> bool:
        """Return True if the application has answered the request; end the response if it has only begun."""
        if (self._headers_written or self._write_buffer) and not self._finished:
            self.finish()
        return self._finished

    async def _ws_shake_hands(self) -> None:
        handshake = Handshake(
            self._ws_server,
            self,
            prepare=self._ws_prepare,
            identify=self._ws_identify,
            key=self._ws_key,
            on_lease=self._ws_set_lease,
        )
        if (refused := handshake.begin()) is not None:
            self._ws_refuse(refused)
            return
        # After the cheap checks, so that foreign clients cause no spans.
        tracing, outcome, status = self._ws_server.context.tracing, None, 500
        trace = None if tracing is None else tracing.handshake(self, self._ws_server.path)
        try:
            name = f"the handshake of {type(self).__qualname__}"
            with answered_by_tornado(name), nullcontext() if trace is None else trace.active():
                outcome = await handshake.run()
            self._ws_outcome = outcome
            if outcome is not None and not self._ws_disconnected and not self._ws_is_answered():
                if isinstance(outcome, HttpRefusal):
                    self._ws_refuse(outcome)
                else:
                    await self.accept_handshake()
            status = self.get_status()
        except HTTPError as error:
            status = error.status_code
            raise
        except Finish:
            status = self.get_status()
            raise
        finally:
            if not self._ws_opened:
                self._ws_release_quota()
            if trace is not None:
                trace.end(outcome, None if self._ws_disconnected and not self._ws_opened else status)

    def _ws_refuse(self, refusal: HttpRefusal) -> None:
        self._ws_report(refusal)
        send_http_refusal(self, refusal)

    def open(self, *args: str, **kwargs: str) -> None:
        """Start the session, or close the connection of a refused client."""
        self._ws_opened = True
        outcome, self._ws_outcome = self._ws_outcome, None
        if isinstance(outcome, GuardRefused):
            super().close(outcome.code, outcome.reason)
            self._ws_report(outcome)
        elif isinstance(outcome, Admitted) and (connection := self.connection) is not None:
            self._ws_server.handshakes["admitted"] += 1
            self._ws_connect(connection)

    @final
    def on_close(self) -> None:
        """End the session. Override :meth:`on_disconnect` instead."""
        self._ws_disconnected = True
        if self._ws_opened:
            self._ws_release_quota()
        else:  # `_ws_shake_hands` releases the quota, because `prepare` and guards may suppress their cancellation
            self._ws_server.context.pending_handshakes.interrupt_one(self.connection_id)
        self._ws_disconnect()

    @final
    def on_ws_connection_close(self, close_code: int | None = None, close_reason: str | None = None) -> None:
        """Store the close code, and end the connection."""
        self.close_code, self.close_reason = close_code, close_reason
        try:
            self.on_connection_close()
        finally:
            super().on_connection_close()  # that of a base class may not call it

    @final
    def check_origin(self, origin: str) -> bool:
        """Return True if a page of the origin may connect, by the controller's ``origins``."""
        return self._ws_server.context.origins.allow(self.request.headers)

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        """Select ``tornado-ws.1`` if offered. With another subprotocol, clients receive messages only."""
        return SUBPROTOCOL if SUBPROTOCOL in subprotocols else None

    def get_compression_options(self) -> dict[str, Any] | None:
        """Return options of permessage-deflate, by the controller's ``compression``; None disables it."""
        return {} if self._ws_server.context.compression else None

    @property
    @final
    def ping_interval(self) -> float | None:
        """Always 0, because the controller has one timer for all connections."""
        return 0

    @property
    @final
    def max_message_size(self) -> int:
        """Maximum size of a message in bytes, by :attr:`.Limits.message_bytes` or the schema."""
        size = self._ws_server.limits.message_bytes
        return self._ws_server.endpoint.message_bytes if size is None else size

    @abc.abstractmethod
    def _ws_connect(self, connection: Connection) -> None: ...  # start the session

    @abc.abstractmethod
    def _ws_disconnect(self) -> None: ...  # end the session, if there is one

    @abc.abstractmethod
    def _ws_identify(self, identity: Any, /) -> None: ...  # params or ticket, of the type in the schema

    def _ws_set_lease(self, lease: QuotaLease) -> None:
        self._ws_lease = lease

    def _ws_logged_user(self) -> str | None:
        try:
            return self._ws_server.context.logged_user(self.current_user)
        except Exception:  # of `get_current_user` or `user`; the handshake raises it again
            return None

    def _ws_release_quota(self) -> None:
        if self._ws_lease is not None:
            self._ws_lease.release()
            self._ws_lease = None
