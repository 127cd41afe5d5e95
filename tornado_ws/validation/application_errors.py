"""Errors of the application: exceptions to the data of ``$error`` frames and back."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ..endpoint import Endpoint, ErrorType, Payload
from ..errors import ApplicationError, ErrorData, ErrorWithData, InvalidFrame, InvalidMessage
from .json_values import read
from .payload import InvalidPayload, PayloadCodec

__all__ = ["ApplicationErrors"]

MISSING = ErrorData(code="invalid_message", message="expected data", pointer="", keyword="required")
"""Error for data that the schema requires."""


class ApplicationErrors:
    """Errors that an endpoint declares, with the codecs of their data."""

    def __init__(self, endpoint: Endpoint, payloads: Mapping[Payload | None, PayloadCodec]) -> None:
        """Group the errors by message.

        Args:
            endpoint: Endpoint of a generated module.
            payloads: Codecs of the data of all errors.
        """
        self._payloads = payloads
        self._shared = endpoint.errors_of(None)
        self._by_message = {message.name: endpoint.errors_of(message.name) for message in endpoint.client}

    def codes(self, message: str | None) -> tuple[str, ...]:
        """Return the codes that the endpoint declares for a message from the client; None for no message."""
        return tuple(error.code for error in self._declared(message))

    def find(self, message: str | None, error: BaseException) -> ErrorType | None:
        """Return the declaration of an exception; None if the endpoint does not declare its class for the message."""
        if not isinstance(error, ApplicationError):
            return None
        return next((declared for declared in self._declared(message) if isinstance(error, declared.cls)), None)

    def error_data(self, declared: ErrorType, error: ApplicationError) -> ErrorData:
        """Return the data of the frame for an exception.

        Raises:
            InvalidMessage: If the schema rejects the data of the exception.
        """
        data: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
        if declared.data is not None and isinstance(error, ErrorWithData):
            try:
                data = msgspec.Raw(self._payloads[declared.data].encode(error.data))
            except InvalidPayload as invalid:
                rejected = InvalidMessage(declared.code, invalid.error, invalid.property_name, part="error ")
                raise rejected from invalid.__cause__
        return ErrorData(
            code=declared.code,
            message=error.message,
            retryable=error.retryable,
            retry_after_ms=error.retry_after_ms,
            data=data,
        )

    def exception(self, message: str | None, error: ErrorData) -> ApplicationError | None:
        """Return the exception for the data of a received frame; None if the code is not declared for the message.

        Raises:
            InvalidFrame: If the schema rejects the data of the error (``invalid_message``).
        """
        declared = next((one for one in self._declared(message) if one.code == error.code), None)
        if declared is None:
            return None
        exception = declared.cls.__new__(declared.cls)
        if declared.data is not None and isinstance(exception, ErrorWithData):
            if isinstance(error.data, msgspec.UnsetType):
                raise InvalidFrame(MISSING)
            try:
                data = self._payloads[declared.data].convert(read(bytes(error.data)))
            except InvalidPayload as invalid:
                raise InvalidFrame(invalid.error) from None
            ErrorWithData.__init__(exception, error.message, data=data)
        else:
            ApplicationError.__init__(exception, error.message)
        exception.retryable, exception.retry_after_ms = error.retryable, error.retry_after_ms
        return exception

    def _declared(self, message: str | None) -> tuple[ErrorType, ...]:
        return self._shared if message is None else self._by_message.get(message, self._shared)
