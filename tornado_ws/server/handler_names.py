"""Checks of the names that a handler class defines, before it is mounted."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cached_property, partialmethod
from typing import Any, Final

from tornado.web import RequestHandler

from ..errors import ConfigurationError
from ..loggers import HANDLER
from .handler import EphemeralHandler, PersistentHandler, PresenceHandler, SocketHandler
from .handshake_handler import HandshakeHandler
from .near_misses import is_near_miss

__all__ = ["HOOKS", "base_class", "require_free_names", "require_known_methods", "similar_method"]

HOOKS: Final = {"on_connect": (), "on_disconnect": ("code", "reason"), "on_error": ("error",)}
"""Hooks and their arguments."""
OTHER_NAMES: Final = {
    "on_open": "on_connect",
    "on_connected": "on_connect",
    "on_close": "on_disconnect",
    "on_disconnected": "on_disconnect",
}
"""Names of hooks in browsers, in Tornado and in other libraries, with ours."""
SIMILARITY_OF_MISSING: Final = 0.6
"""Smallest similarity of a name to that of a missing method for which it probably stands, from 0 to 1."""
SET_BY_TORNADO: Final = frozenset({"close_code", "close_reason", "open_args", "open_kwargs", "ws_connection"})
"""Attributes that Tornado's WebSocket handler sets, beside those of any handler."""
SET_BY_HANDLERS: Final = SET_BY_TORNADO | {"connection_settings", *HandshakeHandler.__slots__, *SocketHandler.__slots__}
"""Attributes that every handler sets on itself."""


def base_class(handler: type, class_: type) -> str:
    """Return ``its base class … `` for the start of a problem; an empty text for the handler itself."""
    return "" if class_ is handler else f"its base class {class_.__qualname__} "


def require_free_names(handler: type[SocketHandler[Any]]) -> None:
    """Check that each name that a class of an application defines is of the same kind as in handlers.

    Raises:
        ConfigurationError: If it is a method or property in place of an attribute, which could not be set; a method in
            place of a property; or a property in place of a method.
    """
    names = set(SET_BY_HANDLERS)
    for base in (PersistentHandler, EphemeralHandler):
        if issubclass(handler, base):
            names.update(base.__slots__)
    members = dict(inspect.getmembers_static(SocketHandler))
    for class_ in _classes_of_application(handler):
        for name, value in sorted(vars(class_).items()):
            if name in names and _is_computed(value):
                problem = f"{base_class(handler, class_)}defines {name}, an attribute that handlers set"
            elif isinstance(members.get(name), property) and _is_method(value):
                problem = f"{base_class(handler, class_)}defines {name} as a method, which is a property of handlers"
            elif _is_method(members.get(name)) and isinstance(value, property | cached_property):
                problem = f"{base_class(handler, class_)}defines {name} as a property, which is a method of handlers"
            else:
                continue
            raise ConfigurationError(handler.__qualname__, problem, "choose another name")


def require_known_methods(handler: type[SocketHandler[Any]]) -> None:
    """Check that each ``on_…`` method of a handler class is a hook or belongs to a message.

    Other names are logged, because they may be helpers. Classes that do not derive from the generated one, such as
    mixins, may define any name.

    Raises:
        ConfigurationError: If one is probably misspelled: a hook or a message has nearly the same name, and the class
            does not define that as well.
    """
    seen: set[str] = set()
    messages = {message.method for message in handler.endpoint.client}
    intended = {**OTHER_NAMES, **{name: name for name in (*HOOKS, *messages)}}
    for class_ in handler.__mro__[: _position_of_generated_class(handler)]:
        if not issubclass(class_, SocketHandler):
            continue
        for name, value in vars(class_).items():
            if not name.startswith("on_") or hasattr(SocketHandler, name) or name in messages | seen:
                continue
            if not callable(value) or isinstance(value, type):
                continue
            seen.add(name)
            problem = (
                f"{base_class(handler, class_)}defines {name}, which is neither a hook nor a message of the client"
            )
            similar = next((known for known in intended if is_near_miss(_word(name), _word(known))), None)
            if similar is not None and intended[similar] not in vars(class_):
                hint = f"did you mean {intended[similar]}? otherwise choose a name such as _{name}"
                raise ConfigurationError(handler.__qualname__, problem, hint)
            text = (
                "%s: %s, so that this package never calls it: the schema has no such message; "
                "run python -m codegen after a change of it, or choose a name such as _%s"
            )
            HANDLER.warning(text, handler.__qualname__, problem, name, extra={"endpoint": handler.endpoint.name})


def similar_method(handler: type[RequestHandler], missing: str) -> str | None:
    """Return a method of an application whose name resembles that of a missing one, if there is one.

    Args:
        handler: Handler class.
        missing: Name of an abstract method.
    """
    classes = handler.__mro__
    base = next(class_ for class_ in classes if missing in vars(class_))
    known = [
        name
        for class_ in classes[: classes.index(base)]
        for name, value in vars(class_).items()
        if name[:2].lower() == missing[:2] and callable(value) and not hasattr(base, name)
    ]
    by_word = {_word(one): one for one in known}
    found = get_close_matches(_word(missing), by_word, n=1, cutoff=SIMILARITY_OF_MISSING)
    return by_word[found[0]] if found else None


def _classes_of_application(handler: type[RequestHandler]) -> Iterator[type]:
    library = {*PersistentHandler.__mro__, *EphemeralHandler.__mro__, *PresenceHandler.__mro__}
    return (class_ for class_ in handler.__mro__ if class_ not in library)


def _position_of_generated_class(handler: type[SocketHandler[Any]]) -> int:
    places = (at for at, class_ in enumerate(handler.__mro__) if vars(class_).get("endpoint") is handler.endpoint)
    return max(places, default=0)


def _is_computed(value: object) -> bool:
    """Return True for a method, a property or another descriptor, except for a slot."""
    return hasattr(type(value), "__get__") and not inspect.ismemberdescriptor(value)


def _is_method(value: object) -> bool:
    return callable(value) or isinstance(value, classmethod | staticmethod | partialmethod)


def _word(name: str) -> str:
    return name.lower().removeprefix("on_").replace("_", "")
