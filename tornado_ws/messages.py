"""Base classes of the message classes in generated modules."""

from __future__ import annotations

from typing import Generic, Self, TypeVar

import msgspec

__all__ = ["Message", "Request", "Stream", "Wrapper"]

PayloadT = TypeVar("PayloadT")
ReplyT_co = TypeVar("ReplyT_co", covariant=True)


class Message(Generic[PayloadT]):
    """Base class of messages that inherit the properties of their payload."""

    __slots__ = ()
    __struct_fields__: tuple[str, ...]

    @classmethod
    def of(cls, payload: PayloadT, /) -> Self:
        """Return a message with the properties of ``payload``, which may be an instance of a subclass.

        The values of the properties are shared, not copied.
        """
        return cls(**{name: getattr(payload, name) for name in cls.__struct_fields__})


class Wrapper(msgspec.Struct, Generic[PayloadT], frozen=True):
    """Base class of messages with a payload that is not an object with declared properties."""

    data: PayloadT
    """Payload of the message."""

    @classmethod
    def of(cls, payload: PayloadT, /) -> Self:
        """Return a message with ``payload``."""
        return cls(payload)


class Request(Generic[ReplyT_co]):
    """Base class of requests with one reply of type ``ReplyT_co``."""

    __slots__ = ()


class Stream(Generic[ReplyT_co]):
    """Base class of requests with a stream of replies of type ``ReplyT_co``."""

    __slots__ = ()
