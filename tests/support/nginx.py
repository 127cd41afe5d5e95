"""nginx as a proxy in front of a server under test."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

__all__ = ["adjacent_free_ports", "free_port", "local_site", "run_nginx", "wait_for"]

PROGRAM = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")


@contextmanager
def run_nginx(folder: Path, site: str, port: int, *, user: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """Run nginx until the context ends, and yield its master process.

    Args:
        folder: Folder for its files.
        site: Configuration inside of ``http { … }``.
        port: Port on which it listens.
        user: User of its workers, if it runs as root; by default the one of its package.
    """
    if PROGRAM is None:
        pytest.fail("no nginx: run `make browser`, or install nginx-light")
    # Surrounding configuration as in Debian's nginx.conf, with all paths in one folder.
    temporary = "".join(f"{name}_temp_path {folder};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    main = f"user {user};" if user else ""
    main += f"daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}"
    config = f"{main} http {{ access_log {folder}/access.log; {temporary} {site} }}"
    (folder / "nginx.conf").write_text(config, encoding="utf-8")
    with subprocess.Popen([PROGRAM, "-p", str(folder), "-c", str(folder / "nginx.conf")]) as run:
        try:
            wait_for(port)
            yield run
        finally:
            run.terminate()


def local_site(site: str, port: int, certificate: tuple[Path, Path], servers: Mapping[str, str]) -> str:
    """Return the documented configuration of a site with free ports and files of this machine.

    Args:
        site: Text of ``examples/deploy/nginx.conf``.
        port: Port for TLS.
        certificate: Files of the certificate chain and its key.
        servers: Address of each server in ``upstream``, by the documented one.
    """
    chain, key = certificate
    replacements = {
        **servers,
        "listen 443": f"listen {port}",
        "listen 80": f"listen {free_port()}",
        "/etc/nginx/certificates/fullchain.pem": str(chain),
        "/etc/nginx/certificates/privkey.pem": str(key),
    }
    for documented, actual in replacements.items():
        assert documented in site
        site = site.replace(documented, actual)
    return site


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def adjacent_free_ports() -> int:
    """Return a port on which nothing listens, as on the next one; programs that ask for any port get neither."""
    while True:
        first = random.randrange(20_000, 30_000)
        with contextlib.suppress(OSError), socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", first))
            other.bind(("127.0.0.1", first + 1))
            return first


def wait_for(port: int) -> None:
    """Wait up to ten seconds until a program listens on a port."""
    for _ in range(100):
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(f"nothing listens on {port}")
