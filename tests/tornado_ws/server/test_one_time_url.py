from __future__ import annotations

import asyncio
import json
import logging

import pytest
from tornado.httpclient import HTTPClientError
from tornado.web import RequestHandler

from tests.support.clock import Clock
from tests.support.issuing import UseFrom
from tests.support.lab import Done, Job, JobTicket, Lab, LabParams, Said, Say, StartJob
from tornado_ws import CloseCode, Limits, authenticated, same_address, same_session

ACTION = r"/jobs/(\d+)"


class UserFromHeader:
    """Handler with the user of a header, as an authenticating proxy sets it."""

    request: object

    def get_current_user(self):
        return self.request.headers.get("X-User")


class JobOfUser(UserFromHeader, Job): ...


class StartJobOfUser(UserFromHeader, StartJob): ...


@pytest.fixture
def issue_url(http_client, http_port):
    async def issue_url(job: int = 7, **headers: str) -> str:
        answer = await http_client.fetch(
            f"http://127.0.0.1:{http_port}/jobs/{job}", method="POST", body="", headers=headers
        )
        return json.loads(answer.body)["url"]

    return issue_url


def mount(app, sockets, *, guards=(), handler=Job, action=StartJob):
    app.add_handlers(".*", [*sockets.ephemeral(handler, guards=guards), sockets.action(ACTION, action)])


@pytest.mark.gen_test
async def test_url_is_valid_for_one_connection_with_its_ticket(app, sockets, connect, issue_url):
    mount(app, sockets)
    url = await issue_url(42)

    async with connect(Job, url=url) as client:
        assert Done(42) == await client.expect(Done)
    async with connect(Job, url=url) as client:
        closed = await client.expect_close(CloseCode.INVALID_TICKET)

    assert closed.reason == "the URL is unknown, used or expired"


@pytest.mark.gen_test
async def test_one_of_fifty_concurrent_connections_redeems_a_url(app, sockets, connect, issue_url):
    async def slow(handler: Job) -> bool:
        await asyncio.sleep(0.05)
        return True

    mount(app, sockets, guards=[slow])
    url = await issue_url()

    async def race() -> bool:
        async with connect(Job, url=url, timeout=4) as client:
            try:
                await client.expect(Done)
            except AssertionError:
                assert (await client.expect_close()).code == CloseCode.INVALID_TICKET
                return False
            return True

    assert sum(await asyncio.gather(*(race() for _ in range(50)))) == 1


@pytest.mark.gen_test
async def test_unknown_used_and_expired_urls_get_the_same_refusal(app, make_sockets, connect, issue_url):
    clock = Clock()
    sockets = make_sockets(clock=clock)
    mount(app, sockets)
    used, expired = await issue_url(), await issue_url()
    async with connect(Job, url=used) as client:
        await client.expect(Done)
    clock.now += Job.endpoint.ttl
    prefix = used[:-43]

    ends = set()
    for url in (used, expired, prefix + "x" * 43, prefix, "/_/connect/", "/_/connect/other-" + "x" * 43):
        async with connect(Job, url=url) as client:
            closed = await client.expect_close()
            ends.add((closed.code, closed.reason))

    assert ends == {(CloseCode.INVALID_TICKET, "the URL is unknown, used or expired")}


@pytest.mark.gen_test
async def test_url_is_bound_to_its_user(app, sockets, connect, issue_url):
    mount(app, sockets, handler=JobOfUser, action=StartJobOfUser)
    url_of_ann, url_of_bob = await issue_url(1, **{"X-User": "ann"}), await issue_url(2, **{"X-User": "bob"})

    async with connect(JobOfUser, url=url_of_ann, headers={"X-User": "bob"}) as client:
        await client.expect_close(CloseCode.INVALID_TICKET)
    async with connect(JobOfUser, url=url_of_ann) as client:
        await client.expect_close(CloseCode.INVALID_TICKET)
    async with (
        connect(JobOfUser, url=url_of_bob, headers={"X-User": "bob"}) as bob,
        connect(JobOfUser, url=url_of_ann, headers={"X-User": "ann"}) as ann,
    ):
        assert Done(1) == await ann.expect(Done)
        assert Done(2) == await bob.expect(Done)


