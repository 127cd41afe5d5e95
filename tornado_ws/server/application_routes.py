"""Routes of an application that controllers have made."""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakSet

from tornado.routing import Rule, RuleRouter
from tornado.web import Application

from ..errors import ConfigurationError
from .context import ServerContext
from .one_time_url import OneTimePath

__all__ = ["require_separate_one_time_paths", "rules"]


def rules(application: Application) -> Iterator[Rule]:
    """Yield all rules of an application, also those of nested routers."""
    routers: list[RuleRouter] = [application.default_router]
    while routers:
        for rule in routers.pop().rules:
            yield rule
            if isinstance(rule.target, RuleRouter):
                routers.append(rule.target)


def require_separate_one_time_paths(application: Application) -> None:
    """Check once that each one-time URL of an application belongs to one controller.

    Raises:
        ConfigurationError: If the paths of two controllers are equal, or one contains the other.
    """
    if application in _checked:
        return
    contexts: list[ServerContext] = []
    for rule in rules(application):
        if not isinstance(rule.matcher, OneTimePath) or (context := rule.matcher.context) in contexts:
            continue
        path = context.connect_path
        for other in (other.connect_path for other in contexts):
            if path.startswith(other) or other.startswith(path):
                hint = 'give one of them another path, such as connect_path="/_/exports/"'
                raise ConfigurationError(
                    "connect_path", f"two controllers of one application have the paths {other} and {path}", hint
                )
        contexts.append(context)
    _checked.add(application)


_checked: WeakSet[Application] = WeakSet()
