from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from http.cookies import SimpleCookie

import pytest

from tornado_ws.errors import CloseCode, ConfigurationError, GuardRefused
from tornado_ws.rate_limited_log import LINES_PER_SECOND, RateLimitedLog
from tornado_ws.server.guards import (
    allow_addresses,
    authenticated,
    bearer,
    bearer_token,
    first_refusal,
    same_address,
    same_origin,
    same_session,
)


@dataclass
class FakeHandler:
    current_user: object = None
    address: str = "127.0.0.1"
    calls: list[str] = field(default_factory=list)


@dataclass
class FakeRequest:
    headers: dict[str, str] = field(default_factory=dict)
    cookies: SimpleCookie = field(default_factory=SimpleCookie)


async def yes(handler: FakeHandler) -> bool:
    handler.calls.append("yes")
    return True


async def no(handler: FakeHandler) -> bool:
    handler.calls.append("no")
    return False


@pytest.mark.gen_test
async def test_guards_are_called_in_order_until_one_refuses():
    handler = FakeHandler()

    assert await first_refusal([yes, yes], handler, RateLimitedLog(), dict) is None
    assert str(await first_refusal([yes, no, yes], handler, RateLimitedLog(), dict)) == "refused [3003]"
    assert handler.calls == ["yes", "yes", "yes", "no"]


@pytest.mark.gen_test
async def test_no_guards_admit_every_client():
    assert await first_refusal([], FakeHandler(), RateLimitedLog(), dict) is None


@pytest.mark.gen_test
async def test_guard_can_refuse_with_a_reason_and_a_code():
    async def members_only(handler: FakeHandler) -> bool:
        raise GuardRefused("members only", 4123)

    refused = await first_refusal([members_only], FakeHandler(), RateLimitedLog(), dict)

    assert refused is not None
    assert (refused.reason, refused.code) == ("members only", 4123)


@pytest.mark.gen_test
@pytest.mark.parametrize("code", [0, 1004, 1005, 1006, 1015, 1016, 2999, 5000])
async def test_code_that_cannot_be_sent_is_an_error_of_the_guard(code, caplog):
    async def wrong(handler: FakeHandler) -> bool:
        raise GuardRefused("not sendable", code)

    refused = await first_refusal([wrong], FakeHandler(), RateLimitedLog(), dict)

    assert refused is not None
    assert (refused.reason, refused.code) == ("refused", CloseCode.FORBIDDEN)
    assert f"expected a close code of RFC 6455 section 7.4, or from 3000 to 4999, got {code}" in caplog.text


async def returns_nothing(handler: FakeHandler) -> None: ...


async def returns_something(handler: FakeHandler) -> str:
    return "yes"


async def raises(handler: FakeHandler) -> bool:
    raise LookupError("secret")


async def forgets_an_await(handler: FakeHandler) -> bool:
    return yes(handler)  # type: ignore[return-value]


def is_not_async(handler: FakeHandler) -> bool:
    return True


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("guard", "message"),
    [
        (returns_nothing, "guard returns_nothing: expected True or False, got NoneType"),
        (returns_something, "guard returns_something: expected True or False, got str"),
        (raises, "guard raises raised"),
        (forgets_an_await, "guard forgets_an_await: expected True or False, got a coroutine (missing await)"),
        (is_not_async, "guard is_not_async: expected an async function"),
    ],
)
async def test_broken_guard_refuses_and_is_logged(guard, message, caplog):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        refused = await first_refusal([guard], FakeHandler(), RateLimitedLog(), dict)

    assert str(refused) == "refused [3003]"
    assert [f"{message}; the client was refused"] == [record.getMessage() for record in caplog.records]


@pytest.mark.gen_test
async def test_authenticated_requires_a_current_user():
    assert await first_refusal([authenticated], FakeHandler(current_user="ann"), RateLimitedLog(), dict) is None

    refused = await first_refusal([authenticated], FakeHandler(), RateLimitedLog(), dict)
    assert refused is not None
    assert (refused.reason, refused.code) == ("sign in first", CloseCode.UNAUTHORIZED)


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("10.1.2.3", True),
        ("192.168.0.7", True),
        ("192.168.0.8", False),
        ("::ffff:10.1.2.3", True),
        ("2001:db8::1", True),
        ("2001:db9::1", False),
        ("", False),
    ],
)
async def test_allow_addresses_accepts_addresses_and_networks(address, allowed):
    guard = allow_addresses("10.0.0.0/8", "192.168.0.7", "2001:db8::/32")

    assert (await first_refusal([guard], FakeHandler(address=address), RateLimitedLog(), dict) is None) is allowed


