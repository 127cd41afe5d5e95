"""Origins of pages that may connect (RFC 6454, RFC 6455 section 10.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..config_checks import require_list
from ..errors import ConfigurationError
from .origin_rules import DEFAULT_PORTS, matching_rules, parse_rule

__all__ = ["Origins"]

MAX_SHOWN = 200
"""Maximum number of characters of a header in the log."""


@dataclass(frozen=True, kw_only=True)
class Origins:
    """Origins of pages that may connect: the host of the request, or a list of rules."""

    rules: tuple[str, ...] | None = None
    """Allowed origins. None allows the host of the request, without protection against DNS rebinding."""
    any_origin: bool = False
    """True to allow any origin."""

    @classmethod
    def parse(cls, origins: Sequence[str] | None, *, behind_proxy: bool) -> Origins:
        """Parse the setting ``origins``.

        Args:
            origins: Rules of :func:`.parse_rule`; ``["*"]`` for any origin; None for the request's host.
            behind_proxy: True if the ``Host`` header may name a proxy.

        Raises:
            ConfigurationError: If a rule can match nothing, or ``origins`` is None behind a proxy.
        """
        if origins is None:
            if behind_proxy:
                raise ConfigurationError(
                    "origins",
                    "expected a list of origins, got None behind a proxy, whose Host header may differ",
                    'list the origins of your pages, such as origins=["https://example.org"]',
                )
            return cls()
        if isinstance(origins, str):
            raise ConfigurationError("origins", "expected a list of origins, got one string", f"origins=[{origins!r}]")
        require_list("origins", origins)
        if list(origins) == ["*"]:
            return cls(any_origin=True)
        if "*" in origins:
            hint = 'origins=["*"] allows any origin; otherwise leave it out'
            raise ConfigurationError("origins", 'expected no other origins beside "*"', hint)
        return cls(rules=tuple(dict.fromkeys(map(parse_rule, origins))))

    def allow(self, headers: Mapping[str, str]) -> bool:
        """Return True if the page that sends a request may connect.

        A request without ``Origin`` is allowed, unless ``Sec-Fetch-Site`` shows that a browser sends it for a page of
        another origin: every browser sends both, so something has removed ``Origin``.

        Args:
            headers: Headers of the request.
        """
        if self.any_origin:
            return True
        origin = headers.get("Origin")
        if origin is None:
            return headers.get("Sec-Fetch-Site", "none") in {"none", "same-origin"}
        rules = tuple(matching_rules(origin))
        if self.rules is not None:
            return any(rule in self.rules for rule in rules)
        scheme = origin.partition("://")[0].lower()
        own = tuple(matching_rules(f"{scheme}://{headers.get('Host', '')}"))
        return scheme in DEFAULT_PORTS and bool(rules) and rules == own

    def explain(self, headers: Mapping[str, str]) -> str:
        """Return the cause of a refusal and the setting that decides, for the log of the server."""
        origin, host = (_shown(headers.get(name)) for name in ("Origin", "Host"))
        if origin == "None":
            site = _shown(headers.get("Sec-Fetch-Site"))
            return f"a browser sent the request (Sec-Fetch-Site {site}), but no Origin: does a proxy remove it?"
        if self.rules is None:
            problem = "is `proxy_set_header Host $http_host` missing?"
            if _without_port(headers["Origin"]) == _without_port(f"//{headers.get('Host')}"):
                problem = "a proxy has changed the port; `proxy_set_header Host $http_host` keeps it,"
            return f"origin {origin} is not the host of the request, {host}: {problem} or list it in origins=[…]"
        return f"origin {origin} is not in origins={_shown(list(self.rules))}; the host of the request is {host}"


def _without_port(origin: str) -> str:
    """Return the host of an origin in lower case."""
    host = origin.partition("//")[2].lower()
    return host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host


def _shown(value: object) -> str:
    """Return a value for the log: quoted, without control characters, and not too long."""
    text = repr(value)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"
