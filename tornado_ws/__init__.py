"""Typed WebSockets for Tornado: the protocol is a JSON Schema, and both ends obey it."""

from .endpoint import Endpoint
from .messages import MessageType, Request, Slot

__all__ = ["Endpoint", "MessageType", "Request", "Slot"]
