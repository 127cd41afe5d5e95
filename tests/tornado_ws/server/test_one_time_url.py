from __future__ import annotations

import asyncio
import json
import logging

import pytest
from tornado.httpclient import HTTPClientError
from tornado.web import RequestHandler

from tests.support.clock import Clock
from tests.support.lab import Done, Job, JobTicket, Lab, LabParams, Said, Say, StartJob
from tornado_ws import CloseCode, Limits, authenticated, same_address, same_session

ACTION = r"/jobs/(\d+)"


class Named:
    """Takes the user from a header, as a proxy that authenticates would give it."""

    request: object

    def get_current_user(self):
        return self.request.headers.get("X-User")


class NamedJob(Named, Job): ...


class StartNamedJob(Named, StartJob): ...


@pytest.fixture
def ask(http_client, http_port):
    async def ask(job: int = 7, **headers: str) -> str:
        answer = await http_client.fetch(
            f"http://127.0.0.1:{http_port}/jobs/{job}", method="POST", body="", headers=headers
        )
        return json.loads(answer.body)["url"]

    return ask


def mount(app, sockets, *, guards=(), handler=Job, action=StartJob):
    app.add_handlers(".*", [*sockets.ephemeral(handler, guards=guards), sockets.action(ACTION, action)])


@pytest.mark.gen_test
async def test_a_url_is_good_for_one_connection_with_the_data_of_its_ticket(app, sockets, connect, ask):
    mount(app, sockets)
    url = await ask(42)

    async with connect(Job, url=url) as client:
        assert Done(42) == await client.expect(Done)
    async with connect(Job, url=url) as client:
        closed = await client.expect_close(CloseCode.INVALID_TICKET)

    assert closed.reason == "unknown, used or expired"


@pytest.mark.gen_test
async def test_of_fifty_that_race_for_a_url_one_wins(app, sockets, connect, ask):
    async def slow(handler: Job) -> bool:
        await asyncio.sleep(0.05)
        return True

    mount(app, sockets, guards=[slow])
    url = await ask()

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
async def test_unknown_used_and_expired_urls_are_refused_alike(app, make_sockets, connect, ask):
    clock = Clock()
    sockets = make_sockets(clock=clock)
    mount(app, sockets)
    used, expired = await ask(), await ask()
    async with connect(Job, url=used) as client:
        await client.expect(Done)
    clock.now += Job.endpoint.ttl
    prefix = used[:-43]

    ends = set()
    for url in (used, expired, prefix + "x" * 43, prefix, "/_/connect/", "/_/connect/other-" + "x" * 43):
        async with connect(Job, url=url) as client:
            closed = await client.expect_close()
            ends.add((closed.code, closed.reason))

    assert ends == {(CloseCode.INVALID_TICKET, "unknown, used or expired")}


@pytest.mark.gen_test
async def test_two_users_of_one_action_never_meet(app, sockets, connect, ask):
    mount(app, sockets, handler=NamedJob, action=StartNamedJob)
    url_of_ann, url_of_bob = await ask(1, **{"X-User": "ann"}), await ask(2, **{"X-User": "bob"})

    async with connect(NamedJob, url=url_of_ann, headers={"X-User": "bob"}) as client:
        await client.expect_close(CloseCode.INVALID_TICKET)
    async with connect(NamedJob, url=url_of_ann) as client:
        await client.expect_close(CloseCode.INVALID_TICKET)
    async with (
        connect(NamedJob, url=url_of_bob, headers={"X-User": "bob"}) as bob,
        connect(NamedJob, url=url_of_ann, headers={"X-User": "ann"}) as ann,
    ):
        assert Done(1) == await ann.expect(Done)
        assert Done(2) == await bob.expect(Done)


@pytest.mark.gen_test
async def test_a_url_is_not_used_up_by_who_is_refused(app, sockets, connect, ask):
    mount(app, sockets, guards=[authenticated], handler=NamedJob, action=StartNamedJob)
    url = await ask(3, **{"X-User": "ann"})

    with pytest.raises(HTTPClientError, match="403"):
        await connect(NamedJob, url=url, headers={"X-User": "ann", "Origin": "https://evil.example"}).__aenter__()
    async with connect(NamedJob, url=url) as client:
        await client.expect_close(CloseCode.INVALID_TICKET)

    async with connect(NamedJob, url=url, headers={"X-User": "ann"}) as client:
        assert Done(3) == await client.expect(Done)


