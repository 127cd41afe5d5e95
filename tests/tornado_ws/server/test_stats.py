from __future__ import annotations

import json
import logging

import msgspec
import pytest

from tests.support.lab import Echo, Job, Lab
from tornado_ws.server.stats import COMPILED, log_if_not_compiled

ROOM = {"room": "a"}


@pytest.mark.gen_test
async def test_summary_is_json_without_data_of_clients(app, sockets, connect):
    app.add_handlers(".*", [*sockets.persistent(Lab), *sockets.ephemeral(Job)])

    async with connect(Lab, {"room": "a", "tags": ["secret"]}) as ann:
        await ann.request(Echo("secret"))
        summary = msgspec.json.decode(json.dumps(sockets.summary()))

    (connection,) = summary.pop("connections")
    assert connection.keys() == {"id", "endpoint", "address", "uptime", "idle"}
    assert (connection["endpoint"], connection["address"]) == ("lab", "127.0.0.1")
    assert 0 <= connection["idle"] <= connection["uptime"]
    assert summary["rooms"] == {"lab": {"a": 1}, "long-job": {}}
    assert summary["draining"] is False


def test_missing_compilation_is_logged_once(caplog):
    log_if_not_compiled.cache_clear()
    with caplog.at_level(logging.INFO, "tornado_ws"):
        log_if_not_compiled()
        log_if_not_compiled()

    assert [record.name for record in caplog.records] == ([] if COMPILED else ["tornado_ws.server"])
