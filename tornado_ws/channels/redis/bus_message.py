"""Publication in its JSON form, which Redis stores and publishes."""

from __future__ import annotations

import msgspec

from ..bus import Publication

__all__ = ["BusMessage", "decode", "encode"]


class BusMessage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Publication and its sender."""

    sender: str
    """Id of the process that published the message."""
    endpoint: str
    name: str
    text: str
    seq: int | None = None
    room: str | None = None
    to: str | None = None
    exclude: frozenset[str] = frozenset()
    volatile: bool = False
    latest: str | None = None

    @property
    def publication(self) -> Publication:
        """Publication for the connections of this process."""
        return Publication(
            endpoint=self.endpoint,
            name=self.name,
            text=self.text.encode(),
            room=self.room,
            to=self.to,
            exclude=self.exclude,
            volatile=self.volatile,
            latest=self.latest,
            seq=self.seq,
        )


_decoder = msgspec.json.Decoder(BusMessage)


def encode(publication: Publication, *, sender: str) -> bytes:
    """Encode a publication that has no sequence number yet."""
    return msgspec.json.encode(
        BusMessage(
            sender=sender,
            endpoint=publication.endpoint,
            name=publication.name,
            text=publication.text.decode(),
            room=publication.room,
            to=publication.to,
            exclude=publication.exclude,
            volatile=publication.volatile,
            latest=publication.latest,
        )
    )


def decode(text: str) -> BusMessage:
    """Decode a message.

    Raises:
        msgspec.DecodeError: If the text is not a message.
    """
    return _decoder.decode(text)
