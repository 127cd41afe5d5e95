from __future__ import annotations

import asyncio
import logging
import re

import pytest
from tornado.web import Application, RequestHandler, StaticFileHandler

from tests.support.lab import Job, Lab
from tests.support.peer import handshake_request
from tornado_ws import ConfigurationError, WebSocketController
from tornado_ws.server.application_routes import require_separate_one_time_paths, rules, warn_about_missing_folders


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


def test_folder_of_a_page_that_is_not_built_is_logged(tmp_path, caplog):
    (tmp_path / "built").mkdir()
    application = Application(
        [
            ("/a/(.*)", StaticFileHandler, {"path": tmp_path / "web/dist"}),
            ("/b/(.*)", StaticFileHandler, {"path": str(tmp_path / "built")}),
            ("/c", RequestHandler, {"path": "other"}),
            *WebSocketController().persistent(Lab),
        ]
    )

    warn_about_missing_folders(application)

    [line] = caplog.messages
    assert re.fullmatch(r"no folder \S*web/dist, so its pages are answered with 404; build them first, .*", line)


@pytest.mark.gen_test
async def test_listen_logs_the_url_and_channels_that_are_not_shared(caplog):
    sockets = WebSocketController()
    application = Application(sockets.persistent(Lab))
    with caplog.at_level(logging.INFO, "tornado_ws"):
        for shared in (False, True):
            server = sockets.listen(application, 0, "127.0.0.1", reuse_port=shared)
            server.stop()

    alone, hint = [line for line in caplog.messages if "listens on" in line]
    assert re.fullmatch(r"process \d+ listens on http://127\.0\.0\.1:\d+", alone)
    assert hint.endswith(
        "; its messages do not reach clients of other processes: the backplane is the memory of this one"
    )


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"bounds": None}, "bounds: expected Bounds, got None"),
        ({"application": None}, "application: expected Application, got None"),
        ({"port": "80"}, "port: expected a number from 0 to 65535, got '80'"),
        ({"certificate": "a\0b", "key": "key"}, "certificate: cannot load 'a\\x00b' with 'key': embedded null byte"),
        ({"certificate": "chain"}, "key: expected str or Path, got None; TLS needs a certificate and its key"),
    ],
)
async def test_unusable_arguments_of_listen_are_refused(arguments, text):
    sockets = WebSocketController()

    with pytest.raises(ConfigurationError) as refused:
        sockets.listen(**{"application": Application(sockets.persistent(Lab)), "port": 0} | arguments)

    assert str(refused.value) == text


@pytest.mark.gen_test
async def test_conflict_is_also_refused_without_listen(app, make_sockets, http_server, http_port, caplog):
    app.add_handlers(".*", [*make_sockets().ephemeral(Job), *make_sockets().ephemeral(Job)])

    reader, writer = await asyncio.open_connection("127.0.0.1", http_port)
    writer.write(handshake_request(http_port, "/_/connect/long-job-x"))
    answer = await reader.read()
    writer.close()

    assert b"101" not in answer
    assert "two controllers of one application have the paths" in caplog.text
