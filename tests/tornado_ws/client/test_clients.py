"""Clients with parameters, and clients of one-time URLs, on real servers."""

from __future__ import annotations

import json
import socket
import ssl
from dataclasses import replace
from typing import Any

import pytest
from tornado.httpserver import HTTPServer
from tornado.simple_httpclient import SimpleAsyncHTTPClient
from tornado.testing import bind_unused_port
from tornado.web import Application, HTTPError, RequestHandler

from tests.support.certificates import make_certificate
from tests.support.lab import Done, Echo, Job, JobAction, JobTicket, Lab, LabParams, Note, StartJob, Stop
from tests.support.typed_clients import FAST, JobClient, LabClient, Restartable
from tornado_ws import ConfigurationError, ConnectFailed, ConnectionClosed, GuardRefused
from tornado_ws.channels import Position


class Params(Lab):
    async def on_connect(self) -> None:
        await self.send(Note(repr((self.params.room, self.params.level, self.params.tags))))


@pytest.mark.gen_test
async def test_parameters_arrive_and_may_be_functions(serve, until):
    levels = iter([1, 2])
    async with serve(Params).running() as server:
        async with LabClient(server.url, LabParams(room="a/b ", level=3, tags=["x", "y"])) as client:
            assert Note("('a/b ', 3, ['x', 'y'])") == await anext(client)
        async with LabClient(server.url, lambda: LabParams(room="a", level=next(levels))) as client:
            assert Note("('a', 1, [])") == await anext(client)
            client.reconnect()
            assert Note("('a', 2, [])") == await anext(client)


def test_malformed_options_are_refused_before_the_connection():
    room = LabParams(room="a")
    with pytest.raises(ConfigurationError, match=r"url: expected a URL such as https://example.org, got 'example.org'"):
        LabClient("example.org", room)
    with pytest.raises(ConfigurationError, match="outbox: expected an integer of at least 1, got 0"):
        LabClient("http://h", room, outbox=0)
    with pytest.raises(ConfigurationError, match="open_timeout: expected a number greater than 0"):
        LabClient("http://h", room, open_timeout=0)
    with pytest.raises(ConfigurationError, match="expected either the URL of an action, or the option url"):
        JobClient()
    with pytest.raises(ConfigurationError, match="expected either the URL of an action, or the option url"):
        JobClient("http://h/jobs", url="ws://h/x")
    with pytest.raises(ConfigurationError, match="action: expected a URL that begins with http"):
        JobClient("ws://h/jobs")


@pytest.mark.parametrize(
    ("position", "problem"),
    [
        (Position("e", -1, "m"), r"expected `int` >= 0 - at `\$\[...\]\[1\]`"),
        (Position("e", 1 << 53, "m"), "expected `int` <= 9007199254740991"),
        (["e", 1.5, "m"], "expected `int`, got `float`"),
        (["e" * 65, 1, "m"], "expected `str` of length <= 64"),
        ({"seq": 1}, "expected `array`, got `object`"),
    ],
)
def test_positions_that_a_server_ignores_are_refused(position, problem):
    with pytest.raises(ConfigurationError, match=f"positions: {problem}.*; pass the attribute positions of an"):
        LabClient("http://h", LabParams(room="a"), positions={"room": position})


@pytest.fixture
def jobs(make_sockets: Any) -> Restartable:
    """Return a server with actions that answer differently."""
    server = Restartable(make_sockets())
    sockets = server.sockets

    class FromForm(JobAction):
        async def make_ticket(self) -> JobTicket:
            return JobTicket(job=int(self.get_body_argument("job")))

    class FromJson(JobAction):
        async def make_ticket(self) -> JobTicket:
            assert self.request.headers["Content-Type"] == "application/json"
            return JobTicket(job=int(self.request.body))

    class Refusing(JobAction):
        async def make_ticket(self) -> JobTicket:
            raise GuardRefused("members only")

    class Failing(JobAction):
        async def make_ticket(self) -> JobTicket:
            raise HTTPError(503)

    class Page(RequestHandler):
        def check_xsrf_cookie(self) -> None: ...

        def post(self) -> None:
            self.finish("<h1>hi</h1>")

    class Login(Page):
        def post(self) -> None:
            self.redirect("/login")

    actions = {"/form": FromForm, "/json": FromJson, "/refusing": Refusing, "/failing": Failing}
    server.application.add_handlers(".*", sockets.ephemeral(Job))
    server.application.add_handlers(
        ".*",
        [
            sockets.action(r"/jobs/(\d+)", StartJob),
            *(sockets.action(path, action) for path, action in actions.items()),
            ("/page", Page),
            ("/login", Login),
        ],
    )
    return server


