"""Items of a stream that the reader has not taken, with the credit of the server."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

from ..errors import TornadoWsError
from ..validation.codec import Codec

__all__ = ["CREDIT_STEP", "ItemStream"]

CREDIT_STEP = 32
"""Number of items after which the client grants the server as many; a stream starts with twice this credit."""


class ItemStream:
    """Items of one stream, in order. The credit bounds the number of unread items."""

    def __init__(self, id: int, codec: Codec, write: Callable[[bytes], object]) -> None:
        """Create an empty stream.

        Args:
            id: Id of the request.
            codec: Codec of the endpoint.
            write: Function that sends a frame.
        """
        self._id = id
        self._codec = codec
        self._write = write
        self._items: deque[Any] = deque()
        self._read = 0
        self._is_ended = False
        self._error: TornadoWsError | None = None
        self._changed = asyncio.Event()

    def put(self, item: Any) -> None:  # of the type of the items
        """Append an item."""
        self._items.append(item)
        self._changed.set()

    def end(self, error: TornadoWsError | None) -> None:
        """End the stream; an error follows after the items."""
        self._is_ended, self._error = True, error
        self._changed.set()

    def __aiter__(self) -> ItemStream:
        return self

    async def __anext__(self) -> Any:
        while not self._items:
            if self._error is not None:
                raise self._error
            if self._is_ended:
                raise StopAsyncIteration
            self._changed.clear()
            await self._changed.wait()
        item = self._items.popleft()
        self._read += 1
        if self._read % CREDIT_STEP == 0 and not self._is_ended:
            self._write(self._codec.encode_more(self._id, CREDIT_STEP))
        return item
