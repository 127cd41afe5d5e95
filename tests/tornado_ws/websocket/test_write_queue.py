from __future__ import annotations

from tornado_ws.websocket.settings import Counters
from tornado_ws.websocket.write_queue import WRITE_BYTES, SocketWriteQueue


def blocked(limit: int = 100, *, head: bytes = b"head") -> tuple[SocketWriteQueue, Counters]:
    """Return an queue whose client has stopped reading in the middle of a frame."""
    counters = Counters()
    return SocketWriteQueue(memoryview(head), limit, counters, 0.0), counters


def drained(queue: SocketWriteQueue, now: float = 0.0) -> bytes:
    """Return what the client gets when it reads again."""
    data = b""
    while queue.head is not None:
        data += queue.head
        queue.advance(len(queue.head), now)
    return data


def test_what_waits_leaves_in_order_behind_what_was_begun():
    queue, _ = blocked()
    for letter in b"abc":
        assert queue.put(bytes([letter]), 0.0)

    assert 7 == queue.size
    assert b"headabc" == drained(queue)
    assert 0 == queue.size


def test_half_of_the_head_may_leave():
    queue, _ = blocked()
    queue.put(b"next", 0.0)

    queue.advance(2, 1.0)

    assert 6 == queue.size
    assert b"adnext" == drained(queue)


def test_there_is_no_room_beyond_the_limit():
    queue, counters = blocked(100)
    assert queue.put(b"x" * 96, 0.0)

    assert not queue.put(b"y", 0.0)
    assert Counters() == counters


def test_any_frame_fits_while_half_is_free():
    queue, _ = blocked(100, head=b"h" * 50)

    assert queue.put(b"x" * 1000, 0.0)
    assert not queue.put(b"y", 0.0)


def test_volatile_frames_are_dropped_for_want_of_room():
    queue, counters = blocked(100)
    queue.put(b"x" * 96, 0.0)

    assert queue.put(b"v", 0.0, volatile=True)
    assert Counters(dropped=1) == counters
    assert b"head" + b"x" * 96 == drained(queue)


def test_volatile_frames_make_room_for_others():
    queue, counters = blocked(100)
    queue.put(b"v" * 50, 0.0, volatile=True)
    queue.put(b"x" * 46, 0.0)

    assert queue.put(b"y" * 40, 0.0)
    assert Counters(dropped=1) == counters
    assert b"head" + b"x" * 46 + b"y" * 40 == drained(queue)


def test_the_latest_of_a_key_replaces_its_predecessor():
    queue, counters = blocked(100)
    queue.put(b"a1", 0.0, latest="a")
    queue.put(b"b1", 0.0, latest="b")
    queue.put(b"--", 0.0)

    queue.put(b"a2", 0.0, latest="a")

    assert Counters(coalesced=1) == counters
    assert b"headb1--a2" == drained(queue)


def test_the_latest_of_a_key_needs_no_room_beside_its_predecessor():
    queue, _ = blocked(100)
    queue.put(b"a" * 60, 0.0, latest="a")
    queue.put(b"x" * 36, 0.0)

    for _ in range(1000):
        assert queue.put(b"A" * 60, 0.0, latest="a")

    assert 100 == queue.size


def test_what_was_begun_is_not_replaced():
    queue, _ = blocked()
    queue.put(b"a1", 0.0, latest="a")
    queue.advance(4, 0.0)

    queue.put(b"a2", 0.0, latest="a")

    assert b"a1a2" == drained(queue)


def test_a_key_is_not_mistaken_for_a_number():
    queue, _ = blocked()
    queue.put(b"first", 0.0)

    for number in range(10_000):
        queue.put(b".", 0.0, latest=number)
        if queue.size > 90:
            break

    assert drained(queue).startswith(b"headfirst.")


def test_waiting_frames_leave_in_chunks():
    queue, _ = blocked(1 << 20)
    for _ in range(100):
        queue.put(b"x" * 5000, 0.0)

    queue.advance(4, 0.0)

    assert queue.head is not None
    assert WRITE_BYTES <= len(queue.head) <= WRITE_BYTES + 5000


def test_the_last_frame_finds_room_always():
    queue, _ = blocked(10)
    queue.put(b"x" * 1000, 0.0)

    queue.put_control(b"close", 0.0)

    assert drained(queue).endswith(b"close")


def test_only_the_latest_pong_waits_and_it_goes_first():
    queue, _ = blocked()
    queue.put(b"x", 0.0)
    queue.pong = b"old"
    queue.pong = b"pong"

    assert b"headpongx" == drained(queue)


def test_what_was_begun_survives_forgetting():
    queue, _ = blocked()
    queue.put(b"x", 0.0)

    queue.clear()

    assert 4 == queue.size
    assert b"head" == drained(queue)


def test_age_is_that_of_the_oldest_frame():
    queue, _ = blocked()
    assert 0.0 == queue.oldest()
    queue.put(b"x", 3.0)
    queue.put(b"y", 4.0)

    queue.advance(2, 5.0)
    assert 3.0 == queue.oldest()

    queue.advance(2, 6.0)
    assert 6.0 == queue.oldest()  # both frames are on their way now


def test_size_is_right_when_pongs_leave():
    queue, _ = blocked()
    queue.pong = b"pong"
    queue.put(b"x", 0.0)

    drained(queue)

    assert 0 == queue.size
