"""Model of delivery on one channel: a Redis that fails over, processes with a real `ChannelLog`, and pages.

A history is a random sequence of publications, losses, delays, repetitions, reconnects, restarts and failures. Each
page must end with exactly the messages that Redis acknowledged, in order, since its last reset.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from tornado_ws.channels.channel import Channel, KeptMessage, Position
from tornado_ws.channels.channel_log import ChannelLog, LogStatus, Unknown

__all__ = ["DROPS", "KEEP", "RULES", "WEIGHTS", "Joined", "Page", "Reset", "Resumed", "Violation", "run_history"]

RULES: Final = ("marks", "dedupe", "always-resume", "hold")
"""Rules that can be switched off, to show that the model detects the difference."""
WEIGHTS: Final = {
    "publish": 28,
    "process": 22,
    "page": 22,
    "request": 8,
    "connection": 8,
    "replicate": 4,
    "failover": 1.5,
    "flush": 1,
    "restart": 1,
    "look": 4.5,
}
"""Frequencies of the kinds of steps."""
DROPS: Final = {
    **WEIGHTS,
    "process": 40,
    "page": 40,
    "request": 2,
    "connection": 25,
    "replicate": 3,
    "failover": 4,
    "flush": 0,
    "restart": 3,
    "look": 1,
}
"""Frequencies with many drops between a request and its answer, while Redis loses writes."""
KEEP: Final = 8
"""Number of messages in the history."""
CHANNEL: Final = Channel("chat", "lobby")


class Violation(AssertionError):
    """Message that is missing, repeated or out of order, although the page was not reset."""


class Redis:
    """Server that numbers and keeps messages. A failover loses the last writes."""

    def __init__(self, rng: random.Random, without: frozenset[str]) -> None:
        self._rng = rng
        self._without = without
        self.position = Position("e0", 0, "")
        self.messages: list[KeptMessage] = []
        self._numbered: dict[str, KeptMessage] = {}
        self.truth: dict[tuple[str, int], str] = {}
        """Text of each message of the surviving history, only for the check."""
        self.replicate()

    def replicate(self) -> None:
        self._replica = (self.position, list(self.messages), dict(self._numbered), dict(self.truth))

    def fail_over(self) -> None:
        position, messages, numbered, truth = self._replica
        self.position, self.messages, self._numbered, self.truth = (
            position,
            list(messages),
            dict(numbered),
            dict(truth),
        )

    def flush(self) -> None:
        self.position, self.messages, self._numbered = Position(self._random("e"), 0, ""), [], {}

    def publish(self, text: str) -> KeptMessage | None:
        if text in self._numbered and "dedupe" not in self._without:
            return None
        epoch, seq, previous = self.position
        mark = "" if "marks" in self._without else self._random("")
        position = Position(epoch, seq + 1, mark)
        message = KeptMessage(CHANNEL, position, previous, text.encode(), frozenset(), 0.0)
        self.position, self._numbered[text] = position, message
        self.messages = [*self.messages, message][-KEEP:]
        self.truth[epoch, seq + 1] = text
        return message

    def renew(self, epoch: str) -> Position:
        """Begin a new epoch, unless another process has done so."""
        if self.position.epoch == epoch:
            self.position, self.messages = Position(self._random("e"), 0, ""), []
        return self.position

    def _random(self, prefix: str) -> str:
        return f"{prefix}{self._rng.getrandbits(32):x}"


class Process:
    """Process with the real rule. Reading the history takes several steps, and may fail."""

    def __init__(self, redis: Redis, rng: random.Random) -> None:
        self._redis = redis
        self._rng = rng
        self.bus: list[KeptMessage] = []
        self.pages: list[Page] = []
        self.log = ChannelLog(redis.position, self._deliver, count=KEEP - 2)
        self._result: tuple[Position, Sequence[KeptMessage]] | None = None
        self._work: Callable[[], None] | None = None
        self._waiting: list[tuple[Page, Position]] = []
        self._asked: list[tuple[Page, Position]] = []

    def step(self) -> None:
        """Receive a message of the bus, or continue a reading."""
        if self._work is not None and (not self.bus or self._rng.random() < 0.5):
            work, self._work = self._work, None
            work()
        elif self.bus:
            self._act(self.log.receive(self.bus.pop(0 if self._rng.random() < 0.9 else -1)))

    @property
    def busy(self) -> bool:
        return bool(self.bus) or self._work is not None

    def read(self) -> None:
        """Begin to read the history, as after a look at the heads."""
        if self._work is None:
            self.log.begin_reading()
            self._asked, self._waiting = [*self._asked, *self._waiting], []
            self._work = self._request

    def resume(self, page: Page, position: Position) -> None:
        missed = self.log.missed(position)
        if isinstance(missed, Unknown):
            self._waiting.append((page, position))
            self.read()
        else:
            self._answer(page, missed)

    def _request(self) -> None:
        if self._rng.random() < 0.1:
            self.log.cancel_reading()
            self.read()
            return
        result = (self._redis.position, self._redis.messages)
        self._work = lambda: self._finish(*result)

    def _finish(self, head: Position, messages: Sequence[KeptMessage]) -> None:
        status = self.log.finish_reading(head, messages)
        asked, self._asked = self._asked, []
        if status is LogStatus.LOST:
            self._reset(head)
        else:
            self._act(status)
            if status is not LogStatus.DIVERGED:
                for page, position in asked:
                    if page.process is self:
                        self._answer(page, self.log.missed_in(messages, position))
        if self._waiting:
            self.read()

    def _act(self, status: LogStatus) -> None:
        if status is LogStatus.BEHIND:
            self.read()
        elif status is LogStatus.DIVERGED:
            self._work = lambda: self._reset(self._redis.renew(self.log.position.epoch))

    def _reset(self, position: Position) -> None:
        self._waiting, self._asked = [], []
        for page in self.pages:
            page.link.append(Reset(position))
        self._act(self.log.reset(position))

    def _answer(self, page: Page, missed: Sequence[KeptMessage] | None) -> None:
        page.link.extend(Kept.of(message) for message in missed or ())
        page.link.append(Resumed(self.log.position if missed is None else None))

    def _deliver(self, message: KeptMessage) -> None:
        for page in self.pages:
            page.link.append(Kept.of(message))


class Joined(NamedTuple):
    position: Position


class Reset(NamedTuple):
    position: Position


class Resumed(NamedTuple):
    position: Position | None
    """New position; None if the page has received all missed messages."""


class Kept(NamedTuple):
    """Frame of a kept message, which does not contain the epoch."""

    seq: int
    mark: str
    text: str

    @classmethod
    def of(cls, message: KeptMessage) -> Kept:
        return cls(message.position.seq, message.position.mark, message.text.decode())


@dataclass(eq=False)
class Page:
    """Page with the rule of delivery.md. Frames in both directions take time."""

    without: frozenset[str]
    position: Position | None = None
    process: Process | None = None
    link: list[Joined | Reset | Resumed | Kept] = field(default_factory=list)
    requests: list[Position] = field(default_factory=list)
    held: list[Kept] = field(default_factory=list)
    waiting: bool = False
    applied: list[tuple[str, int, str]] = field(default_factory=list)
    """Epoch, number and text of each message since the last reset."""

    def join(self, process: Process) -> None:
        self.process = process
        process.pages.append(self)
        self.link.append(Joined(process.log.position))

    def drop(self) -> None:
        if self.process is not None:
            self.process.pages.remove(self)
        self.process, self.link, self.requests, self.held, self.waiting = None, [], [], [], False

    def step(self) -> None:
        """Receive a frame."""
        frame = self.link.pop(0)
        if isinstance(frame, Joined):
            self._joined(frame.position)
        elif isinstance(frame, Reset):
            self._begin_at(frame.position)
        elif isinstance(frame, Resumed):
            self._resumed(frame)
        elif self.waiting and "hold" not in self.without:
            self.held.append(frame)
        else:
            self._apply(frame)

    def send(self) -> None:
        """Deliver a request to the process."""
        assert self.process is not None
        self.process.resume(self, self.requests.pop(0))

    def _joined(self, position: Position) -> None:
        if self.position is None:
            self.position = position
        elif position != self.position:
            epoch, seq, _ = self.position
            if "always-resume" in self.without and position.epoch == epoch and position.seq <= seq:
                return
            self._ask()

    def _resumed(self, frame: Resumed) -> None:
        if frame.position is not None:
            self._begin_at(frame.position)
            return
        self.waiting = False
        held, self.held = self.held, []
        for kept in sorted({(one.seq, one.mark): one for one in held}.values(), key=lambda one: one.seq):
            self._apply(kept)

    def _begin_at(self, position: Position) -> None:
        # Frames before this one have numbers up to the position, or belong to another epoch.
        self.position, self.applied, self.held, self.waiting = position, [], [], False

    def _apply(self, kept: Kept) -> None:
        assert self.position is not None
        epoch, seq, mark = self.position
        if self.waiting and "hold" not in self.without:
            self.held.append(kept)
        elif kept.seq > seq + 1 or (kept.seq == seq and kept.mark != mark):
            if "hold" not in self.without:
                self.held.append(kept)
            self._ask()
        elif kept.seq == seq + 1:
            self.position = Position(epoch, kept.seq, kept.mark)
            self.applied.append((epoch, kept.seq, kept.text))

    def _ask(self) -> None:
        if not self.waiting and self.position is not None:
            self.waiting = True
            self.requests.append(self.position)


def run_history(
    seed: int,
    *,
    without: Sequence[str] = (),
    steps: int = 160,
    weights: Mapping[str, float] = WEIGHTS,
    page_class: type[Page] = Page,
) -> None:
    """Run one history; raise :exc:`Violation` if a page differs from the truth.

    Args:
        seed: Seed of the random numbers.
        without: Rules that are switched off.
        steps: Number of steps before everything is delivered.
        weights: Frequencies of the kinds of steps.
        page_class: Class of the pages.
    """
    rng, off = random.Random(seed), frozenset(without)
    redis = Redis(rng, off)
    processes = [Process(redis, rng) for _ in range(rng.choice((1, 2, 3)))]
    pages = [page_class(off) for _ in range(3)]
    kinds = rng.choices(list(weights), list(weights.values()), k=steps)
    for number, kind in enumerate(kinds):
        _step(kind, rng, redis, processes, pages, number)
        for page in pages:
            _check(page, seed)
    for page in pages:
        if page.process is None:
            page.join(rng.choice(processes))
    _settle(processes, pages)
    for page in pages:
        _check(page, seed)
        _check_end(page, redis, seed)


def _step(
    kind: str,
    rng: random.Random,
    redis: Redis,
    processes: list[Process],
    pages: list[Page],
    number: int,
) -> None:
    page = rng.choice(pages)
    at = rng.randrange(len(processes))
    if kind == "publish":
        for _ in range(2 if rng.random() < 0.1 else 1):  # a publication that timed out is sent again
            if (message := redis.publish(f"m{number}")) is not None:
                _send_to_processes(rng, processes, message)
    elif kind == "process":
        processes[at].step()
    elif kind == "page":
        if page.link:
            page.step()
    elif kind == "request":
        if page.requests:
            page.send()
    elif kind == "connection":
        if page.process is None:
            page.join(processes[at])
        else:
            page.drop()
    elif kind == "replicate":
        redis.replicate()
    elif kind == "failover":
        redis.fail_over()
    elif kind == "flush":
        redis.flush()
    elif kind == "restart":
        for lost in list(processes[at].pages):
            lost.drop()
        processes[at] = Process(redis, rng)
    else:
        processes[at].read()


def _send_to_processes(rng: random.Random, processes: list[Process], message: KeptMessage) -> None:
    for process in processes:
        copies = rng.choice((0, 1, 1, 1, 1, 1, 1, 2))  # lost, or repeated
        process.bus.extend([message] * copies)


def _settle(processes: list[Process], pages: list[Page]) -> None:
    """Deliver everything, with looks at the heads, until nothing is left to do."""
    for _ in range(8):
        for process in processes:
            process.read()
            while process.busy:
                process.step()
        for page in pages:
            while page.link or page.requests:
                if page.link:
                    page.step()
                else:
                    page.send()


def _check(page: Page, seed: int) -> None:
    for (epoch, seq, _), (next_epoch, next_seq, _) in zip(page.applied, page.applied[1:], strict=False):
        if epoch != next_epoch or next_seq != seq + 1:
            raise Violation(f"history {seed}: out of order: {page.applied}")
    texts = [text for _, _, text in page.applied]
    if len(texts) != len(set(texts)):
        raise Violation(f"history {seed}: repeated: {texts}")


def _check_end(page: Page, redis: Redis, seed: int) -> None:
    if page.position is None or page.position[:2] != redis.position[:2]:
        raise Violation(f"history {seed}: expected the end {redis.position}, got {page.position}")
    for epoch, seq, text in page.applied:
        if redis.truth.get((epoch, seq)) != text:
            raise Violation(f"history {seed}: hole at {seq}: got {text}, expected {redis.truth.get((epoch, seq))}")