@pytest.mark.gen_test
async def test_refused_connection_does_not_redeem_the_url(app, sockets, connect, issue_url):
    mount(app, sockets, guards=[authenticated], handler=JobOfUser, action=StartJobOfUser)
    url = await issue_url(3, **{"X-User": "ann"})

    with pytest.raises(HTTPClientError, match="403"):
        await connect(JobOfUser, url=url, headers={"X-User": "ann", "Origin": "https://evil.example"}).__aenter__()
    async with connect(JobOfUser, url=url) as client:
        await client.expect_close(CloseCode.INVALID_TICKET)

    async with connect(JobOfUser, url=url, headers={"X-User": "ann"}) as client:
        assert Done(3) == await client.expect(Done)


@pytest.mark.gen_test
async def test_guard_reads_the_ticket_and_its_refusal_does_not_redeem_the_url(app, sockets, connect, issue_url):
    seen: list[int] = []

    async def second_time(handler: Job) -> bool:
        seen.append(handler.ticket.job)
        return len(seen) > 1

    mount(app, sockets, guards=[second_time])
    url = await issue_url(5)

    async with connect(Job, url=url) as client:
        await client.expect_close(CloseCode.FORBIDDEN)
    async with connect(Job, url=url) as client:
        assert Done(5) == await client.expect(Done)
    assert seen == [5, 5]


@pytest.mark.gen_test
async def test_url_is_bound_to_session_and_address(app, make_sockets, connect, issue_url):
    sockets = make_sockets(origins=["*"], trusted_proxies=["127.0.0.1"])
    mount(app, sockets, guards=[same_session("sid"), same_address])
    issuer = {"Cookie": "sid=secret", "X-Forwarded-For": "1.1.1.1"}
    url = await issue_url(6, **issuer)

    for other in ({}, {**issuer, "Cookie": "sid=other"}, {**issuer, "X-Forwarded-For": "1.1.1.2"}):
        async with connect(Job, url=url, headers=other) as client:
            await client.expect_close(CloseCode.INVALID_TICKET)

    async with connect(Job, url=url, headers=issuer) as client:
        assert Done(6) == await client.expect(Done)


@pytest.mark.gen_test
async def test_no_url_is_issued_without_the_value_of_a_binding(app, sockets, issue_url):
    mount(app, sockets, guards=[same_session("sid")])

    with pytest.raises(HTTPClientError, match="403"):
        await issue_url()


@pytest.mark.gen_test
async def test_number_of_unused_urls_per_client_is_limited(app, make_sockets, connect, issue_url):
    sockets = make_sockets(limits=Limits(tickets=2))
    mount(app, sockets)
    first, _ = await issue_url(), await issue_url()

    with pytest.raises(HTTPClientError) as refused:
        await issue_url()
    assert refused.value.code == 429
    assert refused.value.response is not None
    assert 50 < int(refused.value.response.headers["Retry-After"]) <= 60

    async with connect(Job, url=first) as client:
        await client.expect(Done)
        await issue_url()


@pytest.mark.gen_test
async def test_keys_are_not_logged(app, sockets, connect, issue_url, caplog):
    class Raising(Job):
        async def on_stop(self) -> None:
            raise LookupError

    class RaisingUser(Raising):
        def get_current_user(self):
            if "X-Broken" in self.request.headers:
                raise LookupError
            return None

    mount(app, sockets, handler=RaisingUser)
    caplog.set_level(logging.DEBUG)
    urls = [await issue_url() for _ in range(4)]
    keys = [url[-43:] for url in urls]

    async with connect(RaisingUser, url=urls[0]) as client:
        await client.send_text('{"type":"stop"}')
        await client.expect_error("internal")
    async with connect(RaisingUser, url=urls[0]) as client:
        await client.expect_close(CloseCode.INVALID_TICKET)
    for headers in ({"X-Broken": "yes"}, {"Origin": "https://evil.example"}):
        with pytest.raises(HTTPClientError):
            await connect(RaisingUser, url=urls[1], headers=headers).__aenter__()

    assert "/_/connect/long-job-***" in caplog.text
    assert not [key for key in keys if key in caplog.text]


