from __future__ import annotations

import pytest
from tornado.httpclient import HTTPClientError
from tornado.web import Application, RequestHandler
from tornado.websocket import websocket_connect

from tests.support.lab import Echo, Job, Lab, Note
from tornado_ws import ConfigurationError, WebSocketController
from tornado_ws.websocket import StrictWebSocketHandler, tornado_private

ROOM = {"room": "a"}


@pytest.mark.parametrize("path", ["_/connect/", "/_/connect", ""])
def test_connect_path_begins_and_ends_with_a_slash(path):
    with pytest.raises(ConfigurationError, match="connect_path: expected a path that begins and ends with /"):
        WebSocketController(connect_path=path)


@pytest.mark.parametrize(
    "settings", [{"trusted_proxies": ["10.0.0.1"]}, {"origins": ["example.org"]}, {"trusted_proxies": ["nginx"]}]
)
def test_contradictory_settings_are_errors(settings):
    with pytest.raises(ConfigurationError):
        WebSocketController(**settings)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"limits": 5}, "limits: expected Limits or None, got 5"),
        ({"heartbeat": 20}, "heartbeat: expected Heartbeat or None, got 20"),
        ({"backplane": 1}, "backplane: expected Backplane or str or None, got 1"),
        ({"user": "id"}, "user: expected a function, got 'id'"),
        ({"clock": 1.0}, "clock: expected a function, got 1.0"),
        ({"compression": "yes"}, "compression: expected bool, got 'yes'"),
        ({"check_outgoing": None}, "check_outgoing: expected bool, got None"),
        ({"trusted_proxies": "::1"}, "trusted_proxies: expected a list, got '::1'; trusted_proxies=[…]"),
        ({"connect_path": None}, "connect_path: expected str, got None"),
    ],
)
def test_settings_of_a_wrong_type_are_errors(settings, message):
    with pytest.raises(ConfigurationError) as refused:
        WebSocketController(**settings)

    assert message == str(refused.value)


class Hello(RequestHandler):
    def get(self) -> None:
        self.finish("hello")


@pytest.mark.gen_test
async def test_routes_combine_with_other_handlers(app, sockets, connect, http_client, http_port):
    app.add_handlers(".*", [("/hello", Hello), *sockets.persistent(Lab), *sockets.ephemeral(Job)])

    answer = await http_client.fetch(f"http://127.0.0.1:{http_port}/hello")

    assert answer.body == b"hello"
    async with connect(Lab, ROOM) as ann:
        assert await ann.request(Echo("a")) == "a"


@pytest.mark.gen_test
async def test_controllers_in_one_process_are_independent(app, make_sockets, connect):
    one, two = make_sockets(), make_sockets(connect_path="/two/")
    app.add_handlers(".*", [*one.persistent(Lab), *two.persistent(Lab, path="/other/{room}")])

    async with connect(Lab, ROOM) as ann, connect(Lab, url="/other/a") as bob:
        await one.broadcast(Lab, Note("one"))
        await two.broadcast(Lab, Note("two"))

        assert Note("one") == await ann.expect(Note)
        assert Note("two") == await bob.expect(Note)
        await ann.expect_nothing()
        await bob.expect_nothing(0)
        assert len(one.connections) == len(two.connections) == 1


@pytest.mark.gen_test
async def test_path_argument_replaces_the_path_of_the_schema(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab, path="/v2/lab"))

    async with connect(Lab, url="/v2/lab?room=b"):
        assert sockets.connections[0].params.room == "b"
    with pytest.raises(HTTPClientError, match="404"):
        await connect(Lab, ROOM).__aenter__()


class Mirror(StrictWebSocketHandler):
    def on_message(self, message: str | bytes) -> None:
        self.write_message(message, binary=isinstance(message, bytes))


@pytest.mark.gen_test
async def test_unvalidated_handler_combines_with_endpoints(app, sockets, http_server, http_port):
    app.add_handlers(".*", [sockets.unvalidated("/mirror", Mirror), *sockets.persistent(Lab)])

    connection = await websocket_connect(f"ws://127.0.0.1:{http_port}/mirror")
    await connection.write_message(b"\x00\x01", binary=True)
    assert await connection.read_message() == b"\x00\x01"
    connection.close()
    await connection.read_message()


@pytest.mark.parametrize(
    "mount",
    [
        lambda sockets: sockets.persistent(Lab),
        lambda sockets: sockets.ephemeral(Job),
        lambda sockets: sockets.unvalidated("/mirror", Mirror),
    ],
)
def test_unsupported_version_of_tornado_is_an_error_of_each_route(sockets, monkeypatch, mount):
    monkeypatch.setattr(tornado_private, "NAMES", ("tornado.websocket.gone",))

    with pytest.raises(ConfigurationError, match=r"^tornado: version .* lacks tornado\.websocket\.gone; supported"):
        mount(sockets)


def test_application_can_be_created_without_an_event_loop():
    sockets = WebSocketController()

    Application([*sockets.persistent(Lab), *sockets.ephemeral(Job)])
    assert sockets.summary()["connections"] == []