@pytest.mark.gen_test
async def test_a_guard_knows_the_ticket_and_its_refusal_leaves_the_url_good(app, sockets, connect, ask):
    seen: list[int] = []

    async def second_time(handler: Job) -> bool:
        seen.append(handler.ticket.job)
        return len(seen) > 1

    mount(app, sockets, guards=[second_time])
    url = await ask(5)

    async with connect(Job, url=url) as client:
        await client.expect_close(CloseCode.FORBIDDEN)
    async with connect(Job, url=url) as client:
        assert Done(5) == await client.expect(Done)
    assert seen == [5, 5]


@pytest.mark.gen_test
async def test_bindings_tie_a_url_to_the_session_and_address_that_asked(app, make_sockets, connect, ask):
    sockets = make_sockets(origins=["*"], trusted_proxies=["127.0.0.1"])
    mount(app, sockets, guards=[same_session("sid"), same_address])
    asker = {"Cookie": "sid=secret", "X-Forwarded-For": "1.1.1.1"}
    url = await ask(6, **asker)

    for other in ({}, {**asker, "Cookie": "sid=other"}, {**asker, "X-Forwarded-For": "1.1.1.2"}):
        async with connect(Job, url=url, headers=other) as client:
            await client.expect_close(CloseCode.INVALID_TICKET)

    async with connect(Job, url=url, headers=asker) as client:
        assert Done(6) == await client.expect(Done)


@pytest.mark.gen_test
async def test_who_has_no_session_gets_no_url_that_is_tied_to_one(app, sockets, ask):
    mount(app, sockets, guards=[same_session("sid")])

    with pytest.raises(HTTPClientError, match="403"):
        await ask()


@pytest.mark.gen_test
async def test_the_number_of_open_urls_per_client_is_bounded(app, make_sockets, connect, ask):
    sockets = make_sockets(limits=Limits(tickets=2))
    mount(app, sockets)
    first, _ = await ask(), await ask()

    with pytest.raises(HTTPClientError) as refused:
        await ask()
    assert refused.value.code == 429
    assert refused.value.response is not None
    assert 50 < int(refused.value.response.headers["Retry-After"]) <= 60

    async with connect(Job, url=first) as client:
        await client.expect(Done)
        await ask()


@pytest.mark.gen_test
async def test_keys_reach_no_log_line(app, sockets, connect, ask, caplog):
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
    urls = [await ask() for _ in range(4)]
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
async def test_a_plain_request_to_a_url_does_not_use_it_up(app, sockets, connect, ask, http_client, http_port):
    mount(app, sockets)
    url = await ask(8)

    with pytest.raises(HTTPClientError, match="400"):
        await http_client.fetch(f"http://127.0.0.1:{http_port}{url}")

    async with connect(Job, url=url) as client:
        assert Done(8) == await client.expect(Done)


class UseFrom(RequestHandler):
    """Makes one-time URLs without an action."""

    def initialize(self, use):
        self.use = use

    async def post(self):
        try:
            self.finish(await self.use(self))
        except Exception as error:
            self.set_status(500)
            self.finish(f"{type(error).__name__}: {error}")


@pytest.mark.gen_test
async def test_urls_can_be_made_from_any_handler(app, sockets, connect, http_client, http_port):
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
    ("ticket", "words"),
    [
        (JobTicket(job="seven"), "InvalidMessage: ticket was not sent: invalid_message"),  # type: ignore[arg-type]
        (Done(1), "InvalidMessage: ticket was not sent: invalid_message"),
    ],
)
async def test_a_ticket_must_be_what_the_schema_says(app, sockets, http_client, http_port, ticket, words):
    app.add_handlers(
        ".*", [*sockets.ephemeral(Job), ("/use", UseFrom, {"use": lambda handler: sockets.use(handler, Job, ticket)})]
    )

    answer = await http_client.fetch(f"http://127.0.0.1:{http_port}/use", method="POST", body="", raise_error=False)

    assert answer.body.decode().startswith(words)


@pytest.mark.gen_test
async def test_a_persistent_endpoint_can_require_a_ticket_that_holds_its_params(
    app, sockets, connect, http_client, http_port
):
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
