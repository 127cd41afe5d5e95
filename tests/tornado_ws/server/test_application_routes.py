from __future__ import annotations

import asyncio

import pytest
from tornado.web import Application

from tests.support.lab import Job, Lab
from tests.support.peer import handshake_request
from tornado_ws import ConfigurationError, WebSocketController
from tornado_ws.server.application_routes import require_separate_one_time_paths, rules


@pytest.mark.parametrize(("first", "second"), [("/_/connect/",) * 2, ("/_/", "/_/connect/"), ("/_/connect/", "/_/")])
def test_controllers_with_the_same_one_time_path_are_refused(first, second):
    routes = [route for path in (first, second) for route in WebSocketController(connect_path=path).ephemeral(Job)]
    application = Application(routes)

    with pytest.raises(ConfigurationError) as refused:
        require_separate_one_time_paths(application)

    assert str(refused.value) == (
        f"connect_path: two controllers of one application have the paths {first} and {second}; "
        'give one of them another path, such as connect_path="/_/exports/"'
    )


def test_controllers_with_other_paths_and_two_endpoints_of_one_are_accepted():
    one, other = WebSocketController(), WebSocketController(connect_path="/_/other/")
    application = Application([*one.ephemeral(Job), *one.ticketed(Lab)])
    application.add_handlers("example.org", other.ephemeral(Job))

    require_separate_one_time_paths(application)

    assert len([rule for rule in rules(application) if rule.target_kwargs.get("ws_server")]) == 3


@pytest.mark.gen_test
async def test_conflict_is_also_refused_without_listen(app, make_sockets, http_server, http_port, caplog):
    app.add_handlers(".*", [*make_sockets().ephemeral(Job), *make_sockets().ephemeral(Job)])

    reader, writer = await asyncio.open_connection("127.0.0.1", http_port)
    writer.write(handshake_request(http_port, "/_/connect/long-job-x"))
    answer = await reader.read()
    writer.close()

    assert b"101" not in answer
    assert "two controllers of one application have the paths" in caplog.text
