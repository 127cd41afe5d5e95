"""Start and shutdown of the WebSockets of an application."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection
from pathlib import Path
from typing import Final

from tornado.httpserver import HTTPServer
from tornado.web import Application

from ..argument_checks import require_seconds, require_type
from ..config_checks import require_instance
from ..http_server import Bounds, Certificate, Server, bind, listen, place_of
from ..loggers import SERVER
from .application_routes import require_separate_one_time_paths, rules, warn_about_missing_folders
from .context import ServerContext
from .endpoint_server import EndpointServer
from .mounted_endpoints import MountedEndpoints
from .shutdown import ABORT_SECONDS, DrainableConnection, ShutdownSignals, abort_all, abort_and_wait, drain, unfinished
from .stats import log_if_not_compiled

__all__ = ["Lifecycle", "controllers_of", "stop"]

DEFAULT_BOUNDS: Final = Bounds()
REPORT_SECONDS: Final = 0.5
"""Seconds until the log of a shutdown names the work for which it waits."""
ALONE: Final = "; its messages do not reach clients of other processes: the backplane is the memory of this one"
"""Hint for a process that shares its port, but not its channels."""


class Lifecycle:
    """Start and shutdown of a controller."""

    def __init__(self, context: ServerContext, endpoints: MountedEndpoints) -> None:
        """Prepare; nothing runs yet.

        Args:
            context: Settings and state of the controller.
            endpoints: Its endpoints.
        """
        self.context = context
        self._endpoints = endpoints
        self._http_servers: list[HTTPServer] = []

    def listen(
        self,
        application: Application,
        port: int | None = None,
        address: str = "localhost",
        *,
        unix_socket: str | Path | None = None,
        unix_socket_mode: int = 0o600,
        certificate: str | Path | None = None,
        key: str | Path | None = None,
        reuse_port: bool = False,
        bounds: Bounds = DEFAULT_BOUNDS,
    ) -> Server:
        """Listen for HTTP requests of an application, with safe settings; call it in the event loop.

        Unlike ``Application.listen``, it disconnects clients that send a header or a body too slowly, limits the size
        of bodies, disconnects clients that do not read a response, and waits if no file descriptor is free.

        Args:
            application: Application with the routes of this controller.
            port: TCP port; 0 for any free one.
            address: Address or host name to listen on; empty for all addresses of the machine.
            unix_socket: Path of a Unix socket, instead of a port.
            unix_socket_mode: Permissions of the Unix socket: ``0o660`` for its group, ``0o666`` for all users.
            certificate: File with the certificate chain, for TLS. New files are loaded within a minute.
            key: File with the private key of the certificate.
            reuse_port: True to share the port with other processes; the kernel distributes the connections.
            bounds: Bounds of requests.

        Returns:
            Server, which :meth:`serve_until_signal` stops.

        Raises:
            ConfigurationError: If an argument is invalid, the port or the certificate cannot be used, or the routes of
                two controllers conflict.
        """
        require_instance("application", application, Application)
        require_instance("bounds", bounds, Bounds)
        require_separate_one_time_paths(application)
        tls = Certificate.of(certificate, key)
        bound = bind(port, address, unix_socket, unix_socket_mode=unix_socket_mode, reuse_port=reuse_port)
        server = listen(application, bound, certificate=tls, bounds=bounds)
        self._http_servers.append(server)
        place = place_of(bound, address, tls=tls is not None)
        alone = reuse_port and self.context.backplane.local
        warn_about_missing_folders(application)
        SERVER.info("process %d listens on %s%s", os.getpid(), place, ALONE if alone else "")
        if not application.settings.get("autoreload"):
            log_if_not_compiled()
        return server

    async def drain(self, timeout: float = 10.0, *, spread: float = 5.0) -> int:  # noqa: ASYNC109
        """Refuse new clients, let running methods finish, and close all connections.

        Args:
            timeout: Seconds until the remaining connections are aborted.
            spread: Seconds over which clients reconnect, each at a random time.

        Returns:
            Number of aborted connections.
        """
        _require_times("drain", timeout, spread)
        self.context.draining = True
        await self.context.pending_handshakes.interrupt(min(timeout, ABORT_SECONDS))
        return await drain(self.clients(), timeout, spread)

    async def serve_until_signal(
        self,
        *servers: HTTPServer,
        timeout: float = 10.0,  # noqa: ASYNC109
        spread: float = 5.0,
    ) -> None:
        """Wait for SIGTERM or SIGINT, stop listening, then :meth:`drain` and :meth:`close`.

        HTTP requests in progress on the servers of :meth:`listen` have the same time to finish. A second signal aborts
        all connections at once, with :attr:`.CloseCode.GOING_AWAY`.

        Args:
            servers: HTTP servers to stop, besides those of :meth:`listen`.
            timeout: Seconds until the remaining connections and requests are aborted.
            spread: Seconds over which clients reconnect, each at a random time.
        """
        _require_times("serve_until_signal", timeout, spread)
        for server in servers:
            require_type("serve_until_signal", "each server", server, HTTPServer)
        self.context.thread.adopt()
        with ShutdownSignals() as signals:
            await signals.wait()
            await stop([self], {*servers, *self._http_servers}, signals, timeout=timeout, spread=spread)

    def close(self) -> None:
        """Stop immediately: refuse new clients, abort all connections, and close the backplane.

        Aborting thousands of connections takes several iterations of the event loop.

        Raises:
            WrongThread: If the event loop runs in another thread.
        """
        self.context.thread.require("close")
        self.context.draining = True
        abort_all(self.clients())
        self.context.deadlines.stop()
        self.context.presence.close()
        self.context.backplane.close()

    def clients(self) -> list[DrainableConnection]:
        """Return the connections that have not ended."""
        return [*(client for server in self._endpoints for client in server.registry), *self.context.ending]


def _require_times(call: str, timeout: float, spread: float) -> None:
    require_seconds(call, "timeout", timeout)
    require_seconds(call, "spread", spread)


def controllers_of(application: Application) -> list[Lifecycle]:
    """Return the controllers whose routes an application contains."""
    servers = (rule.target_kwargs.get("ws_server") for rule in rules(application))
    observers = [server.context.observer for server in servers if isinstance(server, EndpointServer)]
    return list({id(one): one for one in observers if isinstance(one, Lifecycle)}.values())


async def stop(
    controllers: Collection[Lifecycle],
    servers: Collection[HTTPServer],
    signals: ShutdownSignals,
    *,
    timeout: float,  # noqa: ASYNC109
    spread: float,
) -> None:
    """Stop listening, drain the controllers and servers, and close them; abort all connections at the next signal.

    Args:
        controllers: Controllers of the program.
        servers: Its HTTP servers.
        signals: Signals of the process.
        timeout: Seconds until the remaining connections are aborted.
        spread: Seconds over which clients reconnect, each at a random time.
    """

    own = [server for server in servers if isinstance(server, Server)]

    def clients() -> list[DrainableConnection]:
        return [client for controller in controllers for client in controller.clients()]

    def report() -> None:
        if found := unfinished(clients(), sum(server.requests for server in own)):
            SERVER.info("process %d waits for %s", os.getpid(), found)

    async def drain_all() -> None:
        await asyncio.gather(
            *(controller.drain(timeout, spread=spread) for controller in controllers),
            *(server.drain(timeout) for server in own),
        )
        await asyncio.gather(*(controller.context.presence.stop() for controller in controllers))
        await asyncio.gather(*(controller.context.backplane.stop() for controller in controllers))

    SERVER.info("process %d shuts down, within %g s; another signal ends it at once", os.getpid(), timeout)
    for controller in controllers:
        controller.context.draining = True
    for server in servers:
        server.stop()
    reporting = asyncio.get_running_loop().call_later(REPORT_SECONDS, report)
    try:
        if await signals.interrupt(drain_all()):
            await abort_and_wait(clients())
    finally:
        reporting.cancel()
    for controller in controllers:
        controller.close()
    SERVER.info("process %d has shut down", os.getpid())
