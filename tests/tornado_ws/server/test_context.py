from __future__ import annotations

import pytest
from tornado.httpclient import HTTPClientError

from tests.support.lab import Lab, Nudge
from tornado_ws import CloseCode, ConfigurationError, Limits, Refusal, SocketHandler, WebSocketController, authenticated
from tornado_ws.server.context import user_key

ROOM = {"room": "a"}


class Observing(WebSocketController):
    """Controller that collects the calls of its hooks."""

    def __init__(self, **settings) -> None:
        super().__init__(**settings)
        self.events: list[str] = []

    def on_connect(self, connection: SocketHandler) -> None:
        self.events.append("connect")

    def on_disconnect(self, connection: SocketHandler, code: int | None, reason: str | None) -> None:
        self.events.append(f"disconnect {code}")

    def on_error(self, connection: SocketHandler, error: Exception) -> None:
        self.events.append(f"error {error!r}")

    def on_refuse(self, refusal: Refusal) -> None:
        self.events.append(f"refuse {refusal.status or refusal.code} {refusal.reason}")
        raise LookupError("broken hook")


@pytest.mark.gen_test
async def test_hooks_of_the_controller_run_and_their_exceptions_affect_nothing_else(app, make_sockets, connect, caplog):
    class Raising(Lab):
        async def on_nudge(self) -> None:
            raise LookupError

    sockets = make_sockets(Observing)
    app.add_handlers(".*", sockets.persistent(Raising))

    async with connect(Raising, ROOM) as ann:
        await ann.send(Nudge())
        await ann.expect_error("internal")
        ann.close(4001)
        await ann.expect_close()
    with pytest.raises(HTTPClientError, match="403"):
        await connect(Raising, ROOM, headers={"Origin": "https://evil.example"}).__aenter__()
    async with connect(Raising, url="/lab/a?level=0") as ann:
        await ann.expect_close(CloseCode.INVALID_PARAMS)

    assert sockets.events[:4] == ["connect", "error LookupError()", "disconnect 4001", "refuse 403 origin not allowed"]
    assert sockets.events[4].startswith("refuse 4400 invalid parameters")
    assert "Observing.on_refuse raised" in caplog.text


@pytest.mark.parametrize(
    ("user", "key"),
    [
        ("ann", "ann"),
        (b"ann", "ann"),
        (b"\xff", "\\xff"),
        (7, "7"),
        ({"id": 7, "admin": True}, '{"admin":true,"id":7}'),
    ],
)
def test_key_of_a_user_is_text_or_json(user, key):
    assert key == user_key(user)


def test_user_without_a_json_representation_is_an_error():
    with pytest.raises(ConfigurationError, match="expected a current_user with a JSON representation, got object"):
        user_key(object())


@pytest.mark.parametrize("user", [None, False, "", b"", 0, {}])
@pytest.mark.parametrize("function", [user_key, lambda user: user.id])
def test_false_value_is_no_user(user, function):
    context = WebSocketController(user=function).context

    assert context.key_of(user) is None
    assert context.logged_user(user) is None


def test_function_for_users_returns_text_or_none():
    assert WebSocketController(user=lambda user: user["id"]).context.key_of({"id": ""}) is None
    with pytest.raises(ConfigurationError) as refused:
        WebSocketController(user=lambda user: user["id"]).context.key_of({"id": 7})  # type: ignore[arg-type]

    text = "expected the function to return text or None, got int; such as user=lambda user: str(user.id)"
    assert f"user: {text}" == str(refused.value)


def test_asynchronous_function_for_users_is_refused():
    async def key(user: object) -> str:
        return "ann"

    with pytest.raises(ConfigurationError) as refused:
        WebSocketController(user=key)  # type: ignore[arg-type]

    assert "user: expected a function, got a coroutine function; await in prepare" == str(refused.value)


@pytest.mark.parametrize("value", [False, "", 0])
@pytest.mark.gen_test
async def test_clients_without_a_user_share_no_quota_and_pass_no_guard(app, make_sockets, connect, value):
    class Anonymous(Lab):
        def get_current_user(self) -> object:
            return value

    sockets = make_sockets(limits=Limits(per_user=1))
    app.add_handlers(".*", sockets.persistent(Anonymous))
    other = make_sockets()
    app.add_handlers(".*", other.persistent(Anonymous, path="/guarded/{room}", guards=[authenticated]))

    async with connect(Anonymous, ROOM), connect(Anonymous, ROOM):
        assert 2 == len(sockets.connections)
        await sockets.disconnect(user="false")
        assert 2 == len(sockets.connections)
    async with connect(Anonymous, url="/guarded/a") as ann:
        await ann.expect_close(CloseCode.UNAUTHORIZED)


def test_user_of_an_asynchronous_method_is_an_error_with_the_right_hint():
    async def get_current_user() -> str:
        return "ann"

    with pytest.raises(ConfigurationError) as refused:
        WebSocketController().context.key_of(get_current_user())

    assert str(refused.value) == "user: get_current_user cannot be async; set self.current_user in prepare"
