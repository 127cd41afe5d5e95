"""Routes of an application that controllers have made."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from weakref import WeakSet

from tornado.routing import Rule, RuleRouter
from tornado.web import Application, StaticFileHandler

from ..errors import ConfigurationError
from ..loggers import SERVER
from .context import ServerContext
from .one_time_url import OneTimePath

__all__ = ["require_separate_one_time_paths", "rules", "warn_about_missing_folders"]


def rules(application: Application) -> Iterator[Rule]:
    """Yield all rules of an application, also those of nested routers."""
    routers: list[RuleRouter] = [application.default_router]
    while routers:
        for rule in routers.pop().rules:
            yield rule
            if isinstance(rule.target, RuleRouter):
                routers.append(rule.target)


def warn_about_missing_folders(application: Application) -> None:
    """Log the folders of static files that do not exist, such as those of a page that is not built yet."""
    for rule in rules(application):
        folder = rule.target_kwargs.get("path")
        if (
            isinstance(rule.target, type)
            and issubclass(rule.target, StaticFileHandler)
            and isinstance(folder, str | Path)
            and not os.path.isdir(folder)
        ):
            text = "no folder %s, so its pages are answered with 404; build them first, such as with npm run build"
            SERVER.warning(text, os.path.relpath(folder))


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
