"""Command ``serve``: one process, or several that share a port."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final

from tornado.web import Application

from ..config_checks import require_number
from ..errors import ConfigurationError, IncompleteHandler
from ..http_server import MAX_PORT, Bounds, Certificate, bind, listen, place_of
from ..loggers import SERVER
from ..server.application_routes import require_separate_one_time_paths, rules, warn_about_missing_folders
from ..server.lifecycle import controllers_of, stop
from ..server.shutdown import ShutdownSignals
from ..server.stats import log_if_not_compiled
from .application import make_application
from .deadline import Deadline
from .generated_code import warn_if_stale
from .process_group import POLL_SECONDS, ProcessGroup
from .reload import ImportedFiles, reload_after_change, wait_for_change

__all__ = ["ServeOptions", "serve"]

LOG_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
CALLERS: Final = frozenset({"tornado_ws", "asyncio", "importlib"})
"""Packages that call the application while it starts."""


@dataclass(frozen=True, kw_only=True)
class ServeOptions:
    """Options of the command."""

    application: str
    """Module and function, such as ``app:make``."""
    port: int
    address: str
    unix_socket: Path | None
    unix_socket_mode: int
    """Permissions of the Unix socket."""
    metrics_port: int | None
    """First of the ports of single processes."""
    certificate: Path | None
    key: Path | None
    processes: int
    """Number of processes."""
    timeout: float
    """Seconds until the remaining connections are aborted."""
    spread: float
    """Seconds over which clients reconnect."""
    bounds: Bounds
    reload: bool
    """True to start again when a module changes."""
    log_level: str
    """Lowest level of the log, if the application does not configure it."""

    def __post_init__(self) -> None:
        require_number("timeout", self.timeout)
        require_number("spread", self.spread)


def serve(options: ServeOptions) -> int:
    """Serve an application until a signal.

    Returns:
        Exit status: 0 after a signal, 1 after an exception of the application.

    Raises:
        ConfigurationError: If an option or the application cannot be used.
    """
    if options.reload and options.processes > 1:
        raise ConfigurationError("processes", f"expected 1 with --reload, got {options.processes}")
    _require_separate_ports(options)
    if options.processes == 1:
        return _serve_in_one_process(options)
    return _serve_in_processes(options)


def _require_separate_ports(options: ServeOptions) -> None:
    first, last = options.metrics_port, MAX_PORT - options.processes + 1
    if first is not None and not 1 <= first <= last:
        raise ConfigurationError("metrics-port", f"expected a number from 1 to {last}, got {first}")
    if first is not None and options.unix_socket is None and 0 <= options.port - first < options.processes:
        raise ConfigurationError("metrics-port", f"expected ports other than {options.port}, got {first}")


def _serve_in_one_process(options: ServeOptions) -> int:
    bound = _bind(options, options.port)
    files = ImportedFiles()
    if options.reload:
        files.watch()
        warn_if_stale()
    try:
        asyncio.run(_run(options, bound, None, files))
    except (Exception, SystemExit) as error:
        if not options.reload and isinstance(error, ConfigurationError | IncompleteHandler | SystemExit):
            raise
        _report(error, options.log_level)
        if options.reload:
            wait_for_change(error, files)
        return 1
    return 0


def _serve_in_processes(options: ServeOptions) -> int:
    if not hasattr(os, "fork"):
        raise ConfigurationError("processes", f"expected 1 on this system, got {options.processes}")
    bound = _bind(options, options.port)
    if options.unix_socket is None:  # each process binds the port again, so that the kernel distributes connections
        port = bound[0].getsockname()[1]
        _close(bound)
    for index in range(options.processes):  # a child that cannot listen would be replaced for ever
        _close(_bind_for_metrics(options, index))
    group = ProcessGroup()
    group.fork(options.processes)
    try:
        asyncio.run(_run(options, bound if options.unix_socket else _bind(options, port), group, ImportedFiles()))
    except (Exception, SystemExit) as error:
        if not group.failed:
            _report(error, options.log_level)
        return group.fail(2 if isinstance(error, ConfigurationError | IncompleteHandler) else 1)
    return group.exit_status


def _configure_log(level: str) -> None:
    """Configure the log of the program, unless the application has."""
    logging.basicConfig(level=level.upper(), format=LOG_FORMAT)


@contextlib.contextmanager
def _log_of_start(level: str) -> Iterator[None]:
    """Format the warnings of an application that starts, until it has configured the log, if it does."""
    handler = logging.StreamHandler()
    handler.setLevel(level.upper())
    handler.setFormatter(logging.Formatter(LOG_FORMAT))
    former, logging.lastResort = logging.lastResort, handler
    try:
        yield
    finally:
        logging.lastResort = former


def _report(error: BaseException, level: str) -> None:
    _configure_log(level)
    if isinstance(error, SystemExit):
        SERVER.error("the application ended while it started: %s", error)
    elif isinstance(error, ConfigurationError | IncompleteHandler):
        SERVER.error("%s", error)
    else:
        SERVER.error("the application cannot start", exc_info=error.with_traceback(_own_part(error.__traceback__)))


def _own_part(found: TracebackType | None) -> TracebackType | None:
    """Return a traceback without the calls until the module of the application."""
    while found is not None and found.tb_frame.f_globals.get("__name__", "").partition(".")[0] in CALLERS:
        found = found.tb_next
    return found


def _bind(options: ServeOptions, port: int) -> list[socket.socket]:
    return bind(
        None if options.unix_socket else port,
        options.address,
        options.unix_socket,
        unix_socket_mode=options.unix_socket_mode,
        reuse_port=options.processes > 1 and options.unix_socket is None,
    )


def _bind_for_metrics(options: ServeOptions, index: int) -> list[socket.socket]:
    """Return listening sockets of a single process; the program that replaces this one may use the same port."""
    if options.metrics_port is None:
        return []
    return bind(options.metrics_port + index, options.address, None, reuse_port=True)


def _close(bound: list[socket.socket]) -> None:
    for one in bound:
        one.close()


async def _run(
    options: ServeOptions, bound: list[socket.socket], group: ProcessGroup | None, files: ImportedFiles
) -> None:
    with contextlib.ExitStack() as stack:
        for one in bound:
            stack.enter_context(one)
        if group is None:  # asyncio would wait for the next suspension
            signal.signal(signal.SIGINT, signal.default_int_handler)
        with _log_of_start(options.log_level):
            application = await make_application(options.application)  # until then, signals have their usual effects
        _configure_log(options.log_level)
        signals = stack.enter_context(ShutdownSignals())
        stack.enter_context(_signals_of(group, signals))
        deadline = Deadline(options.timeout, lambda: group.exit_status if group else 0)
        deadline.watch()
        controllers = controllers_of(application)
        require_separate_one_time_paths(application)
        if group is not None:
            _require_shared(application, options.processes, options.metrics_port)
        tls = Certificate.of(options.certificate, options.key)
        own = _bind_for_metrics(options, 0 if group is None else group.index)
        server = listen(application, [*bound, *own], certificate=tls, bounds=options.bounds)
        if options.reload:
            stack.callback(reload_after_change(controllers, files).cancel)
        else:
            log_if_not_compiled()
        warn_about_missing_folders(application)
        places = [place_of(one, options.address, tls=tls is not None) for one in (bound, own) if one]
        SERVER.info("process %d listens on %s", os.getpid(), ", and alone on ".join(places))
        if group is not None:
            group.listens(deadline.begin)
        await signals.wait()
        await stop(controllers, [server], signals, timeout=options.timeout, spread=options.spread)


@contextlib.contextmanager
def _signals_of(group: ProcessGroup | None, signals: ShutdownSignals) -> Iterator[None]:
    """Receive the signals of the parent process."""
    if group is None:
        yield
        return

    async def poll() -> None:
        while True:
            signals.raise_to(group.signals)
            await asyncio.sleep(POLL_SECONDS)

    polling = asyncio.ensure_future(poll())
    try:
        yield
    finally:
        polling.cancel()


def _require_shared(application: Application, processes: int, metrics_port: int | None) -> None:
    """Check that an application works in several processes.

    Raises:
        ConfigurationError: If a controller has the backplane of one process, the application reloads itself, or its
            metrics would be those of any process.
    """
    if any(controller.context.backplane.local for controller in controllers_of(application)):
        raise ConfigurationError(
            "backplane",
            f"expected a backplane that {processes} processes share, got the memory of one",
            'WebSocketController(backplane="redis://localhost")',
        )
    if application.settings.get("autoreload"):
        raise ConfigurationError("processes", f"expected 1 with autoreload or debug=True, got {processes}")
    if metrics_port is None and any(getattr(rule.target, "of_one_process", False) for rule in rules(application)):
        problem = (
            f"expected one for {processes} processes, since each request for metrics reaches another one, got none"
        )
        raise ConfigurationError("metrics-port", problem, "--metrics-port 9101 for the first, 9102 for the second, …")
