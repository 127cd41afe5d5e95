"""Base classes of the message classes in generated modules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Self, TypeAlias, TypeVar

import msgspec

__all__ = ["Constants", "Message", "Request", "ServerRequest", "Stream", "Wrapper"]

PayloadT = TypeVar("PayloadT")
ReplyT_co = TypeVar("ReplyT_co", covariant=True)
HandlerT_contra = TypeVar("HandlerT_contra", contravariant=True)
Constant: TypeAlias = str | int

CLASS_VAR = "typing.ClassVar["
"""Start of the annotation of a constant, which is a text in modules with ``from __future__ import annotations``."""


class Constants(msgspec.StructMeta):
    """Metaclass of structs with class variables that are required in JSON. The constructor sets them.

    Type checkers read class variables, as for the tag of a struct. A class variable with another name in JSON is a
    ``msgspec.field(default=..., name=...)``. Class variables of subclasses are left as they are.
    """

    __constants__: dict[str, Constant]

    def __new__(mcls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any) -> Constants:
        """Create a class with the constants in its namespace and those of its base classes."""
        constants: dict[str, Constant] = {}
        is_subclass = any(isinstance(base, Constants) for base in bases)
        annotations = {} if is_subclass else namespace.get("__annotations__", {})
        for attribute, annotation in annotations.items():
            if isinstance(annotation, str) and annotation.startswith(CLASS_VAR) and attribute in namespace:
                field = _field(namespace[attribute])
                if (field.name or attribute) == options.get("tag_field"):
                    namespace[attribute] = field.default
                else:
                    annotations[attribute] = annotation.removeprefix(CLASS_VAR).removesuffix("]")
                    namespace[attribute] = msgspec.field(name=field.name)
                    constants[attribute] = field.default
        cls = super().__new__(mcls, name, bases, namespace, **options)
        cls.__constants__ = getattr(cls, "__constants__", {}) | constants
        for attribute, constant in constants.items():
            setattr(cls, attribute, constant)  # also the value of each instance, since msgspec decodes no other
        return cls

    if not TYPE_CHECKING:  # type checkers take the signature from the fields

        def __call__(cls, /, *arguments, **fields):
            """Create an instance. Constants are accepted, because ``copy`` and ``pickle`` pass them."""
            return super().__call__(*arguments, **{**cls.__constants__, **fields})


def _field(value: Any) -> Any:  # a field of msgspec, which has no public class
    """Return the default of a class variable as a field."""
    return msgspec.field(default=value) if isinstance(value, Constant) else value


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
    """Base class of requests of clients, with one reply of type ``ReplyT_co``."""

    __slots__ = ()


class ServerRequest(Generic[ReplyT_co, HandlerT_contra]):
    """Base class of requests that handlers of type ``HandlerT_contra`` send, with one reply of type ``ReplyT_co``."""

    __slots__ = ()


class Stream(Generic[ReplyT_co]):
    """Base class of requests with a stream of replies of type ``ReplyT_co``."""

    __slots__ = ()
