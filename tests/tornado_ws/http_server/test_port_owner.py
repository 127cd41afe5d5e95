from __future__ import annotations

import os
import re
import socket
import subprocess
import sys

import pytest

from tests.support.nginx import free_port, wait_for
from tornado_ws.http_server import port_owner as module
from tornado_ws.http_server.port_owner import port_owner


@pytest.mark.parametrize(("family", "address"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_owner_of_a_port_is_found(family, address):
    with socket.create_server((address, 0), family=family) as taken:
        assert re.fullmatch(rf"process {os.getpid()} \(.+\)", port_owner(taken.getsockname()[1]))


def test_owner_is_another_process():
    port = free_port()
    with subprocess.Popen([sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]) as server:
        wait_for(port)
        owner = port_owner(port)
        server.terminate()

    assert owner.startswith(f"process {server.pid} (python")


def test_port_without_a_listener_has_no_owner():
    port = free_port()
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", port))
        assert port_owner(port) == ""


def test_system_without_proc_has_no_answer(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "PROC", tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert port_owner(taken.getsockname()[1]) == ""
