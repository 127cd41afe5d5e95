from __future__ import annotations

import pytest
from tornado.httpclient import HTTPClientError

from tests.support.lab import Lab, Nudge
from tornado_ws import CloseCode, ConfigurationError, Refusal, SocketHandler, WebSocketController
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
        (None, None),
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


def test_user_of_an_asynchronous_method_is_an_error_with_the_right_hint():
    async def get_current_user() -> str:
        return "ann"

    with pytest.raises(ConfigurationError) as refused:
        user_key(get_current_user())

    assert str(refused.value) == "user: get_current_user cannot be async; set self.current_user in prepare"
