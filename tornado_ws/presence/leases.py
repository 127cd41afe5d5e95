"""Rule of leases, without I/O: the entries of a process end when it gives no sign of life."""

from __future__ import annotations

from typing import Final

from .entries import Beat

__all__ = ["Leases"]

MAX_DROPPED: Final = 1000
"""Number of ended processes that are remembered, in case they return."""


class Leases:
    """Leases of the other processes."""

    def __init__(self, seconds: float) -> None:
        """Begin without processes.

        Args:
            seconds: Lease of a process that has not sent its own.
        """
        self._seconds = seconds
        self._lease: dict[str, float] = {}
        self._heard: dict[str, float] = {}
        self._rounds: dict[str, int] = {}
        self._dropped: dict[str, int] = {}
        """Rounds of processes whose lease has ended, until they have stated their entries again."""

    def hear(self, process: str, round: int, now: float) -> None:
        """Renew the lease of a process, because it has sent entries."""
        self._heard[process] = now
        self._rounds[process] = round

    def receive(self, beat: Beat, now: float) -> int | None:
        """Renew the lease of a process.

        Returns:
            Round of the process when its entries ended, after which it must state them again; None if they have not.
        """
        process = beat.process
        self._heard[process] = now
        self._lease[process] = beat.lease
        self._rounds[process] = beat.round
        dropped = self._dropped.get(process)
        if dropped is not None and beat.round > dropped:
            del self._dropped[process]
            return None
        return dropped

    def renew(self, now: float) -> None:
        """Renew all leases: while this process cannot hear the others, it cannot judge them."""
        for process in self._heard:
            self._heard[process] = now

    def end(self, now: float) -> list[str]:
        """Remove the processes whose lease has ended, and return their ids."""
        ended = [one for one, at in self._heard.items() if now - at >= self._lease.get(one, self._seconds)]
        for process in ended:
            del self._heard[process]
            self._lease.pop(process, None)
            self._dropped.pop(process, None)
            self._dropped[process] = self._rounds.pop(process, 0)
        while len(self._dropped) > MAX_DROPPED:
            del self._dropped[next(iter(self._dropped))]
        return ended
