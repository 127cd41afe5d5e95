"""Decide who may connect: functions that run before anything of the handler does."""

from __future__ import annotations

import hashlib
import inspect
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from http.cookies import Morsel
from typing import Any, Protocol, TypeAlias, TypeVar

from ..errors import CloseCode, GuardRefused
from .client_address import contains, networks

__all__ = [
    "Binding",
    "Guard",
    "GuardedHandler",
    "HttpRequest",
    "allow_addresses",
    "authenticated",
    "refusal",
    "same_address",
    "same_origin",
    "same_session",
]

logger = logging.getLogger("tornado_ws")


class HttpRequest(Protocol):
    """What a binding looks at: Tornado's ``HTTPServerRequest``, which this layer does not know."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Header fields."""
        ...

    @property
    def cookies(self) -> Mapping[str, Morsel[str]]:
        """What was sent as cookies."""
        ...


class GuardedHandler(Protocol):
    """What the guards of this module look at: any handler of ours."""

    @property
    def current_user(self) -> Any:  # Tornado's; whatever the application makes it
        """Who is signed in."""
        ...

    @property
    def address(self) -> str:
        """The client's address."""
        ...


HandlerT = TypeVar("HandlerT")

Guard: TypeAlias = Callable[[HandlerT], Awaitable[bool]]
"""Returns True to let the client in. Anything else refuses: False, no value, an exception, a forgotten ``await``."""


async def authenticated(handler: GuardedHandler) -> bool:
    """Let in who is signed in: Tornado's ``current_user`` is set."""
    if not handler.current_user:
        raise GuardRefused("sign in first", CloseCode.UNAUTHORIZED)
    return True


def allow_addresses(*nets: str) -> Callable[[GuardedHandler], Awaitable[bool]]:
    """Let in clients from these addresses (``10.0.0.1``) and networks (``10.0.0.0/8``).

    Raises:
        ConfigurationError: If one is neither.

    """
    allowed = networks("allow_addresses", nets)

    async def allow(handler: GuardedHandler) -> bool:
        return contains(allowed, handler.address)

    return allow


@dataclass(frozen=True, kw_only=True)
class Binding:
    """Ties a one-time URL to something that the request which made it had: the one that connects must have the same."""

    name: str
    read: Callable[[HttpRequest, str], str | None]
    """Reads it from a request and the client's address; None: there is none, and the request is refused."""

    def fingerprint(self, request: HttpRequest, address: str) -> str | None:
        """Return a hash of what the request has, so that no cookie is kept."""
        value = self.read(request, address)
        return None if value is None else hashlib.sha256(f"{self.name}={value}".encode()).hexdigest()


def same_session(cookie: str) -> Binding:
    """Tie a one-time URL to the value of a cookie."""
    return Binding(name=f"session:{cookie}", read=lambda request, _: _cookie(request, cookie))


same_address = Binding(name="address", read=lambda _, address: address)
"""Ties a one-time URL to the address that asked for it. Phones change theirs between two networks."""

same_origin = Binding(name="origin", read=lambda request, _: request.headers.get("Origin"))
"""Ties a one-time URL to the origin of the page that asked for it."""


async def refusal(guards: Sequence[Guard[HandlerT]], handler: HandlerT) -> GuardRefused | None:
    """Ask the guards in order; return the first refusal, None if all let the client in."""
    for guard in guards:
        name = getattr(guard, "__qualname__", repr(guard))
        try:
            answer: object = guard(handler)
            answer = await answer if inspect.isawaitable(answer) else _NotAwaitable(answer)
        except GuardRefused as refused:
            return refused
        except Exception:
            logger.exception("guard %s raised; the client was refused", name)
            return GuardRefused("refused")
        if answer is True:
            continue
        if answer is not False:
            _complain(name, answer)
        return GuardRefused("refused")
    return None


def _cookie(request: HttpRequest, name: str) -> str | None:
    morsel = request.cookies.get(name)
    return None if morsel is None else morsel.value


@dataclass(frozen=True)
class _NotAwaitable:
    answer: object


def _complain(name: str, answer: object) -> None:
    """Tell the developer about a guard that answers neither True nor False."""
    if inspect.iscoroutine(answer):
        answer.close()  # else Python warns a second time, when it is collected
        logger.error("guard %s forgot an await; the client was refused", name)
    elif isinstance(answer, _NotAwaitable):
        logger.error("guard %s is no async function; the client was refused", name)
    else:
        logger.error("guard %s returned %s and not True; the client was refused", name, type(answer).__name__)
