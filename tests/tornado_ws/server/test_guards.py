from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from http.cookies import SimpleCookie

import pytest

from tornado_ws.errors import CloseCode, ConfigurationError, GuardRefused
from tornado_ws.server.guards import allow_addresses, authenticated, refusal, same_address, same_origin, same_session


@dataclass
class Fake:
    current_user: object = None
    address: str = "127.0.0.1"
    asked: list[str] = field(default_factory=list)


@dataclass
class FakeRequest:
    headers: dict[str, str] = field(default_factory=dict)
    cookies: SimpleCookie = field(default_factory=SimpleCookie)


async def yes(handler: Fake) -> bool:
    handler.asked.append("yes")
    return True


async def no(handler: Fake) -> bool:
    handler.asked.append("no")
    return False


@pytest.mark.gen_test
async def test_guards_are_asked_in_order_until_one_refuses():
    handler = Fake()

    assert await refusal([yes, yes], handler) is None
    assert str(await refusal([yes, no, yes], handler)) == "refused [3003]"
    assert handler.asked == ["yes", "yes", "yes", "no"]


@pytest.mark.gen_test
async def test_no_guards_let_everybody_in():
    assert await refusal([], Fake()) is None


@pytest.mark.gen_test
async def test_a_guard_can_say_why_and_with_which_code():
    async def members_only(handler: Fake) -> bool:
        raise GuardRefused("members only", 4123)

    refused = await refusal([members_only], Fake())

    assert refused is not None
    assert (refused.reason, refused.code) == ("members only", 4123)


async def returns_nothing(handler: Fake) -> None: ...


async def returns_something(handler: Fake) -> str:
    return "yes"


async def raises(handler: Fake) -> bool:
    raise LookupError("secret")


async def forgets_an_await(handler: Fake) -> bool:
    return yes(handler)  # type: ignore[return-value]


def is_not_async(handler: Fake) -> bool:
    return True


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("guard", "words"),
    [
        (returns_nothing, "guard returns_nothing returned NoneType and not True"),
        (returns_something, "guard returns_something returned str and not True"),
        (raises, "guard raises raised"),
        (forgets_an_await, "guard forgets_an_await forgot an await"),
        (is_not_async, "guard is_not_async is no async function"),
    ],
)
async def test_a_broken_guard_refuses_and_is_logged(guard, words, caplog):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        refused = await refusal([guard], Fake())

    assert str(refused) == "refused [3003]"
    assert [f"{words}; the client was refused"] == [record.getMessage() for record in caplog.records]


@pytest.mark.gen_test
async def test_authenticated_wants_a_current_user():
    assert await refusal([authenticated], Fake(current_user="ann")) is None

    refused = await refusal([authenticated], Fake())
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
async def test_allow_addresses_takes_addresses_and_networks(address, allowed):
    guard = allow_addresses("10.0.0.0/8", "192.168.0.7", "2001:db8::/32")

    assert (await refusal([guard], Fake(address=address)) is None) is allowed


def test_allow_addresses_refuses_what_is_no_address():
    with pytest.raises(ConfigurationError, match="allow_addresses: 'localhost' does not appear to be"):
        allow_addresses("localhost")


def test_bindings_compare_a_hash_of_what_requests_have():
    request = FakeRequest(headers={"Origin": "https://a.example"}, cookies=SimpleCookie("id=secret"))
    other = FakeRequest(headers={"Origin": "https://b.example"}, cookies=SimpleCookie("id=another"))

    for binding in (same_session("id"), same_origin):
        assert binding.fingerprint(request, "") == binding.fingerprint(request, "")
        assert binding.fingerprint(request, "") != binding.fingerprint(other, "")
        assert binding.fingerprint(FakeRequest(), "") is None
    assert same_address.fingerprint(request, "1.2.3.4") != same_address.fingerprint(request, "1.2.3.5")
    assert "secret" not in str(same_session("id").fingerprint(request, ""))
