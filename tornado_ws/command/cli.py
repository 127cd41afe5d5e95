"""Options of the command line."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from ..errors import ConfigurationError, IncompleteHandler
from ..http_server import MAX_PORT, Bounds
from .serve import ServeOptions, serve

__all__ = ["main"]

EXAMPLES = """examples:
  python -m tornado_ws serve app:make
      app.py defines make(), which returns a tornado.web.Application
  python -m tornado_ws serve app:make --reload
      for development: starts again when a module changes, also a generated one
  python -m tornado_ws serve app:make --port 443 --address '' --certificate fullchain.pem --key privkey.pem
      with TLS, on all addresses
  python -m tornado_ws serve app:make --processes auto
      one process per core; the controller needs a shared backplane, such as backplane="redis://localhost"

On SIGTERM or Ctrl-C, the server stops listening, waits for running methods and requests, and closes all connections, so
that pages reconnect to another process, spread over some seconds. A second signal ends it at once."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: Arguments; by default those of the process.

    Returns:
        Exit status: 0 after a signal, 1 after an exception of the application, 2 if the options or the application
        cannot be used, 130 after Ctrl-C while it starts.
    """
    parser = argparse.ArgumentParser(prog="python -m tornado_ws", description="Server of tornado-ws.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="command")
    _add_serve_options(
        commands.add_parser(
            "serve",
            help="serve an application until a signal",
            description="Serve a Tornado application with safe settings, until SIGTERM or SIGINT.",
            epilog=EXAMPLES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
    )
    options = parser.parse_args(arguments)
    try:
        return serve(_serve_options(options))
    except (ConfigurationError, IncompleteHandler) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _add_serve_options(parser: argparse.ArgumentParser) -> None:
    bounds = Bounds()
    add = parser.add_argument
    add("application", metavar="module:function", help="function without arguments that returns the application")
    add(
        "--port",
        type=int,
        help="TCP port; 0 for any free one (default: the environment variable PORT, or 8888)",
    )
    add("--address", default="localhost", help="address to listen on; '' for all (default: %(default)s)")
    add("--unix-socket", type=Path, metavar="PATH", help="Unix socket to listen on, instead of a port")
    add(
        "--unix-socket-mode",
        type=_mode,
        default="600",
        metavar="MODE",
        help="permissions of the Unix socket: 660 for its group, 666 for all users (default: %(default)s)",
    )
    add("--certificate", type=Path, metavar="FILE", help="certificate chain, for TLS; new files are loaded in use")
    add("--key", type=Path, metavar="FILE", help="private key of the certificate")
    add("--processes", type=_processes, default=1, metavar="N", help="processes, or auto: one per core (default: 1)")
    add(
        "--metrics-port",
        type=int,
        metavar="PORT",
        help="port on which the first process listens alone, for its metrics; the second one on the next, and so on",
    )
    add("--reload", action="store_true", help="start again when a module changes, for development")
    add("--timeout", type=float, default=10.0, metavar="SECONDS", help="time to shut down (default: %(default)g)")
    add("--spread", type=float, default=5.0, metavar="SECONDS", help="time over which pages reconnect (default: 5)")
    add(
        "--header-timeout",
        type=float,
        default=bounds.header_timeout,
        metavar="SECONDS",
        help="time for the header of a request, also for the next one of a connection (default: %(default)g)",
    )
    add(
        "--body-timeout",
        type=float,
        default=bounds.body_timeout,
        metavar="SECONDS",
        help="time for the body of a request (default: %(default)g)",
    )
    add(
        "--body-bytes",
        type=int,
        default=bounds.body_bytes,
        metavar="BYTES",
        help="maximum size of the body of a request (default: %(default)s)",
    )
    add(
        "--write-timeout",
        type=float,
        default=bounds.write_timeout,
        metavar="SECONDS",
        help="time until a client that reads nothing of a response is disconnected (default: %(default)g)",
    )
    add(
        "--log-level",
        choices=("debug", "info", "warning", "error"),
        default="info",
        help="lowest level of the log, if the application does not configure it (default: %(default)s)",
    )


def _serve_options(options: argparse.Namespace) -> ServeOptions:
    return ServeOptions(
        application=options.application,
        port=_port_of_environment() if options.port is None else options.port,
        address=options.address,
        unix_socket=options.unix_socket,
        unix_socket_mode=options.unix_socket_mode,
        metrics_port=options.metrics_port,
        certificate=options.certificate,
        key=options.key,
        processes=options.processes,
        timeout=options.timeout,
        spread=options.spread,
        bounds=Bounds(
            header_timeout=options.header_timeout,
            body_timeout=options.body_timeout,
            body_bytes=options.body_bytes,
            write_timeout=options.write_timeout,
        ),
        reload=options.reload,
        log_level=options.log_level,
    )


def _port_of_environment() -> int:
    """Return the port by the variable ``PORT``.

    Raises:
        ConfigurationError: If it is not a port.
    """
    text = os.environ.get("PORT") or "8888"
    port = int(text) if text.isdecimal() else -1
    if not 0 <= port <= MAX_PORT:
        problem = f"expected a number from 0 to {MAX_PORT}, got {text!r}"
        raise ConfigurationError("the environment variable PORT", problem)
    return port


def _processes(text: str) -> int:
    if text == "auto":
        return os.cpu_count() or 1
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected auto or a positive number, got {text!r}")
    return number


def _mode(text: str) -> int:
    try:
        return int(text, 8)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected octal permissions such as 660, got {text!r}") from None
