"""Delivery rule of clients, also over random histories of the model for pages."""

from __future__ import annotations

import os
from functools import partial

import pytest

from tests.tornado_ws.channels.delivery_model import (
    DROPS,
    KEEP,
    WEIGHTS,
    Joined,
    Page,
    Reset,
    Resumed,
    Violation,
    run_history,
)
from tornado_ws.channels import Position
from tornado_ws.client.kept_channel import MAX_HELD, KeptChannel, KeptFrame

HISTORIES = int(os.environ.get("DELIVERY_HISTORIES", "2000")) // 4
START = Position("e", 1, "m1")


class Recorder(KeptChannel):
    """Channel that collects its effects."""

    def __init__(self) -> None:
        self.applied: list[int] = []
        self.requests: list[Position] = []
        self.losses = 0
        super().__init__(START, 5, resume=self.requests.append, lose=self.count)

    def count(self) -> None:
        self.losses += 1

    def get(self, seq: int, mark: str = "") -> None:
        self.receive(KeptFrame(seq, mark or f"m{seq}", partial(self.applied.append, seq)))


def test_next_message_is_applied_and_a_repetition_is_dropped():
    channel = Recorder()
    for seq in (2, 1, 2, 3):
        channel.get(seq)

    assert [2, 3] == channel.applied
    assert Position("e", 3, "m3") == channel.position
    assert channel.is_complete
    assert [] == channel.requests


def test_gap_and_another_mark_are_reasons_to_resume():
    for seq, mark in ((3, ""), (1, "other")):
        channel = Recorder()
        channel.get(seq, mark)
        channel.get(seq, mark)

        assert [START] == channel.requests
        assert channel.is_resuming


def test_held_messages_follow_the_answer_in_order():
    channel = Recorder()
    for seq in (4, 3, 2):
        channel.get(seq)
    channel.resumed(None)

    assert [2, 3] == channel.applied  # 4 was the reason to resume, and is sent again
    channel.get(4)
    assert [2, 3, 4] == channel.applied


def test_lost_messages_are_reported_and_held_ones_follow_the_new_position():
    channel = Recorder()
    channel.join(Position("f", 7, "x7"))
    channel.get(8)
    channel.resumed(Position("f", 7, "x7"))

    assert [8] == channel.applied
    assert channel.losses == 1
    assert not channel.is_complete


def test_reset_answers_a_request_and_drops_held_messages():
    channel = Recorder()
    channel.get(3)
    channel.get(4)
    channel.reset(Position("f", 0, ""))
    channel.get(1)

    assert [1] == channel.applied
    assert not channel.is_resuming
    assert not channel.is_complete


def test_too_many_held_messages_are_lost():
    channel = Recorder()
    channel.get(3)
    for seq in range(4, MAX_HELD + 5 + 5):
        channel.get(seq)

    assert channel.losses == 1
    assert MAX_HELD + 9 == channel.position.seq


def test_joining_at_the_same_position_needs_no_answer():
    channel = Recorder()
    channel.join(START)
    assert not channel.is_resuming
    channel.join(START._replace(mark="other"))
    assert channel.is_resuming


class ClientPage(Page):
    """Page of the model with the rule of clients."""

    channel: KeptChannel | None = None
    epoch = ""

    def step(self) -> None:
        frame = self.link.pop(0)
        if isinstance(frame, Joined):
            if self.channel is None:
                self.channel = KeptChannel(frame.position, KEEP, resume=self.requests.append, lose=self.applied.clear)
            else:
                self.channel._resume = self.requests.append
                self.channel.join(frame.position)
        elif self.channel is not None:
            if isinstance(frame, Reset):
                self.applied.clear()
                self.channel.reset(frame.position)
            elif isinstance(frame, Resumed):
                self.channel.resumed(frame.position)
            else:
                self.channel.receive(KeptFrame(frame.seq, frame.mark, partial(self.note, frame.seq, frame.text)))
        self.position = self.channel and self.channel.position

    def note(self, seq: int, text: str) -> None:
        assert self.channel is not None
        self.applied.append((self.channel.position.epoch, seq, text))


@pytest.mark.usefixtures("unmeasured")
def test_no_history_has_a_silent_hole():
    for seed in range(HISTORIES):
        run_history(seed, weights=DROPS if seed % 2 else WEIGHTS, page_class=ClientPage)


class Forgetful(ClientPage):
    """Page that does not resume if the numbers are equal or went back."""

    def step(self) -> None:
        if isinstance(frame := self.link[0], Joined) and self.channel is not None:
            epoch, seq, _ = self.channel.position
            if frame.position.epoch == epoch and frame.position.seq <= seq:
                self.channel._epoch = epoch
                self.channel.is_resuming = False
                self.channel._held = []
                self.link.pop(0)
                return
        super().step()


def test_model_fails_without_the_rule():
    with pytest.raises(Violation):
        for seed in range(1000, 5000):
            run_history(seed, weights=DROPS if seed % 2 else WEIGHTS, page_class=Forgetful)
