from __future__ import annotations

import json
import time
from types import ModuleType
from urllib.parse import urlencode

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.web import Application, create_signed_value

from generated.chat import CHAT
from generated.export import EXPORT
from tests.docs.pages import ROOT, blocks
from tornado_ws import CloseCode
from tornado_ws.testing import Connect

GUARDED, ENDING, TOKENS, TICKETED = (block.text for block in blocks(ROOT / "docs/how-to/authentication.md", "python"))
SECRET = "from your configuration"


def _program(text: str) -> ModuleType:
    module = ModuleType("listing")
    exec(text, vars(module))
    return module


@pytest.fixture
def guarded() -> ModuleType:
    return _program(GUARDED)


@pytest.fixture
def ending() -> ModuleType:
    return _program(ENDING)


@pytest.fixture
def tokens() -> ModuleType:
    return _program(TOKENS)


@pytest.fixture
def ticketed() -> ModuleType:
    return _program(TICKETED)


@pytest.fixture
def app(request: pytest.FixtureRequest) -> Application:
    """Return the application of the code block under test."""
    for name in {"guarded", "ending"} & set(request.fixturenames):
        return request.getfixturevalue(name).application
    (name,) = {"tokens", "ticketed"} & set(request.fixturenames)
    return Application(request.getfixturevalue(name).routes, cookie_secret=SECRET)


def _signed_in(user: bytes | str, session: str = "1") -> dict[str, str]:
    cookie = create_signed_value(SECRET, "user", user).decode()
    return {"Cookie": f'user="{cookie}"; session={session}'}


def _room(name: str) -> dict[str, str]:
    return {"room": name, "nick": "ann"}


@pytest.mark.gen_test
async def test_client_without_a_user_is_refused(guarded, connect: Connect) -> None:
    async with connect(CHAT, _room("lobby")) as ann:
        closed = await ann.expect_close(CloseCode.UNAUTHORIZED)

        assert closed.reason == "sign in first"


@pytest.mark.gen_test
async def test_room_of_other_members_is_refused_with_the_reason(guarded, connect: Connect) -> None:
    async with connect(CHAT, _room("staff"), headers=_signed_in(json.dumps({"name": "eve"}))) as eve:
        closed = await eve.expect_close(CloseCode.FORBIDDEN)

        assert closed.reason == "this room is not yours"


@pytest.mark.gen_test
async def test_members_are_admitted(guarded, connect: Connect) -> None:
    async with connect(CHAT, _room("staff"), headers=_signed_in(json.dumps({"name": "ann"}))) as ann:
        await ann.expect_nothing()

        assert ann.closed is None


@pytest.mark.gen_test
async def test_cookie_of_the_login_admits_its_user(guarded, connect: Connect) -> None:
    client = AsyncHTTPClient()
    login = f"{connect.origin}/login"
    body = urlencode({"name": "ann", "password": "correct horse"})
    asked = await client.fetch(login)
    xsrf = asked.headers["Set-Cookie"].partition(";")[0]
    headers = {"Cookie": xsrf, "X-Xsrftoken": xsrf.partition("=")[2]}

    answer = await client.fetch(login, method="POST", body=body, headers=headers)
    cookie = answer.headers["Set-Cookie"].partition(";")[0]
    async with connect(CHAT, _room("staff"), headers={"Cookie": cookie}) as ann:
        await ann.expect_nothing()

        assert json.loads(asked.body) == {"name": None}
        assert json.loads(answer.body) == {"name": "ann"}
        assert ann.closed is None


@pytest.mark.parametrize(("password", "token"), [("wrong", "1"), ("correct horse", "2")])
@pytest.mark.gen_test
async def test_login_refuses_wrong_passwords_and_forms_of_other_pages(
    guarded, connect: Connect, password: str, token: str
) -> None:
    body = urlencode({"name": "ann", "password": password})
    headers = {"Cookie": "_xsrf=1", "X-Xsrftoken": token}

    with pytest.raises(HTTPClientError, match="403"):
        await AsyncHTTPClient().fetch(f"{connect.origin}/login", method="POST", body=body, headers=headers)


