from __future__ import annotations

import asyncio

import pytest

from tests.support.peer import KEY
from tests.support.socket_handlers import Echo

pytestmark = pytest.mark.gen_test

HANDSHAKE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": KEY,
    "Sec-WebSocket-Version": "13",
}


@pytest.fixture
def ask(serve):
    connect = serve(Echo)

    async def ask(request: str = "GET / HTTP/1.1", *, more: str = "", **headers: str | None) -> tuple[str, str, str]:
        """Send a request, and return the status, the headers and the text of its answer."""
        sent = {**HANDSHAKE, **{name.replace("_", "-"): value for name, value in headers.items()}}
        lines = [f"{name}: {value}\r\n" for name, value in sent.items() if value is not None]
        reader, writer = await asyncio.open_connection("127.0.0.1", connect.port)
        writer.write(f"{request}\r\nHost: a\r\n{''.join(lines)}{more}\r\n".encode())
        answer = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next((line for line in answer.split("\r\n") if line.startswith("Content-Length: ")), "0").split()[-1]
        text = "" if request.startswith("HEAD") else (await reader.readexactly(int(length))).decode()
        writer.close()
        return answer.split(" ", 2)[1], answer, text

    return ask


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Upgrade": "WebSocket"},
        {"Upgrade": "h2c, websocket"},
        {"Connection": "keep-alive, Upgrade"},
        {"Connection": "Keep-Alive,UPGRADE"},
        {"Sec_WebSocket_Key": "A" * 21 + "w=="},
        {"Sec_WebSocket_Protocol": ""},
    ],
)
async def test_handshake_is_accepted(ask, headers):
    status, _, _ = await ask(**headers)

    assert "101" == status


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"Upgrade": None}, 'expected "Upgrade: websocket"'),
        ({"Upgrade": "h2c"}, 'expected "Upgrade: websocket"'),
        ({"Upgrade": "websocket2"}, 'expected "Upgrade: websocket"'),
        ({"Connection": None}, 'expected "Connection: Upgrade"'),
        ({"Connection": "keep-alive"}, 'expected "Connection: Upgrade"'),
        ({"Connection": "not-upgrade"}, 'expected "Connection: Upgrade"'),
        ({"Sec_WebSocket_Version": None}, 'expected "Sec-WebSocket-Version: 13"'),
        ({"Sec_WebSocket_Version": "8"}, 'expected "Sec-WebSocket-Version: 13"'),
        ({"Sec_WebSocket_Version": "7, 8, 13"}, 'expected "Sec-WebSocket-Version: 13"'),
        (
            {"Sec_WebSocket_Version": "13", "more": "Sec-WebSocket-Version: 13\r\n"},
            'expected "Sec-WebSocket-Version: 13"',
        ),
    ],
)
async def test_other_request_is_answered_with_the_expected_upgrade(ask, headers, reason):
    status, answer, text = await ask(**headers)

    assert ("426", reason) == (status, text)
    assert "\r\nUpgrade: websocket\r\n" in answer
    assert "\r\nSec-Websocket-Version: 13\r\n" in answer


async def test_old_version_of_http_has_no_upgrade(ask):
    status, _, text = await ask("GET / HTTP/1.0")

    assert ("426", "expected HTTP/1.1 or newer") == (status, text)


@pytest.mark.parametrize("method", ["POST", "HEAD", "PUT"])
async def test_other_method_is_refused(ask, method):
    status, _, _ = await ask(f"{method} / HTTP/1.1", Content_Length="0")

    assert "405" == status


@pytest.mark.parametrize(
    "key",
    [
        None,
        "",
        "dGhlIHNhbXBsZSBub25jZQ",
        "dGhlIHNhbXBsZSBub25jZQ=",
        "dGhlIHNhbXBsZSBub25jZR==",
        "dGhlIHNhbXBsZSBub25j",
        "dGhlIHNhbXBsZSBub25jZSE=",
        "dGhlIHNhbXBsZSBub25jZSEh",
        "dGhlIHNhbXBsZSBub25j-_==",
        "dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==",
        "x",
    ],
)
async def test_key_of_another_size_is_refused(ask, key):
    status, _, text = await ask(Sec_WebSocket_Key=key)

    assert ("400", "expected one Sec-WebSocket-Key of 16 bytes in base64") == (status, text)


async def test_second_key_is_refused(ask):
    status, _, _ = await ask(more=f"Sec-WebSocket-Key: {KEY}\r\n")

    assert "400" == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Origin": "http://a"}, "101"), ({"Origin": "https://evil.example"}, "403"), ({"Upgrade": None}, "426")],
)
async def test_origin_of_an_unvalidated_handler_is_decided_by_tornado(ask, headers, status):
    found, _, _ = await ask(**headers)

    assert status == found
