from __future__ import annotations

from tornado_ws.websocket.settings import Counters
from tornado_ws.websocket.write_queue import CHUNK, WriteQueue


def blocked(limit: int = 100, *, head: bytes = b"head") -> tuple[WriteQueue, Counters]:
    """Return an outbox whose client has stopped reading in the middle of a frame."""
    counters = Counters()
    return WriteQueue(memoryview(head), limit, counters, 0.0), counters


def drained(outbox: WriteQueue, now: float = 0.0) -> bytes:
    """Return what the client gets when it reads again."""
    data = b""
    while outbox.head is not None:
        data += outbox.head
        outbox.advance(len(outbox.head), now)
    return data


def test_what_waits_leaves_in_order_behind_what_was_begun():
    outbox, _ = blocked()
    for letter in b"abc":
        assert outbox.put(bytes([letter]), 0.0)

    assert 7 == outbox.size
    assert b"headabc" == drained(outbox)
    assert 0 == outbox.size


def test_half_of_the_head_may_leave():
    outbox, _ = blocked()
    outbox.put(b"next", 0.0)

    outbox.advance(2, 1.0)

    assert 6 == outbox.size
    assert b"adnext" == drained(outbox)


def test_there_is_no_room_beyond_the_limit():
    outbox, counters = blocked(100)
    assert outbox.put(b"x" * 96, 0.0)

    assert not outbox.put(b"y", 0.0)
    assert Counters() == counters


def test_any_frame_fits_while_half_is_free():
    outbox, _ = blocked(100, head=b"h" * 50)

    assert outbox.put(b"x" * 1000, 0.0)
    assert not outbox.put(b"y", 0.0)


def test_volatile_frames_are_dropped_for_want_of_room():
    outbox, counters = blocked(100)
    outbox.put(b"x" * 96, 0.0)

    assert outbox.put(b"v", 0.0, volatile=True)
    assert Counters(dropped=1) == counters
    assert b"head" + b"x" * 96 == drained(outbox)


def test_volatile_frames_make_room_for_others():
    outbox, counters = blocked(100)
    outbox.put(b"v" * 50, 0.0, volatile=True)
    outbox.put(b"x" * 46, 0.0)

    assert outbox.put(b"y" * 40, 0.0)
    assert Counters(dropped=1) == counters
    assert b"head" + b"x" * 46 + b"y" * 40 == drained(outbox)


def test_the_latest_of_a_key_replaces_its_predecessor():
    outbox, counters = blocked(100)
    outbox.put(b"a1", 0.0, latest="a")
    outbox.put(b"b1", 0.0, latest="b")
    outbox.put(b"--", 0.0)

    outbox.put(b"a2", 0.0, latest="a")

    assert Counters(coalesced=1) == counters
    assert b"headb1--a2" == drained(outbox)


def test_the_latest_of_a_key_needs_no_room_beside_its_predecessor():
    outbox, _ = blocked(100)
    outbox.put(b"a" * 60, 0.0, latest="a")
    outbox.put(b"x" * 36, 0.0)

    for _ in range(1000):
        assert outbox.put(b"A" * 60, 0.0, latest="a")

    assert 100 == outbox.size


def test_what_was_begun_is_not_replaced():
    outbox, _ = blocked()
    outbox.put(b"a1", 0.0, latest="a")
    outbox.advance(4, 0.0)

    outbox.put(b"a2", 0.0, latest="a")

    assert b"a1a2" == drained(outbox)


def test_a_key_is_not_mistaken_for_a_number():
    outbox, _ = blocked()
    outbox.put(b"first", 0.0)

    for number in range(10_000):
        outbox.put(b".", 0.0, latest=number)
        if outbox.size > 90:
            break

    assert drained(outbox).startswith(b"headfirst.")


def test_waiting_frames_leave_in_chunks():
    outbox, _ = blocked(1 << 20)
    for _ in range(100):
        outbox.put(b"x" * 5000, 0.0)

    outbox.advance(4, 0.0)

    assert outbox.head is not None
    assert CHUNK <= len(outbox.head) <= CHUNK + 5000


def test_the_last_frame_finds_room_always():
    outbox, _ = blocked(10)
    outbox.put(b"x" * 1000, 0.0)

    outbox.put_last(b"close", 0.0)

    assert drained(outbox).endswith(b"close")


def test_only_the_latest_pong_waits_and_it_goes_first():
    outbox, _ = blocked()
    outbox.put(b"x", 0.0)
    outbox.pong = b"old"
    outbox.pong = b"pong"

    assert b"headpongx" == drained(outbox)


def test_what_was_begun_survives_forgetting():
    outbox, _ = blocked()
    outbox.put(b"x", 0.0)

    outbox.forget()

    assert 4 == outbox.size
    assert b"head" == drained(outbox)


def test_age_is_that_of_the_oldest_frame():
    outbox, _ = blocked()
    assert 0.0 == outbox.oldest()
    outbox.put(b"x", 3.0)
    outbox.put(b"y", 4.0)

    outbox.advance(2, 5.0)
    assert 3.0 == outbox.oldest()

    outbox.advance(2, 6.0)
    assert 6.0 == outbox.oldest()  # both frames are on their way now


def test_size_is_right_when_pongs_leave():
    outbox, _ = blocked()
    outbox.pong = b"pong"
    outbox.put(b"x", 0.0)

    drained(outbox)

    assert 0 == outbox.size
