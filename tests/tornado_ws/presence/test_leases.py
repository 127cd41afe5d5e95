from __future__ import annotations

from tornado_ws.presence import leases as module
from tornado_ws.presence.entries import Beat
from tornado_ws.presence.leases import Leases


def beat(round: int = 0, *, lease: float = 5.0, process: str = "p2") -> Beat:
    return Beat(process=process, lease=lease, round=round)


def test_lease_ends_without_a_sign_of_life():
    leases = Leases(10.0)
    leases.hear("p1", 0, 0.0)
    assert leases.receive(beat(), 1.0) is None

    assert leases.end(5.9) == []
    assert leases.end(6.0) == ["p2"]  # with its own lease
    assert leases.end(10.0) == ["p1"]
    assert leases.end(100.0) == []


def test_renewed_leases_do_not_end():
    leases = Leases(10.0)
    leases.hear("p1", 0, 0.0)
    leases.renew(9.0)

    assert leases.end(18.9) == []


def test_process_whose_lease_has_ended_must_begin_another_round():
    leases = Leases(10.0)
    leases.receive(beat(3), 0.0)
    leases.end(5.0)

    assert leases.receive(beat(3), 6.0) == 3
    assert leases.receive(beat(4), 7.0) is None
    assert leases.receive(beat(4), 8.0) is None


def test_few_ended_processes_are_remembered(monkeypatch):
    monkeypatch.setattr(module, "MAX_DROPPED", 2)
    leases = Leases(10.0)
    for name in "abc":
        leases.hear(name, 0, 0.0)
    leases.end(10.0)

    assert [leases.receive(beat(process=name), 11.0) for name in "abc"] == [None, 0, 0]
