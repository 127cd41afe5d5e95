"""Typed WebSockets for Tornado: a JSON Schema defines the protocol, and both ends enforce it."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .channels import Backplane, MemoryBackplane
    from .client.clients import EphemeralClient, PersistentClient, PersistentClientWithParams
    from .client.events import ClientEvent
    from .endpoint import (
        AttributeCheck,
        Endpoint,
        ErrorType,
        InlineSchema,
        JsonCheck,
        MemberCheck,
        MessageType,
        ObjectCheck,
        Payload,
        Replay,
        Tag,
        ValueCheck,
    )
    from .errors import (
        ApplicationError,
        BackplaneDown,
        CloseCode,
        ConfigurationError,
        ConnectFailed,
        ConnectionClosed,
        ErrorData,
        ErrorWithData,
        GuardRefused,
        IncompleteHandler,
        InvalidFrame,
        InvalidMessage,
        LimitReached,
        RequestFailed,
        RequestTimeout,
        TooManyTickets,
        TornadoWsError,
        WrongThread,
    )
    from .http_server import Bounds
    from .limits import Limits, Rate
    from .loggers import LOG_ATTRIBUTES
    from .messages import Constants, Message, Request, ServerRequest, Stream, Wrapper
    from .server.action import Action
    from .server.context import Refusal
    from .server.controller import WebSocketController
    from .server.guards import (
        Binding,
        Guard,
        allow_addresses,
        authenticated,
        bearer,
        bearer_token,
        same_address,
        same_origin,
        same_session,
    )
    from .server.handler import EphemeralHandler, PersistentHandler, PresenceHandler, SocketHandler
    from .server.rooms import Room
    from .server.stats import COMPILED
    from .validation.additional_properties import AdditionalProperties
    from .validation.untagged_unions import untagged
    from .websocket.keepalive import Heartbeat

__all__ = [
    "COMPILED",
    "Action",
    "AdditionalProperties",
    "ApplicationError",
    "AttributeCheck",
    "Backplane",
    "BackplaneDown",
    "Binding",
    "Bounds",
    "ClientEvent",
    "CloseCode",
    "ConfigurationError",
    "ConnectFailed",
    "ConnectionClosed",
    "Constants",
    "Endpoint",
    "EphemeralClient",
    "EphemeralHandler",
    "ErrorData",
    "ErrorType",
    "ErrorWithData",
    "Guard",
    "GuardRefused",
    "Heartbeat",
    "IncompleteHandler",
    "InlineSchema",
    "InvalidFrame",
    "InvalidMessage",
    "JsonCheck",
    "LOG_ATTRIBUTES",
    "LimitReached",
    "Limits",
    "MemoryBackplane",
    "MemberCheck",
    "Message",
    "MessageType",
    "ObjectCheck",
    "Payload",
    "PersistentClient",
    "PersistentClientWithParams",
    "PersistentHandler",
    "PresenceHandler",
    "Rate",
    "Refusal",
    "Replay",
    "Request",
    "RequestFailed",
    "RequestTimeout",
    "Room",
    "ServerRequest",
    "SocketHandler",
    "Stream",
    "Tag",
    "TooManyTickets",
    "TornadoWsError",
    "ValueCheck",
    "WebSocketController",
    "Wrapper",
    "WrongThread",
    "allow_addresses",
    "authenticated",
    "bearer",
    "bearer_token",
    "same_address",
    "same_origin",
    "same_session",
    "untagged",
]

MODULES = {
    ".channels": "Backplane MemoryBackplane",
    ".client.clients": "EphemeralClient PersistentClient PersistentClientWithParams",
    ".client.events": "ClientEvent",
    ".endpoint": (
        "AttributeCheck Endpoint ErrorType InlineSchema JsonCheck MemberCheck MessageType ObjectCheck Payload "
        "Replay Tag ValueCheck"
    ),
    ".errors": (
        "ApplicationError BackplaneDown CloseCode ConfigurationError ConnectFailed ConnectionClosed ErrorData "
        "ErrorWithData "
        "GuardRefused IncompleteHandler InvalidFrame InvalidMessage LimitReached RequestFailed "
        "RequestTimeout TooManyTickets TornadoWsError WrongThread"
    ),
    ".http_server": "Bounds",
    ".limits": "Limits Rate",
    ".loggers": "LOG_ATTRIBUTES",
    ".messages": "Constants Message Request ServerRequest Stream Wrapper",
    ".server.action": "Action",
    ".server.context": "Refusal",
    ".server.controller": "WebSocketController",
    ".server.guards": (
        "Binding Guard allow_addresses authenticated bearer bearer_token same_address same_origin same_session"
    ),
    ".server.handler": "EphemeralHandler PersistentHandler PresenceHandler SocketHandler",
    ".server.rooms": "Room",
    ".server.stats": "COMPILED",
    ".validation.additional_properties": "AdditionalProperties",
    ".validation.untagged_unions": "untagged",
    ".websocket.keepalive": "Heartbeat",
}
"""Public names of each module, which is imported at their first use, so that codegen needs no Tornado."""

if not TYPE_CHECKING:  # a type checker takes the imports above, and rejects other names

    def __getattr__(name):
        module = next((module for module, names in MODULES.items() if name in names.split()), None)
        if module is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = value = getattr(import_module(module, __name__), name)
        return value


def __dir__() -> list[str]:
    return [*__all__]