def test_allow_addresses_rejects_an_invalid_address():
    with pytest.raises(ConfigurationError, match="allow_addresses: 'localhost' does not appear to be"):
        allow_addresses("localhost")


def test_fingerprints_of_equal_values_are_equal_hashes():
    request = FakeRequest(headers={"Origin": "https://a.example"}, cookies=SimpleCookie("id=secret"))
    other = FakeRequest(headers={"Origin": "https://b.example"}, cookies=SimpleCookie("id=another"))

    for binding in (same_session("id"), same_origin):
        assert binding.fingerprint(request, "") == binding.fingerprint(request, "")
        assert binding.fingerprint(request, "") != binding.fingerprint(other, "")
        assert binding.fingerprint(FakeRequest(), "") is None
    assert same_address.fingerprint(request, "1.2.3.4") != same_address.fingerprint(request, "1.2.3.5")
    assert "secret" not in str(same_session("id").fingerprint(request, ""))


@pytest.mark.gen_test
async def test_errors_of_a_guard_are_logged_at_a_bounded_rate(caplog):
    async def raises(handler: object) -> bool:
        raise ValueError

    log = RateLimitedLog(lambda: 0.0)
    for _ in range(100):
        assert await first_refusal([raises], FakeHandler(), log, dict) is not None

    assert len(caplog.messages) == LINES_PER_SECOND


@pytest.mark.parametrize(
    ("headers", "token"),
    [
        ({}, None),
        ({"Authorization": "Bearer a.b-c"}, "a.b-c"),
        ({"Authorization": "bearer  a"}, "a"),
        ({"Authorization": "Basic a"}, None),
        ({"Authorization": "Bearer "}, None),
        ({"Sec-WebSocket-Protocol": "tornado-ws.1, bearer.a.b-c"}, "a.b-c"),
        ({"Sec-WebSocket-Protocol": "bearer.a%2Fb%3D%3D,tornado-ws.1"}, "a/b=="),
        ({"Sec-WebSocket-Protocol": "tornado-ws.1, bearer."}, None),
        ({"Sec-WebSocket-Protocol": "tornado-ws.1, xbearer.a"}, None),
    ],
)
def test_token_is_read_from_the_subprotocols_or_the_authorization(headers, token):
    assert token == bearer_token(FakeRequest(headers=headers))


@dataclass
class FakeTokenHandler:
    request: FakeRequest
    current_user: object = None


@pytest.mark.gen_test
@pytest.mark.parametrize("user", ["ann", {"name": "ann"}, 7])
async def test_user_of_a_valid_token_is_signed_in(user):
    async def verify(token: str) -> object:
        return user if token == "valid" else None

    handler = FakeTokenHandler(FakeRequest(headers={"Sec-WebSocket-Protocol": "tornado-ws.1, bearer.valid"}))

    assert await bearer(verify)(handler) is True
    assert handler.current_user == user


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("protocols", "reason"), [("tornado-ws.1", "sign in first"), ("tornado-ws.1, bearer.old", "sign in again")]
)
@pytest.mark.parametrize("invalid", [None, False, 0, "", {}])
async def test_missing_and_invalid_tokens_are_refused(protocols, reason, invalid):
    async def verify(token: str) -> object:
        return invalid

    handler = FakeTokenHandler(FakeRequest(headers={"Sec-WebSocket-Protocol": protocols}))

    refused = await first_refusal([bearer(verify)], handler, RateLimitedLog(), dict)

    assert refused is not None
    assert (refused.reason, refused.code) == (reason, CloseCode.UNAUTHORIZED)
    assert handler.current_user is None


def test_bearer_needs_a_function():
    with pytest.raises(ConfigurationError, match="bearer: expected a function, got 'token'"):
        bearer("token")  # type: ignore[arg-type]