@pytest.mark.gen_test
async def test_one_time_url_is_requested_before_each_attempt(jobs):
    async with jobs.running():
        async with JobClient(f"{jobs.url}/jobs/3", backoff=FAST) as client:
            assert Done(3) == await anext(client)
            jobs.cut()
            assert Done(3) == await anext(client)
            await client.send(Stop())
        numbers = iter([{"job": "1"}, {"job": "2"}])
        async with JobClient(f"{jobs.url}/form", form=lambda: next(numbers)) as client:
            assert Done(1) == await anext(client)
            client.reconnect()
            assert Done(2) == await anext(client)
        async with JobClient(f"{jobs.url}/json", json=4) as client:
            assert Done(4) == await anext(client)


@pytest.mark.gen_test
async def test_action_without_a_url_fails_the_attempt(jobs):
    texts = {
        "/refusing": r"/refusing answers with status 403: members only \[refused\]",
        "/page": r"/page answers without a one-time URL; is it an action of tornado-ws\? \[no_ticket\]",
        "/login": r"/login answers with status 302: WebSockets do not follow redirects.* \[redirected\]",
        "/nothing": r"/nothing answers with status 404: .* \[not_found\]",
        "/failing": r"/failing answers with status 503: .* \[unreachable\]",
    }
    async with jobs.running():
        for path, text in texts.items():
            with pytest.raises(ConnectFailed, match=text):
                async with JobClient(f"{jobs.url}{path}", open_timeout=0.2, backoff=FAST):
                    pass
    with pytest.raises(ConnectFailed, match=r"no connection to http://.*/form: .* \[network\]"):
        async with JobClient(f"{jobs.url}/form", open_timeout=0.4, backoff=FAST):
            pass


@pytest.mark.gen_test
async def test_url_that_is_used_up_ends_the_client(jobs):
    async with jobs.running():
        client = SimpleAsyncHTTPClient(force_instance=True)
        answer = await client.fetch(f"{jobs.url}/jobs/5", method="POST", body="")
        client.close()
        url = jobs.url + json.loads(answer.body)["url"]
        async with JobClient(url=url) as first:
            assert Done(5) == await anext(first)
            first.reconnect()
            await first.wait_closed()
            assert first.close_code == 4404
        with pytest.raises(ConnectionClosed, match="code 4404"):
            async with JobClient(url=url):
                pass


@pytest.mark.gen_test
async def test_tls_is_verified(make_sockets, tmp_path):
    chain, key = make_certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(chain, key)
    application = Application()
    application.add_handlers(".*", make_sockets().persistent(Lab))
    listening, port = bind_unused_port()
    server = HTTPServer(application, ssl_options=context)
    server.add_sockets([listening])
    url, room = f"https://localhost:{port}", LabParams(room="a")

    with pytest.raises(ConnectFailed, match=r"no TLS with wss://localhost.*CERTIFICATE_VERIFY_FAILED.* \[tls\]"):
        async with LabClient(url, room):
            pass
    trusting = ssl.create_default_context(cafile=str(chain))
    async with LabClient(url, room, ssl_context=trusting, compression=True) as client:
        assert await client.request(Echo("a" * 1000)) == "a" * 1000
    server.stop()
    await server.close_all_connections()


@pytest.mark.gen_test
async def test_server_that_holds_the_handshake_back_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as listening:  # nothing accepts
        url, room = f"http://127.0.0.1:{listening.getsockname()[1]}", LabParams(room="a")
        with pytest.raises(ConnectFailed, match=r"nothing answers at ws://127.* in time; check scheme.* \[timeout\]"):
            async with LabClient(url, room, connect_timeout=0.05, open_timeout=0.2, backoff=FAST):
                pass


def test_clients_of_one_class_share_their_codec():
    class Other(LabClient):
        endpoint = replace(LabClient.endpoint)

    first, second, other = (cls("http://h", LabParams(room="a")) for cls in (LabClient, LabClient, Other))

    assert first._session.codec is second._session.codec
    assert other._session.codec.endpoint is Other.endpoint
