"""Numbers of the messages of one endpoint, and the times of its methods, for metrics."""

from __future__ import annotations

from ..endpoint import Endpoint
from ..histogram import Histogram

__all__ = ["EndpointStatistics", "ReceivedMessages"]


class ReceivedMessages:
    """Received messages with one name."""

    __slots__ = ("count", "times")

    def __init__(self) -> None:
        self.count = 0
        """Number of valid messages."""
        self.times = Histogram()
        """Times from the call of the method to its end, with the encoding of its reply; empty for streams."""


class EndpointStatistics:
    """Messages of all connections of an endpoint. Names are those of the schema, so that their number is bounded."""

    __slots__ = ("received", "sent")

    def __init__(self, endpoint: Endpoint) -> None:
        """Create counters with the value 0.

        Args:
            endpoint: Endpoint with the names of the messages.
        """
        replies = [message for message in endpoint.server if message.reply is not None]
        self.received = {message.name: ReceivedMessages() for message in (*endpoint.client, *replies)}
        """Messages and replies of clients, by name."""
        answers = [message for message in endpoint.client if message.answer is not None]
        self.sent = dict.fromkeys([message.name for message in (*endpoint.server, *answers)], 0)
        """Number of replies, items and messages by name, without those that :attr:`.Encoder.encoded` counts."""

    def count_sent(self, name: str, number: int = 1) -> None:
        """Count a reply, an item, or the recipients of a broadcast."""
        self.sent[name] = self.sent.get(name, 0) + number
