"""Typed WebSockets for Tornado: the protocol is a JSON Schema, and both ends obey it."""

from .action import Action
from .backplane import Backplane, MemoryBackplane
from .compiled import COMPILED
from .controller import WebSocketController
from .endpoint import Endpoint
from .errors import (
    ApplicationError,
    BackplaneDown,
    CloseCode,
    ConfigurationError,
    ConnectionClosed,
    ErrorData,
    GuardRefused,
    IncompleteHandler,
    InvalidMessage,
    Refused,
    RequestFailed,
    RequestTimeout,
    TooManyTickets,
    TornadoWsError,
)
from .guards import Binding, Guard, allow_addresses, authenticated, same_address, same_origin, same_session
from .handler import EphemeralHandler, PersistentHandler, SocketHandler
from .heartbeat import Heartbeat
from .limits import Limits
from .messages import MessageType, Request, Slot, Stream
from .rates import Rate
from .rooms import Room
from .service import Refusal
from .untagged import untagged

__all__ = [
    "COMPILED",
    "Action",
    "ApplicationError",
    "Backplane",
    "BackplaneDown",
    "Binding",
    "CloseCode",
    "ConfigurationError",
    "ConnectionClosed",
    "Endpoint",
    "EphemeralHandler",
    "ErrorData",
    "Guard",
    "GuardRefused",
    "Heartbeat",
    "IncompleteHandler",
    "InvalidMessage",
    "Limits",
    "MemoryBackplane",
    "MessageType",
    "PersistentHandler",
    "Rate",
    "Refusal",
    "Refused",
    "Request",
    "RequestFailed",
    "RequestTimeout",
    "Room",
    "Slot",
    "SocketHandler",
    "Stream",
    "TooManyTickets",
    "TornadoWsError",
    "WebSocketController",
    "allow_addresses",
    "authenticated",
    "same_address",
    "same_origin",
    "same_session",
    "untagged",
]
