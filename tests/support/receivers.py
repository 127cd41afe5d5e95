"""Receiver of the messages of a backplane, for tests: the place of the connections of a process."""

from __future__ import annotations

import itertools
from collections import defaultdict
from typing import Any

from tornado_ws.channels import Channel, KeptMessage, Position, Publication
from tornado_ws.endpoint import Replay

LOBBY = Channel("chat", "lobby")
BOUNDS = Replay(count=200)


class Receiver:
    """Record of all events, in order."""

    def __init__(self) -> None:
        self.order: list[bytes] = []
        """Texts of all messages."""
        self.plain: list[Publication] = []
        self.kept: list[KeptMessage] = []
        self.resets: list[tuple[Channel, Position]] = []
        self.runs: defaultdict[Channel, list[list[KeptMessage]]] = defaultdict(lambda: [[]])
        """Kept messages of each channel, in a new list after each reset."""

    def deliver(self, publication: Publication) -> None:
        self.plain.append(publication)
        self.order.append(publication.text)

    def deliver_kept(self, message: KeptMessage) -> None:
        self.kept.append(message)
        self.order.append(message.text)
        self.runs[message.channel][-1].append(message)

    def reset(self, channel: Channel, position: Position) -> None:
        self.resets.append((channel, position))
        self.runs[channel].append([])

    @property
    def texts(self) -> list[bytes]:
        """Texts of the kept messages."""
        return [message.text for message in self.kept]

    def check(self) -> None:
        """Check that the messages between two resets follow each other."""
        for runs in self.runs.values():
            for run in runs:
                for before, after in itertools.pairwise(run):
                    assert after.position.epoch == before.position.epoch
                    assert after.position.seq == before.position.seq + 1
                    assert after.previous == before.position.mark


def publication(text: bytes = b'{"type":"said"}', **values: Any) -> Publication:
    """Return a message to the lobby."""
    return Publication(**{"channel": LOBBY, "name": "said", "text": text, **values})


def kept(text: bytes = b'{"type":"said"}', **values: Any) -> Publication:
    """Return a message to the lobby that is kept."""
    return publication(text, **{"history": BOUNDS, **values})
