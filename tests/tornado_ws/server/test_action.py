from __future__ import annotations

import json
import logging

import pytest
from tornado.web import Application, HTTPError

from tests.support.lab import Done, Job, JobTicket, StartJob
from tornado_ws import BackplaneDown, GuardRefused, Limits
from tornado_ws.server.action import devalue

SVELTEKIT = {"x-sveltekit-action": "true", "accept": "application/json"}


@pytest.fixture
def app() -> Application:
    return Application(xsrf_cookies=True, cross_origin_protection=True)


@pytest.fixture
def post(http_client, http_port):
    async def post(path: str = "/jobs/7", **headers: str):
        boundary = "----x"
        return await http_client.fetch(
            f"http://127.0.0.1:{http_port}{path}",
            method="POST",
            body=f"--{boundary}--\r\n",
            headers={"Content-Type": f"multipart/form-data; boundary={boundary}", **headers},
            raise_error=False,
        )

    return post


def mount(app, sockets, action=StartJob):
    app.add_handlers(".*", [*sockets.ephemeral(Job), sockets.action(r"/jobs/(\d+)", action)])


@pytest.mark.gen_test
async def test_plain_answer_is_an_object_with_url_and_protocols(app, sockets, post, connect):
    mount(app, sockets)

    answer = await post()

    body = json.loads(answer.body)
    assert answer.code == 200
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.headers["Cache-Control"] == "no-store"
    assert body.keys() == {"url", "protocols"}
    assert body["protocols"] == ["tornado-ws.1"]
    async with connect(Job, url=body["url"], subprotocols=body["protocols"]) as client:
        assert client.subprotocol == "tornado-ws.1"
        assert Done(7) == await client.expect(Done)


@pytest.mark.gen_test
async def test_sveltekit_answer_is_the_same_object_in_devalue_format(app, sockets, post, connect):
    mount(app, sockets)

    answer = json.loads((await post(**SVELTEKIT)).body)

    data = json.loads(answer.pop("data"))
    assert answer == {"type": "success", "status": 200}
    assert data[0] == {"url": 1, "protocols": 2}
    assert data[2:] == [[3], "tornado-ws.1"]
    async with connect(Job, url=data[1]) as client:
        assert Done(7) == await client.expect(Done)


def test_devalue_equals_the_output_of_sveltekit():
    assert devalue({"url": "/_/connect/KEY"}) == '[{"url":1},"/_/connect/KEY"]'
    assert (
        devalue({"url": "/_/connect/KEY", "protocols": ["tornado-ws.1"]})
        == '[{"url":1,"protocols":2},"/_/connect/KEY",[3],"tornado-ws.1"]'
    )


@pytest.mark.gen_test
async def test_foreign_origin_is_refused_in_both_formats(app, sockets, post, http_port):
    mount(app, sockets)
    foreign = {"Origin": "https://evil.example"}

    plain, kit = await post(**foreign), await post(**foreign, **SVELTEKIT)
    ours = await post(Origin=f"http://127.0.0.1:{http_port}")

    assert plain.code == 403
    answer = json.loads(kit.body)
    assert (answer["type"], answer["status"]) == ("failure", 403)
    text = "origin not allowed"
    assert json.loads(answer["data"]) == [{"message": 1}, text]
    assert json.loads(plain.body) == {"message": text}
    assert ours.code == 200


@pytest.mark.gen_test
async def test_refusals_are_logged_as_those_of_handshakes(app, make_sockets, post, caplog, http_port):
    caplog.set_level(logging.INFO, "tornado_ws")

    class Forbidden(StartJob):
        async def make_ticket(self, *args: str, **kwargs: str) -> JobTicket:
            raise GuardRefused("not yours", detail="ann left the club")

    sockets = make_sockets(origins=["https://a.example"])
    mount(app, sockets, Forbidden)

    await post(Origin="https://x.example")
    await post(Origin="https://a.example")
    sockets.context.draining = True
    await post(Origin="https://a.example")

    host = f"the host of the request is {f'127.0.0.1:{http_port}'!r}"
    assert [
        (f"origin 'https://x.example' is not in origins=['https://a.example']; {host} [403]", "origin", 403),
        ("ann left the club [403]", "guard", 403),
        ("the server is shutting down [503]", "draining", 503),
    ] == [
        (record.getMessage().removeprefix("long-job refused a one-time URL for 127.0.0.1: "), record.cause, record.code)
        for record in caplog.records
        if record.name == "tornado_ws.handshake"
    ]