def _session(name: str, seconds: float) -> dict[str, str]:
    """Return the headers of a user with a session that expires after some seconds."""
    return _signed_in(json.dumps({"name": name, "expires": time.time() + seconds}))


@pytest.mark.slow
@pytest.mark.gen_test
async def test_connection_closes_when_its_session_expires(ending, connect: Connect) -> None:
    async with (
        connect(CHAT, _room("lobby"), headers=_session("ann", 2)) as ann,
        connect(CHAT, _room("lobby"), headers=_session("bob", 60)) as bob,
    ):
        await ann.expect_nothing(0.2)
        closed = await ann.expect_close(CloseCode.UNAUTHORIZED)

        assert closed.reason == "your session has expired"
        await bob.expect_nothing()
        assert bob.closed is None


@pytest.mark.gen_test
async def test_expired_session_is_refused(ending, connect: Connect) -> None:
    async with connect(CHAT, _room("lobby"), headers=_session("ann", -1)) as ann:
        closed = await ann.expect_close(CloseCode.UNAUTHORIZED)

        assert closed.reason == "sign in first"


@pytest.mark.gen_test
async def test_sign_out_closes_all_tabs_of_that_user_only(ending, connect: Connect) -> None:
    headers = _session("ann", 60)
    async with (
        connect(CHAT, _room("lobby"), headers=headers) as tab,
        connect(CHAT, _room("attic"), headers=headers) as other_tab,
        connect(CHAT, _room("lobby"), headers=_session("bob", 60)) as bob,
    ):
        post = {"Cookie": f"{headers['Cookie']}; _xsrf=1", "X-Xsrftoken": "1"}
        await AsyncHTTPClient().fetch(f"{connect.origin}/sign-out", method="POST", body="", headers=post)

        for each in (tab, other_tab):
            assert (await each.expect_close(CloseCode.UNAUTHORIZED)).reason == "signed out"
        await bob.expect_nothing()
        assert bob.closed is None


@pytest.mark.gen_test
async def test_token_in_the_subprotocols_signs_its_user_in(tokens, connect: Connect) -> None:
    async with connect(CHAT, _room("lobby"), subprotocols=["tornado-ws.1", "bearer.ann's%20token"]) as ann:
        await ann.expect_nothing()
        assert ann.closed is None
        [connection] = tokens.sockets.connections
        assert connection.current_user == "ann"
        assert ann.subprotocol == "tornado-ws.1"
    async with connect(CHAT, _room("lobby"), subprotocols=["tornado-ws.1", "bearer.old"]) as eve:
        await eve.expect_close(CloseCode.UNAUTHORIZED)


async def _request_url(connect: Connect, headers: dict[str, str]) -> str:
    request = HTTPRequest(f"{connect.origin}/rooms/lobby/export", method="POST", body="", headers=headers)
    url: str = json.loads((await AsyncHTTPClient().fetch(request)).body)["url"]
    return url


@pytest.mark.gen_test
async def test_client_without_a_user_gets_no_url(ticketed, connect: Connect) -> None:
    with pytest.raises(HTTPClientError, match="403: sign in first"):
        await _request_url(connect, {"Cookie": "session=1"})


@pytest.mark.gen_test
async def test_url_is_valid_once_and_for_its_user_only(ticketed, connect: Connect) -> None:
    url = await _request_url(connect, _signed_in("ann"))

    for others in (_signed_in("eve"), _signed_in("ann", session="2"), {"Cookie": "session=1"}):
        async with connect(EXPORT, url=url, headers=others) as eve:
            await eve.expect_close(CloseCode.INVALID_TICKET)
    async with connect(EXPORT, url=url, headers=_signed_in("ann")) as ann:
        await ann.expect_nothing()
        assert ann.closed is None
    async with connect(EXPORT, url=url, headers=_signed_in("ann")) as ann:
        await ann.expect_close(CloseCode.INVALID_TICKET)


@pytest.mark.gen_test
async def test_foreign_origin_is_refused(guarded, connect: Connect) -> None:
    headers = {**_signed_in(json.dumps({"name": "ann"})), "Origin": "https://evil.example"}

    with pytest.raises(HTTPClientError, match="403"):
        async with connect(CHAT, _room("lobby"), headers=headers):
            pass
