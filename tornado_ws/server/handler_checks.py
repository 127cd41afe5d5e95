"""Checks of handler classes before they are mounted."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Mapping, Sequence
from types import FunctionType
from typing import Any, Final

import tornado.web
from tornado import gen
from tornado.web import RequestHandler
from tornado.websocket import WebSocketHandler

from ..config_checks import require_coroutine_function, require_instance
from ..endpoint import Endpoint
from ..errors import ConfigurationError, IncompleteHandler
from ..websocket import StrictWebSocketHandler
from .action import Action
from .guards import same_session
from .handler import EphemeralHandler, PersistentHandler, PresenceHandler, SocketHandler
from .handler_names import HOOKS, base_class, similar_method
from .handshake_handler import HandshakeHandler
from .method_signatures import call_of, definition_of, signature_of

__all__ = [
    "require_arguments",
    "require_complete",
    "require_guard",
    "require_hooks",
    "require_pattern",
    "require_subclass",
    "require_ticket_maker",
]

HINTS: Final = {
    "open": "override on_connect",
    "get": "override prepare, or add a guard",
    "post": "override make_ticket",
    "on_close": "override on_disconnect",
    "on_message": "override the on_… methods of messages",
    "receive_text": "override the on_… methods of messages",
    "receive_binary": "override the on_… methods of messages",
    "write_message": "call send",
    "close": "call it; override on_disconnect to run code at the end",
    "check_origin": "set the controller's origins",
    "check_trusted_origin": "set the controller's origins",
    "max_message_size": "set limits.message_bytes",
    "check_xsrf_cookie": "the controller's origins protect the action",
}
"""Hints for final methods that Tornado has, too; any other final method has a name of this package."""
RESERVED: Final = frozenset({"application", "request", "self", "ws_issuer", "ws_server"})
"""Names of arguments that Tornado and routes of controllers pass."""
LIBRARY: Final = frozenset(
    {*PersistentHandler.__mro__, *EphemeralHandler.__mro__, *PresenceHandler.__mro__, *Action.__mro__}
)
"""Classes of this package, and those of Tornado that they derive from."""
KNOWN_METHODS: Final = (FunctionType, functools.partialmethod, classmethod, staticmethod)
"""Types of methods whose signature is that of the attribute of the class."""
OPEN_IN_TORNADO: Final = ("get", "open", "post")
"""Methods that cannot be decorated with ``@final``, because Tornado declares them as attributes."""


def require_subclass(handler: object, base: type[RequestHandler]) -> None:
    """Check the base class of a handler.

    Raises:
        ConfigurationError: If the handler has another base class, is not a class, or has no endpoint.
    """
    if isinstance(handler, type) and issubclass(handler, base):
        if base is WebSocketHandler:
            if not issubclass(handler, SocketHandler):
                return
        elif isinstance(endpoint := getattr(handler, "endpoint", None), Endpoint):
            return
        else:
            problem = f"expected endpoint to be an Endpoint, got {endpoint!r}"
            raise ConfigurationError(handler.__qualname__, problem, "derive from a generated class first")
    for other, method in ((PersistentHandler, "persistent"), (EphemeralHandler, "ephemeral"), (Action, "action")):
        if isinstance(handler, type) and issubclass(handler, other):
            hint = f"mount it with sockets.{method}(…)"
            raise ConfigurationError("handler", f"expected {base.__name__}, got {handler.__qualname__}", hint)
    raise ConfigurationError("handler", f"expected a subclass of {base.__name__}, got {handler!r}")


def require_complete(handler: type[RequestHandler]) -> None:
    """Check that a handler class implements all abstract methods, and overrides no final method.

    Raises:
        IncompleteHandler: If a method is missing.
        ConfigurationError: If a method of this package is overridden, although it is final, or ``get_current_user`` is
            a coroutine function, which Tornado would not await.
    """
    if inspect.isabstract(handler):
        missing: list[str] = sorted(getattr(handler, "__abstractmethods__", ()))
        raise IncompleteHandler(handler.__qualname__, tuple(missing), _hint_for_missing(handler, missing))
    for base in (StrictWebSocketHandler, HandshakeHandler, SocketHandler, Action):
        if issubclass(handler, base):
            _require_unchanged(handler, base)
    if inspect.iscoroutinefunction(_function(handler, "get_current_user")):
        problem, hint = "expected get_current_user to be a function", "set self.current_user in prepare to await"
        raise ConfigurationError(handler.__qualname__, problem, hint)


def require_hooks(handler: type[SocketHandler[Any]]) -> None:
    """Check that the hooks of a handler class, and its methods for messages, are coroutine functions.

    A method for a stream returns an asynchronous iterator, and is usually an asynchronous generator.

    Raises:
        ConfigurationError: If one of them is another kind of function, or the class streams the bodies of requests.
    """
    if handler._stream_request_body:  # Tornado would wait for the body before it ends the request
        problem, hint = "stream_request_body is for requests with a body", "decorate only their handlers"
        raise ConfigurationError(handler.__qualname__, problem, hint)
    for hook, arguments in HOOKS.items():
        _require_coroutine_function(handler, hook)
        _require_signature(handler, hook, arguments)
    for message in handler.endpoint.client:
        _require_signature(handler, message.method, *_parameters_of_message(handler, message.method))
        if message.stream is None:
            _require_coroutine_function(handler, message.method)
        elif inspect.iscoroutinefunction(_function(handler, message.method)):
            hint = f"use yield in {message.method}, or def instead of async def"
            problem = f"expected {message.method} to return an asynchronous iterator, got a coroutine function"
            raise ConfigurationError(handler.__qualname__, problem, hint)


def require_ticket_maker(action: type[Action[Any]], pattern: str) -> None:
    """Check that ``make_ticket`` of an action is a coroutine function, with a parameter for each group of its pattern.

    Raises:
        ConfigurationError: If it is another function, or the pattern is not a regular expression.
    """
    regex = require_pattern(pattern)
    _require_coroutine_function(action, "make_ticket")
    names = tuple(regex.groupindex)
    groups = () if names else tuple(f"group {number}" for number in range(1, regex.groups + 1))
    _require_signature(action, "make_ticket", groups, names, f" for the pattern {pattern!r}")


def require_pattern(pattern: str) -> re.Pattern[str]:
    """Return the regular expression of a route.

    Raises:
        ConfigurationError: If it is not one.
    """
    require_instance("pattern", pattern, str)
    try:
        return re.compile(pattern)
    except re.error as error:
        problem, hint = f"expected a regular expression, got {pattern!r}: {error}", 'such as r"/rooms/([a-z]+)/export"'
        raise ConfigurationError("pattern", problem, hint) from None


def require_guard(guard: object) -> None:
    """Check that a guard is an asynchronous function; a lambda may return an awaitable.

    Raises:
        ConfigurationError: If it is not.
    """
    if guard is tornado.web.authenticated:
        raise ConfigurationError("guards", "tornado.web.authenticated is a decorator", "import it from tornado_ws")
    if guard is same_session:
        raise ConfigurationError("guards", "expected a binding, got same_session", 'such as same_session("cookie")')
    require_coroutine_function("guards", guard)


def require_arguments(handler: type[RequestHandler], arguments: Mapping[str, Any]) -> None:
    """Check the arguments for the ``initialize`` method of a handler class.

    Args:
        handler: Handler class.
        arguments: Values by parameter name, of any type.

    Raises:
        ConfigurationError: If an argument is missing, or has no parameter.
    """
    if not isinstance(arguments, Mapping):
        raise ConfigurationError("initialize", f"expected a mapping, got {arguments!r}", 'initialize={"db": db}')
    initialize = handler.initialize
    if inspect.iscoroutinefunction(initialize):
        raise ConfigurationError(handler.__qualname__, "expected initialize to be a function", "use prepare to await")
    if reserved := RESERVED & {*arguments}:
        raise ConfigurationError("initialize", f"{min(reserved)} is reserved", "choose another name")
    if (signature := _signature(handler, "initialize")) is None:
        return
    try:
        signature.bind(None, **arguments)
    except TypeError as error:
        name = handler.__qualname__
        hint = f'def initialize(self, db: Database) -> None in {name}, and initialize={{"db": db}}'
        raise ConfigurationError(f"{name}.initialize", str(error), hint) from None


def _require_coroutine_function(handler: type[RequestHandler], name: str) -> None:
    method, function = inspect.getattr_static(handler, name), _function(handler, name)
    if not callable(function) and not callable(getattr(handler, name)):
        raise ConfigurationError(handler.__qualname__, f"expected {name} to be a coroutine function, got {function!r}")
    if gen.is_coroutine_function(method) or inspect.iscoroutinefunction(function) or not inspect.isfunction(function):
        return
    kind = "an asynchronous generator" if inspect.isasyncgenfunction(function) else "a function"
    hint = f"async def {name}" if kind == "a function" else "remove yield"
    if function is method:
        hint += "; a decorator needs functools.wraps"
    raise ConfigurationError(handler.__qualname__, f"expected {name} to be a coroutine function, got {kind}", hint)


def _require_signature(
    handler: type[RequestHandler], name: str, arguments: Sequence[str], keywords: Sequence[str] = (), reason: str = ""
) -> None:
    """Check that a method can be called with positional arguments and keywords; ``reason`` ends the expectation."""
    if (signature := _signature(handler, name)) is None:
        return
    try:
        signature.bind(None, *arguments, **dict.fromkeys(keywords))
    except TypeError:
        expected = ", ".join(("self", *arguments, *keywords))
        problem = f"expected {name}({expected}){reason}, got {call_of(name, getattr(handler, name))}"
        raise ConfigurationError(handler.__qualname__, problem) from None


def _signature(handler: type[RequestHandler], name: str) -> inspect.Signature | None:
    """Return the signature of a method; None if it is unknown, such as that of a decorator that is a class."""
    if not isinstance(inspect.getattr_static(handler, name), KNOWN_METHODS):
        return None  # `getattr` of the class and of an instance may differ
    return signature_of(getattr(handler, name))


def _parameters_of_message(handler: type[SocketHandler[Any]], name: str) -> tuple[list[str], list[str]]:
    """Return the positional parameters and the keywords of a method, as the generated class defines it."""
    generated = next(vars(class_)[name] for class_ in reversed(handler.__mro__) if name in vars(class_))
    _, *parameters = inspect.signature(generated).parameters.values()
    keywords = [one.name for one in parameters if one.kind is one.KEYWORD_ONLY]
    return [one.name for one in parameters if one.name not in keywords], keywords


def _hint_for_missing(handler: type[RequestHandler], missing: Sequence[str]) -> str:
    """Return the misspelled method if there is one, and the definition of a missing method."""
    returned = handler.endpoint.ticket.type.__name__ if issubclass(handler, Action) and handler.endpoint.ticket else ""
    for name in missing:
        if (similar := similar_method(handler, name)) is not None:
            return f"it defines {similar}: did you mean {definition_of(name, getattr(handler, name), returned)}?"
    name = missing[0]
    return f"write {definition_of(name, getattr(handler, name), returned)}{' and so on' * (len(missing) > 1)}"


def _require_unchanged(handler: type[RequestHandler], base: type) -> None:
    """Check that a class overrides no final method or property of a base class."""
    for name, member in vars(base).items():
        method = member.fget if isinstance(member, property) else member
        if not getattr(method, "__final__", False) and name not in OPEN_IN_TORNADO:
            continue
        owner = next(class_ for class_ in handler.__mro__ if name in vars(class_))
        if owner not in LIBRARY:
            problem = f"{base_class(handler, owner)}overrides {name}, which is final"
            raise ConfigurationError(handler.__qualname__, problem, HINTS.get(name, "choose another name"))


def _function(handler: type[RequestHandler], name: str) -> Any:  # a method of any type
    function = inspect.getattr_static(handler, name)
    while isinstance(function, functools.partialmethod):
        function = function.func
    return inspect.unwrap(function) if callable(function) else function
