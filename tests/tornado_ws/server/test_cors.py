from __future__ import annotations

import json

import pytest

from tests.support.lab import Job, StartJob
from tornado_ws import GuardRefused, Limits

PAGE = "https://example.org"

pytestmark = pytest.mark.gen_test


@pytest.fixture
def ask(app, make_sockets, http_client, http_port):
    """Return a function that mounts an action, and sends a request of a page to it."""

    async def ask(method: str, *, action=StartJob, settings=None, **headers: str):
        sockets = make_sockets(**({"origins": [PAGE, "capacitor://localhost"]} if settings is None else settings))
        app.add_handlers(".*", [*sockets.ephemeral(Job), sockets.action("/jobs/(.+)", action)])
        return await http_client.fetch(
            f"http://127.0.0.1:{http_port}/jobs/7",
            method=method,
            body="" if method == "POST" else None,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
            raise_error=False,
        )

    return ask


PREFLIGHT = {
    "Access_Control_Request_Method": "POST",
    "Access_Control_Request_Headers": "authorization,x-sveltekit-action",
}


def cors(answer) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name.startswith("Access-Control-")}


@pytest.mark.parametrize("origin", [PAGE, "capacitor://localhost"])
async def test_page_of_an_allowed_origin_may_post_and_read_the_url(ask, origin):
    preflight = await ask("OPTIONS", Origin=origin, **PREFLIGHT)
    answer = await ask("POST", Origin=origin)

    assert 204 == preflight.code
    assert {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Allow-Methods": "POST",
        "Access-Control-Allow-Headers": "authorization,x-sveltekit-action",
        "Access-Control-Max-Age": "600",
        "Access-Control-Expose-Headers": "Retry-After",
    } == cors(preflight)
    assert "url" in json.loads(answer.body)
    assert "Origin" == answer.headers["Vary"]
    assert {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Expose-Headers": "Retry-After",
    } == cors(answer)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://example.org.evil.example"])
async def test_page_of_a_foreign_origin_may_neither_post_nor_read(ask, origin):
    preflight = await ask("OPTIONS", Origin=origin, **PREFLIGHT)
    answer = await ask("POST", Origin=origin)

    assert (204, 403) == (preflight.code, answer.code)
    assert ({}, {}) == (cors(preflight), cors(answer))


async def test_page_of_any_origin_sends_no_cookies(ask):
    answer = await ask("POST", settings={"origins": ["*"]}, Origin="https://any.example")

    assert {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After"} == cors(answer)


async def test_page_can_read_a_refusal_and_its_time(ask):
    settings = {"origins": [PAGE], "limits": Limits(tickets=0)}
    answer = await ask("POST", settings=settings, Origin=PAGE)

    assert (429, PAGE) == (answer.code, answer.headers["Access-Control-Allow-Origin"])
    assert "Retry-After" in answer.headers


async def test_page_can_read_an_exception(ask):
    class Refusing(StartJob):
        async def make_ticket(self, job):
            raise GuardRefused("not today")

    answer = await ask("POST", action=Refusing, Origin=PAGE)

    assert (403, PAGE) == (answer.code, answer.headers["Access-Control-Allow-Origin"])
    assert "not today" == json.loads(answer.body)["message"]


async def test_preflight_of_a_plain_post_names_no_headers(ask):
    answer = await ask("OPTIONS", Origin=PAGE, Access_Control_Request_Method="POST")

    assert "Access-Control-Allow-Headers" not in answer.headers
    assert "POST" == answer.headers["Access-Control-Allow-Methods"]


async def test_client_without_a_page_needs_no_headers(ask):
    answer = await ask("POST")

    assert (200, {}) == (answer.code, cors(answer))
