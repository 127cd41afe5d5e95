"""Guards: functions that admit or refuse a client before any other method of its handler runs."""

from __future__ import annotations

import asyncio
import hashlib
import inspect
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from http.cookies import Morsel
from typing import Any, Final, Protocol, TypeAlias, TypeVar
from urllib.parse import unquote

from ..config_checks import require_coroutine_function, require_instance
from ..errors import CloseCode, GuardRefused
from ..loggers import HANDSHAKE
from ..rate_limited_log import RateLimitedLog
from .client_address import contains, networks

__all__ = [
    "Binding",
    "Guard",
    "GuardedHandler",
    "HttpRequest",
    "allow_addresses",
    "authenticated",
    "bearer",
    "bearer_token",
    "first_refusal",
    "same_address",
    "same_origin",
    "same_session",
]

BEARER_PREFIX: Final = "bearer."
"""Start of the subprotocol that contains a token."""


class HttpRequest(Protocol):
    """Request for a binding: Tornado's ``HTTPServerRequest``, or a fake in tests."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Header fields."""
        ...

    @property
    def cookies(self) -> Mapping[str, Morsel[str]]:
        """Cookies of the request."""
        ...


class TokenHandler(Protocol):
    """Handler for :func:`bearer`: any handler of this package."""

    current_user: Any  # the application chooses the type

    @property
    def request(self) -> HttpRequest:
        """Request of the handshake."""
        ...


class GuardedHandler(Protocol):
    """Handler for the guards of this module: any handler of this package."""

    @property
    def current_user(self) -> Any:  # the application chooses the type
        """Signed-in user."""
        ...

    @property
    def address(self) -> str:
        """Address of the client."""
        ...


HandlerT = TypeVar("HandlerT")

Guard: TypeAlias = Callable[[HandlerT], Awaitable[bool]]
"""Asynchronous function that returns True to admit a client. False, any other value and an exception refuse it."""


async def authenticated(handler: GuardedHandler) -> bool:
    """Admit clients with a signed-in user (Tornado's ``current_user``).

    Raises:
        GuardRefused: If no user is signed in; the close code is :attr:`.CloseCode.UNAUTHORIZED`.
    """
    if not handler.current_user:
        raise GuardRefused("sign in first", CloseCode.UNAUTHORIZED)
    return True


def bearer(verify: Callable[[str], Awaitable[object]]) -> Callable[[TokenHandler], Awaitable[bool]]:
    """Return a guard that admits clients with a valid token (RFC 6750), and sets ``current_user``.

    Args:
        verify: Async function from a token to the value for ``current_user``; None or another false value for an
            invalid token.
    """
    require_coroutine_function("bearer", verify)

    async def check_token(handler: TokenHandler) -> bool:
        token = bearer_token(handler.request)
        user = None if token is None else await verify(token)
        if not user:
            raise GuardRefused("sign in first" if token is None else "sign in again", CloseCode.UNAUTHORIZED)
        handler.current_user = user
        return True

    return check_token


def bearer_token(request: HttpRequest) -> str | None:
    """Return the token of a request; None if it has none.

    A page cannot set headers of a WebSocket, so it offers the subprotocol ``bearer.`` with the percent-encoded token.
    Other clients can also send ``Authorization: Bearer`` (RFC 6750 section 2.1).
    """
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and credentials.strip():
        return credentials.strip()
    for name in request.headers.get("Sec-WebSocket-Protocol", "").split(","):
        if (token := name.strip().removeprefix(BEARER_PREFIX)) != name.strip():
            return unquote(token) or None
    return None


def allow_addresses(*nets: str) -> Callable[[GuardedHandler], Awaitable[bool]]:
    """Return a guard that admits clients from addresses (``10.0.0.1``) and networks (``10.0.0.0/8``).

    Raises:
        ConfigurationError: If a value is neither an address nor a network.
    """
    allowed = networks("allow_addresses", nets)

    async def allow(handler: GuardedHandler) -> bool:
        return contains(allowed, handler.address)

    return allow


@dataclass(frozen=True, kw_only=True)
class Binding:
    """Binding of a one-time URL to a value of a request: the connecting request must have the same value."""

    name: str
    read: Callable[[HttpRequest, str], str | None]
    """Function from a request and the client's address to the value; None refuses the request."""

    def fingerprint(self, request: HttpRequest, address: str) -> str | None:
        """Return the SHA-256 digest of the value in hexadecimal, so that no cookie is stored."""
        value = self.read(request, address)
        return None if value is None else hashlib.sha256(f"{self.name}={value}".encode()).hexdigest()


def same_session(cookie: str) -> Binding:
    """Return a binding to the value of a cookie.

    Raises:
        ConfigurationError: If the name of the cookie is not text.
    """
    require_instance("same_session", cookie, str)
    return Binding(name=f"session:{cookie}", read=lambda request, _: _cookie(request, cookie))


same_address = Binding(name="address", read=lambda _, address: address)
"""Binding to the client's address. The address of a phone changes between networks."""

same_origin = Binding(name="origin", read=lambda request, _: request.headers.get("Origin"))
"""Binding to the origin of the page."""


async def first_refusal(
    guards: Sequence[Guard[HandlerT]],
    handler: HandlerT,
    log: RateLimitedLog,
    attributes: Callable[[], Mapping[str, object]],
) -> GuardRefused | None:
    """Call guards in order and return the first refusal; None if all of them admit the client.

    Args:
        guards: Guards of the endpoint.
        handler: Handler of the handshake.
        log: Log of errors of the guards.
        attributes: Function that returns the attributes of log records about the handler.
    """
    for guard in guards:
        name = getattr(guard, "__qualname__", repr(guard))
        try:
            result: object = guard(handler)
            result = await result if inspect.isawaitable(result) else _NotAwaitable(result)
        except GuardRefused as refused:
            return GuardRefused(
                refused.reason, refused.code, detail=f"{refused.detail or refused.reason} (guard {name})"
            )
        except (SystemExit, KeyboardInterrupt):
            raise
        except BaseException as error:
            if isinstance(error, asyncio.CancelledError) and _is_cancelled():
                raise  # the handshake has timed out, or the program ends
            text = "guard %s raised; the client was refused"
            log.log(
                HANDSHAKE, logging.ERROR, f"errors of the guard {name}", text, name, error=error, extra=attributes()
            )
            return GuardRefused("refused", detail=f"the guard {name} raised")
        if result is True:
            continue
        if result is not False:
            log.log(
                HANDSHAKE,
                logging.ERROR,
                f"errors of the guard {name}",
                "guard %s: expected %s; the client was refused",
                name,
                _expectation(result),
                extra=attributes(),
            )
        return GuardRefused("refused", detail=f"refused by the guard {name}")
    return None


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _cookie(request: HttpRequest, name: str) -> str | None:
    morsel = request.cookies.get(name)
    return None if morsel is None else morsel.value


@dataclass(frozen=True)
class _NotAwaitable:
    result: object


def _expectation(result: object) -> str:
    """Return the expected and the actual result of a guard that returned neither True nor False."""
    if inspect.iscoroutine(result):
        result.close()  # prevents a second warning when it is collected
        return "True or False, got a coroutine (missing await)"
    if isinstance(result, _NotAwaitable):
        return "an async function"
    return f"True or False, got {type(result).__name__}"
