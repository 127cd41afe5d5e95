"""Exception for an error that answers a request or an acknowledged message."""

from __future__ import annotations

from ..endpoint import MessageType
from ..errors import ErrorData, InvalidFrame, RequestFailed, RequestTimeout, TornadoWsError
from ..validation.application_errors import ApplicationErrors

__all__ = ["failure"]


def failure(errors: ApplicationErrors, message: MessageType, error: ErrorData) -> TornadoWsError:
    """Return the exception that the caller of a request receives: that of the application, if the schema declares it.

    Args:
        errors: Errors of the endpoint.
        message: Type of the request.
        error: Data of the error.
    """
    try:
        declared = errors.exception(message.name, error)
    except InvalidFrame as invalid:
        return RequestFailed(message.name, invalid.error, is_invalid_reply=True)
    if error.code == "timeout" and message.timeout is not None:
        return RequestTimeout(message.name, message.timeout)
    return declared or RequestFailed(message.name, error)