@pytest.mark.gen_test
@pytest.mark.parametrize("changed", ["/{}", "/app{}", "/app{}/", "{}/", "/app{}?a=1", "/app{}//"])
async def test_key_in_a_path_that_a_proxy_has_changed_is_not_logged(
    app, sockets, issue_url, http_client, http_port, caplog, changed
):
    caplog.set_level(logging.DEBUG)
    paths: list[str] = []

    class Other(RequestHandler):
        def get(self) -> None:
            paths.append(self.request.path)

    app.add_handlers(".*", [*sockets.ephemeral(Job), sockets.action(ACTION, StartJob), ("/.*", Other)])
    url = await issue_url()

    await http_client.fetch(f"http://127.0.0.1:{http_port}{changed.format(url)}", raise_error=False)

    assert url.removeprefix("/_/connect/long-job-") not in caplog.text
    assert "/_/connect/long-job-***" in caplog.text
    assert all(url in path for path in paths)


@pytest.mark.gen_test
async def test_other_paths_are_logged_as_they_are(app, sockets, http_client, http_port, caplog):
    caplog.set_level(logging.INFO)
    app.add_handlers(".*", sockets.ephemeral(Job))
    path = f"/app/job-{'a' * 43}"

    await http_client.fetch(f"http://127.0.0.1:{http_port}{path}", raise_error=False)

    assert f"404 GET {path} " in caplog.text


@pytest.mark.gen_test
async def test_plain_http_request_does_not_redeem_a_url(app, sockets, connect, issue_url, http_client, http_port):
    mount(app, sockets)
    url = await issue_url(8)

    with pytest.raises(HTTPClientError, match="426"):
        await http_client.fetch(f"http://127.0.0.1:{http_port}{url}")

    async with connect(Job, url=url) as client:
        assert Done(8) == await client.expect(Done)


@pytest.mark.gen_test
async def test_any_handler_can_issue_urls(app, sockets, connect, http_client, http_port):
    app.add_handlers(
        ".*",
        [
            *sockets.ephemeral(Job),
            ("/use", UseFrom, {"use": lambda handler: sockets.use(handler, Job, JobTicket(job=9))}),
        ],
    )
    answer = await http_client.fetch(f"http://127.0.0.1:{http_port}/use", method="POST", body="")

    async with connect(Job, url=answer.body.decode()) as client:
        assert Done(9) == await client.expect(Done)


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("ticket", "message"),
    [
        (JobTicket(job="seven"), "InvalidMessage: ticket was not sent: invalid_message"),  # type: ignore[arg-type]
        (Done(1), "InvalidMessage: ticket was not sent: invalid_message"),
    ],
)
async def test_invalid_ticket_is_an_error(app, sockets, http_client, http_port, ticket, message):
    app.add_handlers(
        ".*", [*sockets.ephemeral(Job), ("/use", UseFrom, {"use": lambda handler: sockets.use(handler, Job, ticket)})]
    )

    answer = await http_client.fetch(f"http://127.0.0.1:{http_port}/use", method="POST", body="", raise_error=False)

    assert answer.body.decode().startswith(message)


@pytest.mark.gen_test
async def test_url_of_a_persistent_endpoint_holds_its_params(app, sockets, connect, http_client, http_port):
    app.add_handlers(
        ".*",
        [
            *sockets.ticketed(Lab),
            ("/use", UseFrom, {"use": lambda handler: sockets.use(handler, Lab, LabParams(room="a", tags=["x"]))}),
        ],
    )
    answer = await http_client.fetch(f"http://127.0.0.1:{http_port}/use", method="POST", body="")

    async with connect(Lab, url=answer.body.decode()) as client:
        assert sockets.connections[0].params == LabParams(room="a", tags=["x"])
        await client.send(Say(text="hi"))
        assert Said(text="hi") == await client.expect(Said)
    with pytest.raises(HTTPClientError, match="404"):
        await connect(Lab, {"room": "a"}).__aenter__()
