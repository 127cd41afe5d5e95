"""Log records of refusals and failures: level, text and attributes, and no data of clients."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from tests.support.lab import Confirm, Echo, Job, Lab, Limited, Line, Nudge, RoomFull, StartJob
from tornado_ws import (
    GuardRefused,
    Limits,
    Rate,
    RequestFailed,
)
from tornado_ws.loggers import LOG_ATTRIBUTES
from tornado_ws.rate_limited_log import LINES_PER_SECOND, RateLimitedLog

ROOM = {"room": "a"}


def ours(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.name.startswith("tornado_ws")]


def only(caplog: pytest.LogCaptureFixture) -> dict[str, Any]:
    (record,) = ours(caplog)
    return {**record.__dict__, "text": record.getMessage()}


class SignedIn(Lab):
    def get_current_user(self) -> object:
        return "ann"


async def refuse(connect: Any, cls: type[Lab] = Lab, params: object = ROOM, **settings: Any) -> None:
    with pytest.raises(HTTPClientError):
        await connect(cls, params, **settings).__aenter__()


@pytest.mark.gen_test
async def test_refused_origin_is_logged_with_the_setting_that_decides(app, make_sockets, connect, http_port, caplog):
    caplog.set_level(logging.INFO, "tornado_ws")
    app.add_handlers(".*", make_sockets(origins=["https://a.example"]).persistent(SignedIn))

    await refuse(connect, SignedIn, headers={"Origin": "https://x.example"})

    record = only(caplog)
    host = f"the host of the request is '127.0.0.1:{http_port}'"
    text = f"origin 'https://x.example' is not in origins=['https://a.example']; {host}"
    assert f"lab refused 127.0.0.1: {text} [403]" == record["text"]
    assert ("tornado_ws.handshake", "INFO") == (record["name"], record["levelname"])
    names = ("endpoint", "user", "address", "cause", "code")
    assert ("lab", "ann", "127.0.0.1", "origin", 403) == tuple(record[name] for name in names)
    assert 16 == len(record["connection"])


@pytest.mark.gen_test
async def test_refused_origin_by_default_is_logged_with_the_host_header(app, sockets, connect, http_port, caplog):
    caplog.set_level(logging.INFO, "tornado_ws")
    app.add_handlers(".*", sockets.persistent(Lab))

    await refuse(connect, headers={"Origin": "https://x.example", "Host": "app.internal"})

    assert (
        "lab refused 127.0.0.1: origin 'https://x.example' is not the host of the request, 'app.internal': is "
        "`proxy_set_header Host $http_host` missing? or list it in origins=[…] [403]"
    ) == only(caplog)["text"]


async def members_only(handler: Lab) -> bool:
    raise GuardRefused("members only", 4123, detail="ann left the club")


async def never(handler: Lab) -> bool:
    return False


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("url", "guards", "text", "code"),
    [
        ("/lab/a?level=0", [], "invalid parameters: invalid_message: expected at least 1 [minimum] at /level", 4400),
        ("/lab/a", [members_only], "ann left the club (guard members_only)", 4123),
        ("/lab/a", [never], "refused by the guard never", 3003),
    ],
)
async def test_refused_handshake_is_logged_with_its_reason(
    app, make_sockets, connect, caplog, until, url, guards, text, code
):
    refusals: list[Any] = []
    caplog.set_level(logging.INFO, "tornado_ws")
    sockets = make_sockets()
    sockets.on_refuse = refusals.append
    app.add_handlers(".*", sockets.persistent(Lab, guards=guards))

    async with connect(Lab, url=url) as ann:
        closed = await ann.expect_close(code)

    record = only(caplog)
    assert f"lab refused 127.0.0.1: {text} [{code}]" == record["text"]
    assert code == record["code"]
    assert "club" not in (closed.reason or "")
    assert [code] == [refusal.code for refusal in refusals]


@pytest.mark.gen_test
@pytest.mark.parametrize(
    ("limits", "text"),
    [
        (Limits(connections=0), "too many connections: limits.connections=0 [503]"),
        (Limits(per_address=0), "too many connections per address: limits.per_address=0 [429]"),
        (
            Limits(handshakes=Rate(count=1, seconds=1000)),
            "too many handshakes from 127.0.0.1: limits.handshakes=Rate(count=1, seconds=1000) [429]",
        ),
    ],
)
async def test_refusal_of_a_limit_is_logged_with_its_name(app, make_sockets, connect, caplog, limits, text):
    app.add_handlers(".*", make_sockets(limits=limits).persistent(Lab))
    if limits.handshakes and limits.handshakes.count == 1:
        async with connect(Lab, ROOM):
            pass
    caplog.set_level(logging.INFO, "tornado_ws")

    await refuse(connect)

    assert f"lab refused 127.0.0.1: {text}" == only(caplog)["text"]


@pytest.mark.gen_test
async def test_refused_handshakes_are_logged_at_a_bounded_rate(app, make_sockets, connect, caplog, until):
    caplog.set_level(logging.INFO, "tornado_ws")
    now = 0.0
    sockets = make_sockets(origins=["https://a.example"])
    sockets.context.log = RateLimitedLog(lambda: now)
    app.add_handlers(".*", sockets.persistent(Lab))

    for _ in range(LINES_PER_SECOND + 3):
        await refuse(connect, headers={"Origin": "https://x.example"})
    await until(lambda: sum(line.suppressed or 0 for line in ours(caplog)) == 3)  # on a slow machine, in several lines

    last = ours(caplog)[-1]
    expected = f"suppressed {last.suppressed} more lines within a second: refused handshakes (origin)"
    assert expected == last.getMessage()
    assert ("tornado_ws.handshake", "INFO") == (last.name, last.levelname)
    assert LINES_PER_SECOND == sum(line.suppressed is None for line in ours(caplog))


@pytest.mark.gen_test
async def test_refused_message_is_logged_with_code_pointer_and_keyword(app, sockets, connect, caplog):
    caplog.set_level(logging.DEBUG, "tornado_ws")
    app.add_handlers(".*", sockets.persistent(SignedIn))

    async with connect(SignedIn, ROOM) as ann:
        await ann.send_text('{"type":"say","data":{"text":""}}')
        await ann.expect_error("invalid_message")
        await ann.send_text('{"type":"echo","id":1,"data":5}')
        await ann.send_text('{"type":"nothing"}')
        await ann.send_text("no JSON")
        for _ in range(3):
            await ann.expect_error()
        for _ in range(3):
            await ann.send(Limited(1))
        await ann.expect_error("rate_limited")

    records = [record for record in ours(caplog) if record.name == "tornado_ws.message"]
    assert {"DEBUG"} == {record.levelname for record in records}
    assert [
        ("say", "invalid_message", "/text", "minLength"),
        ("echo", "invalid_message", "", "type"),
        (None, "unknown_message", None, None),
        (None, "malformed_json", None, None),
        ("limited", "rate_limited", None, None),
    ] == [(record.message_type, record.code, record.pointer, record.keyword) for record in records]
    assert ("lab refused say: invalid_message: expected at least 1 character [minLength] at /text") == records[
        0
    ].getMessage()
    assert {("lab", "ann", "127.0.0.1")} == {(record.endpoint, record.user, record.address) for record in records}


@pytest.mark.gen_test
async def test_exception_of_a_method_is_logged_with_all_attributes(app, sockets, connect, caplog):
    class Raising(SignedIn):
        async def on_echo(self, echo: str) -> str:
            raise LookupError

    app.add_handlers(".*", sockets.persistent(Raising))

    async with connect(Raising, ROOM) as ann:
        (connection,) = sockets.connections
        id = connection.connection_id
        with pytest.raises(RequestFailed) as failed:
            await ann.request(Echo("a"))

    record, reference = only(caplog), failed.value.error.reference
    assert f"{Raising.__qualname__}.on_echo raised, reference {reference}" == record["text"]
    assert f"echo failed: internal: internal error, reference {reference}" == str(failed.value)
    names = ("name", "levelname", "connection", "endpoint", "user", "address", "message_type", "reference")
    assert ("tornado_ws.handler", "ERROR", id, "lab", "ann", "127.0.0.1", "echo", reference) == tuple(
        record[name] for name in names
    )
    assert record["exc_info"] is not None


@pytest.mark.gen_test
async def test_declared_error_is_logged_with_its_code_only(app, sockets, connect, caplog):
    class Full(Lab):
        async def on_echo(self, echo: str) -> str:
            raise RoomFull(f"no place for {echo}")

    caplog.set_level(logging.DEBUG, "tornado_ws")
    app.add_handlers(".*", sockets.persistent(Full))

    async with connect(Full, ROOM) as ann:
        with pytest.raises(RoomFull):
            await ann.request(Echo("SECRET"))

    record = only(caplog)
    assert f"{Full.__qualname__}.on_echo raised the declared error room_full" == record["text"]
    assert ("DEBUG", "room_full", "echo") == (record["levelname"], record["code"], record["message_type"])


@pytest.mark.gen_test
async def test_attributes_can_be_added_by_a_handler(app, sockets, connect, caplog):
    class Traced(Lab):
        def log_attributes(self) -> dict[str, object]:
            return {**super().log_attributes(), "tenant": "t1"}

        async def on_nudge(self) -> None:
            raise LookupError

    app.add_handlers(".*", sockets.persistent(Traced))

    async with connect(Traced, ROOM) as ann:
        await ann.send(Nudge())
        await ann.expect_error("internal")

    assert ("t1", "lab") == (only(caplog)["tenant"], only(caplog)["endpoint"])


@pytest.mark.parametrize(
    ("user", "expected"), [(None, None), ("ann", "ann"), (b"ann", "ann"), ({"id": 7, "token": "SECRET"}, "a hash")]
)
@pytest.mark.gen_test
async def test_user_that_is_not_text_is_logged_as_a_hash(app, make_sockets, connect, caplog, user, expected):
    class Known(Lab):
        def get_current_user(self) -> object:
            return user

    caplog.set_level(logging.INFO, "tornado_ws")
    app.add_handlers(".*", make_sockets(origins=["https://a.example"]).persistent(Known))
    named = make_sockets(origins=["https://a.example"], user=lambda user: user and "7")
    app.add_handlers(".*", named.persistent(Known, path="/named/{room}"))

    for url in ("/lab/a", "/named/a"):
        await refuse(connect, Known, None, url=url, headers={"Origin": "https://x.example"})

    first, second = (record.user for record in ours(caplog))
    if isinstance(user, dict):
        assert 12 == len(first)
        assert "SECRET" not in first
    else:
        assert expected == first
    assert (user and "7") == second


@pytest.mark.gen_test
async def test_user_that_cannot_be_determined_does_not_prevent_the_record(app, make_sockets, connect, caplog):
    class Broken(Lab):
        def get_current_user(self) -> object:
            raise LookupError

    caplog.set_level(logging.INFO, "tornado_ws")
    app.add_handlers(".*", make_sockets(origins=["https://a.example"]).persistent(Broken))

    await refuse(connect, Broken, headers={"Origin": "https://x.example"})

    assert only(caplog)["user"] is None


SECRET = "5eCr3t"
TICKET = 7391846205


class Leaky(Lab):
    """Handler that fails in each way, without secrets in texts of its own."""

    async def on_say(self, say: Line) -> None:
        raise LookupError("a text of the application")

    async def on_echo(self, echo: str) -> str:
        return 5  # type: ignore[return-value]

    async def on_nudge(self) -> None:
        await self.send_request(Confirm("really?"))


@pytest.mark.gen_test
async def test_no_record_contains_a_payload_key_ticket_or_token(
    app, make_sockets, connect, http_client, base_url, caplog
):
    caplog.set_level(logging.DEBUG, "tornado_ws")
    sockets = make_sockets(limits=Limits(invalid_messages=100))

    async def suspicious(handler: Lab) -> bool:
        if handler.params.level == 2:
            raise LookupError("a text of the application")
        return handler.params.level == 1

    app.add_handlers(
        ".*",
        [
            *sockets.persistent(Leaky, guards=[suspicious]),
            *sockets.ephemeral(Job, guards=[never]),
            sockets.action(r"/jobs/(\d+)", StartJob),
        ],
    )
    secrets = [SECRET]

    for url in (
        f"/lab/{SECRET}-too-long",
        f"/lab/a?{SECRET}=1",
        f"/lab/a?level={SECRET}",
        f"/lab/{SECRET}?level=2",
        f"/lab/{SECRET}?level=3",
    ):
        async with connect(Leaky, url=url) as ann:
            await ann.expect_close()
    answer = await http_client.fetch(f"{base_url}/jobs/{TICKET}", method="POST", body="")
    url = json.loads(answer.body)["url"]
    secrets += [url[-43:], str(TICKET)]
    for _ in range(2):
        async with connect(Job, url=url) as ann:
            await ann.expect_close()
    headers = {"Sec-WebSocket-Protocol": f"bearer.{SECRET}", "Cookie": f"session={SECRET}", "Authorization": SECRET}
    async with connect(
        Leaky, url=f"/lab/{SECRET}?level=1", headers=headers, subprotocols=["tornado-ws.1", SECRET]
    ) as ann:
        for text in (
            f'{{"type":"say","data":{{"text":"{SECRET}"}}}}',
            f'{{"type":"say","data":{{"text":5,"{SECRET}":1}}}}',
            f'{{"type":"say","data":{{"text":"x","{SECRET}":1}}}}',
            f'{{"type":"say","data":"{SECRET}"}}',
            f'{{"type":"{SECRET}","data":1}}',
            f'{{"type":"${SECRET}","data":1}}',
            f'{{"type":"say","{SECRET}":1}}',
            f'{{"type":"echo","id":"{SECRET}","data":1}}',
            f'{{"type":"echo","id":1,"data":"{SECRET}"}}',
            f"{SECRET} is no JSON",
            f'{{"type":"confirm","re":1,"data":"{SECRET}"}}',
        ):
            await ann.send_text(text)
            await ann.expect_error()

        def refuse_to_answer(question: str) -> bool:
            raise RoomFull(f"{SECRET}\nERROR forged")

        ann.answer(Confirm, refuse_to_answer)
        await ann.send(Nudge())
        await ann.expect_error("internal")
        ann.close(4999, SECRET)
        await ann.expect_close()
    async with connect(Leaky, ROOM) as ann:
        await ann.send_text('{"type":"nudge"}')
        await asyncio.sleep(0)
        await ann.send_binary(SECRET.encode())
        await ann.expect_error("unsupported_frame")

    formatter = logging.Formatter("%(message)s")
    records = ours(caplog)
    assert {"tornado_ws.handshake", "tornado_ws.message", "tornado_ws.handler"} == {record.name for record in records}
    written = [
        formatter.format(record) + repr([record.__dict__[name] for name in ("args", *LOG_ATTRIBUTES)])
        for record in records
    ]
    assert [] == [text for text in written for secret in secrets if secret in text]
    assert [] == [text for text in written if "\nERROR forged" in text]