@pytest.mark.gen_test
async def test_reason_of_a_refusal_is_sent_in_both_formats(app, sockets, post):
    class Forbidden(StartJob):
        async def make_ticket(self, *args: str, **kwargs: str) -> JobTicket:
            raise GuardRefused("100 % not yours: é")

    mount(app, sockets, Forbidden)

    plain, kit = await post(), await post(**SVELTEKIT)

    assert (plain.code, json.loads(plain.body)) == (403, {"message": "100 % not yours: é"})
    assert json.loads(json.loads(kit.body)["data"])[1] == "100 % not yours: é"


@pytest.mark.gen_test
async def test_backplane_error_is_logged_and_not_sent(app, sockets, post, caplog):
    class Unreachable(StartJob):
        async def make_ticket(self, *args: str, **kwargs: str) -> JobTicket:
            raise BackplaneDown("no route to 10.0.0.7")

    mount(app, sockets, Unreachable)

    answer = await post()

    assert (answer.code, json.loads(answer.body)) == (503, {"message": "no URL is available now"})
    assert "no route to 10.0.0.7" in caplog.text


class Refusing(StartJob):
    async def make_ticket(self, *args: str, **kwargs: str) -> JobTicket:
        raise HTTPError(409, reason="Job runs already")


class Raising(StartJob):
    async def make_ticket(self, *args: str, **kwargs: str) -> JobTicket:
        raise LookupError


class Invalid(StartJob):
    async def make_ticket(self, *args: str, **kwargs: str) -> JobTicket:
        return JobTicket(job="seven")  # type: ignore[arg-type]


@pytest.mark.gen_test
async def test_http_error_is_sent_with_its_status(app, sockets, post):
    mount(app, sockets, Refusing)

    plain, kit = await post(), json.loads((await post(**SVELTEKIT)).body)

    assert (plain.code, plain.reason) == (409, "Job runs already")
    assert plain.headers["Cache-Control"] == "no-store"
    assert (kit["type"], kit["status"], json.loads(kit["data"])) == (
        "failure",
        409,
        [{"message": 1}, "Job runs already"],
    )


@pytest.mark.gen_test
@pytest.mark.parametrize("action", [Raising, Invalid])
async def test_exception_is_a_server_error(app, sockets, post, action):
    mount(app, sockets, action)

    plain, kit = await post(), await post(**SVELTEKIT)

    assert (plain.code, kit.code) == (500, 500)
    assert json.loads(kit.body)["status"] == 500


@pytest.mark.gen_test
async def test_too_many_urls_are_refused_with_retry_after(app, make_sockets, post):
    mount(app, make_sockets(limits=Limits(tickets=1)))
    await post()

    plain, kit = await post(), await post(**SVELTEKIT)

    message = "expected at most 1 unused one-time URLs; try again in 60 s"
    assert (plain.code, json.loads(plain.body)) == (429, {"message": message})
    assert (json.loads(kit.body)["status"], json.loads(json.loads(kit.body)["data"])[1]) == (429, message)
    assert 1 <= int(plain.headers["Retry-After"]) <= 60
    assert kit.headers["Retry-After"] == plain.headers["Retry-After"]


@pytest.mark.gen_test
async def test_stopping_server_issues_no_urls(app, sockets, post):
    mount(app, sockets)
    sockets.context.draining = True

    answer = await post()

    assert (answer.code, json.loads(answer.body)) == (503, {"message": "the server is shutting down"})
    assert answer.headers["Retry-After"] == "1"


@pytest.mark.gen_test
async def test_get_is_not_allowed(app, sockets, http_client, http_port):
    mount(app, sockets)

    answer = await http_client.fetch(f"http://127.0.0.1:{http_port}/jobs/7", raise_error=False)

    assert answer.code == 405
