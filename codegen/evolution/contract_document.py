"""Contract of an endpoint as data: everything on which compatibility with other versions depends."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from ..contract import contract
from ..model import Endpoint, ErrorCode, Message, Payload, PolicyValue, once_per_endpoint
from ..runtime_schema import server_schema

__all__ = ["ContractDocument", "ErrorContract", "MessageContract", "contract_document"]


class ErrorContract(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Error of the application; the schema of its data is a pointer or a reference."""

    code: str
    data: str | None = None


class MessageContract(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Message of one direction; its schemas are pointers or references into :attr:`ContractDocument.schema`."""

    name: str
    payload: str | None = None
    reply: str | None = None
    stream: str | None = None
    resume: str | None = None
    """JSON Pointer into the items of the stream to the position after which it goes on."""
    cursor: str | None = None
    """Schema of this position."""
    acknowledged: bool = False
    rate: tuple[int, float] | None = None
    """Number of messages, and the period in seconds."""
    errors: tuple[ErrorContract, ...] = ()
    concurrent: bool | int = False
    """True or a number if requests run beside other messages, so that replies may change places."""
    timeout: float | None = None
    """Seconds until a request fails."""


class ContractDocument(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Contract of one version of an endpoint."""

    name: str
    kind: str
    contract: str
    """Hash that server and client compare."""
    path: str | None = None
    params: str | None = None
    ticket: str | None = None
    presence: str | None = None
    client: tuple[MessageContract, ...] = ()
    server: tuple[MessageContract, ...] = ()
    errors: tuple[ErrorContract, ...] = ()
    formats: bool = False
    """True if ``format`` is asserted."""
    schema: dict[str, Any]
    """JSON Schema 2020-12 document without annotations."""


@once_per_endpoint
def contract_document(endpoint: Endpoint) -> ContractDocument:
    """Return the contract of an endpoint; callers do not change it."""
    return ContractDocument(
        name=endpoint.name,
        kind=endpoint.kind,
        contract=contract(endpoint),
        path=endpoint.path,
        params=_pointer(endpoint.params),
        ticket=_pointer(endpoint.ticket),
        presence=_pointer(endpoint.presence),
        client=tuple(map(_message, endpoint.client)),
        server=tuple(map(_message, endpoint.server)),
        errors=_errors(endpoint.errors),
        formats=endpoint.options.formats,
        schema={name: value for name, value in server_schema(endpoint).items() if name != "patterns"},
    )


def _message(message: Message) -> MessageContract:
    return MessageContract(
        name=message.name,
        payload=_pointer(message.payload),
        reply=_pointer(message.reply),
        stream=_pointer(message.stream),
        resume=_text(message.policies.get("resume")),
        cursor=_pointer(message.cursor),
        acknowledged=bool(message.policies.get("acknowledged")),
        rate=_rate(message.policies.get("rate")),
        errors=_errors(message.errors),
        concurrent=_concurrent(message.policies.get("concurrent")),
        timeout=_timeout(message.policies.get("timeout")),
    )


def _errors(errors: Iterable[ErrorCode]) -> tuple[ErrorContract, ...]:
    return tuple(ErrorContract(code=error.code, data=_pointer(error.data)) for error in errors)


def _pointer(payload: Payload | None) -> str | None:
    return None if payload is None else payload.pointer


def _text(value: PolicyValue | None) -> str | None:
    return value if isinstance(value, str) else None


def _rate(value: PolicyValue | None) -> tuple[int, float] | None:
    return value if isinstance(value, tuple) else None


def _concurrent(value: PolicyValue | None) -> bool | int:
    return value if isinstance(value, int) else False


def _timeout(value: PolicyValue | None) -> float | None:
    return value if isinstance(value, float) else None
