from __future__ import annotations

import sys
import time

from tornado_ws.websocket.settings import Counters
from tornado_ws.websocket.write_queue import WRITE_BYTES, SocketWriteQueue, WriteQueue


def blocked(limit: int = 100, *, head: bytes = b"head") -> tuple[SocketWriteQueue, Counters]:
    """Return the queue of a client that stopped reading in the middle of a frame."""
    counters = Counters()
    return SocketWriteQueue(memoryview(head), limit, counters, 0.0), counters


def drained(queue: SocketWriteQueue, now: float = 0.0) -> bytes:
    """Return the bytes that the client receives when it reads again."""
    data = b""
    while queue.head is not None:
        data += queue.head
        queue.advance(len(queue.head), now)
    return data


def test_frames_follow_the_head_in_order():
    queue, _ = blocked()
    for letter in b"abc":
        assert queue.put(bytes([letter]), 0.0)

    assert 7 == queue.size
    assert 3 == len(queue)
    assert b"headabc" == drained(queue)
    assert 0 == queue.size


def test_head_is_written_in_parts():
    queue, _ = blocked()
    queue.put(b"next", 0.0)

    queue.advance(2, 1.0)

    assert 6 == queue.size
    assert b"adnext" == drained(queue)


def test_frame_above_the_limit_is_rejected():
    queue, counters = blocked(100)
    assert queue.put(b"x" * 96, 0.0)

    assert not queue.put(b"y", 0.0)
    assert Counters() == counters


def test_any_frame_is_accepted_while_half_of_the_limit_is_free():
    queue, _ = blocked(100, head=b"h" * 50)

    assert queue.put(b"x" * 1000, 0.0)
    assert not queue.put(b"y", 0.0)


def test_volatile_frame_is_dropped_if_other_frames_fill_the_queue():
    queue, counters = blocked(100)
    queue.put(b"x" * 96, 0.0)

    assert queue.put(b"v", 0.0, volatile=True)
    assert Counters(dropped=1) == counters
    assert b"head" + b"x" * 96 == drained(queue)


def test_queued_volatile_frames_are_dropped_for_other_frames():
    queue, counters = blocked(100)
    queue.put(b"v" * 50, 0.0, volatile=True)
    queue.put(b"x" * 46, 0.0)

    assert queue.put(b"y" * 40, 0.0)
    assert Counters(dropped=1) == counters
    assert b"head" + b"x" * 46 + b"y" * 40 == drained(queue)


def test_oldest_volatile_frames_give_way_to_newer_ones():
    queue, counters = blocked(100)
    for number in range(1000):
        assert queue.put(b"%03d" % number, 0.0, volatile=True)

    assert Counters(dropped=1000 - 96 // 3) == counters
    assert b"head" + b"".join(b"%03d" % number for number in range(1000 - 96 // 3, 1000)) == drained(queue)


def test_only_as_many_volatile_frames_are_dropped_as_a_frame_needs():
    queue, counters = blocked(100)
    for letter in b"abcd":
        queue.put(bytes([letter]) * 24, 0.0, volatile=True)

    assert queue.put(b"x" * 30, 0.0)

    assert Counters(dropped=2) == counters
    assert b"head" + b"c" * 24 + b"d" * 24 + b"x" * 30 == drained(queue)


def test_no_volatile_frame_is_dropped_in_vain():
    queue, counters = blocked(100)
    queue.put(b"v" * 6, 0.0, volatile=True)
    queue.put(b"x" * 90, 0.0)

    assert not queue.put(b"y" * 40, 0.0)
    assert queue.put(b"w" * 40, 0.0, volatile=True)
    assert Counters(dropped=1) == counters
    assert b"head" + b"v" * 6 + b"x" * 90 == drained(queue)


def test_replaced_and_written_volatile_frames_leave_no_trace():
    queue, counters = blocked(100)
    queue.put(b"a1", 0.0, volatile=True, latest="a")
    queue.put(b"b1", 0.0, volatile=True)
    queue.put(b"a2", 0.0, volatile=True, latest="a")
    assert b"headb1a2" == drained(queue)

    queue = SocketWriteQueue(memoryview(b"h" * 90), 100, counters, 0.0)
    assert queue.put(b"v" * 10, 0.0, volatile=True, latest="a")
    assert queue.put(b"w" * 10, 0.0, volatile=True)

    assert Counters(coalesced=1, dropped=1) == counters
    assert b"h" * 90 + b"w" * 10 == drained(queue)


def test_clear_forgets_volatile_frames():
    queue, counters = blocked(100)
    queue.put(b"v" * 90, 0.0, volatile=True)

    queue.clear()
    queue.put(b"w" * 90, 0.0, volatile=True)
    queue.put(b"x" * 90, 0.0)

    assert Counters(dropped=1) == counters
    assert b"head" + b"x" * 90 == drained(queue)


def test_dropping_takes_constant_time_for_each_frame():
    count = 20_000
    queue, counters = blocked(count * 8)
    began = time.process_time()
    for _ in range(10 * count):
        queue.put(b"volatile", 0.0, volatile=True)

    # Dropping with a scan of the queue takes minutes.
    assert time.process_time() - began < 10
    assert counters.dropped > 8 * count


def test_latest_frame_replaces_the_queued_frame_with_its_key():
    queue, counters = blocked(100)
    queue.put(b"a1", 0.0, latest="a")
    queue.put(b"b1", 0.0, latest="b")
    queue.put(b"--", 0.0)

    queue.put(b"a2", 0.0, latest="a")

    assert Counters(coalesced=1) == counters
    assert b"headb1--a2" == drained(queue)


def test_replaced_frame_does_not_count_towards_the_limit():
    queue, _ = blocked(100)
    queue.put(b"a" * 60, 0.0, latest="a")
    queue.put(b"x" * 36, 0.0)

    for _ in range(1000):
        assert queue.put(b"A" * 60, 0.0, latest="a")

    assert 100 == queue.size


def test_frame_in_flight_is_not_replaced():
    queue, _ = blocked()
    queue.put(b"a1", 0.0, latest="a")
    queue.advance(4, 0.0)

    queue.put(b"a2", 0.0, latest="a")

    assert b"a1a2" == drained(queue)


def test_number_as_a_key_does_not_replace_frames_without_a_key():
    queue, _ = blocked()
    queue.put(b"first", 0.0)

    for number in range(10_000):
        queue.put(b".", 0.0, latest=number)
        if queue.size > 90:
            break

    assert drained(queue).startswith(b"headfirst.")


def test_queued_frames_are_joined_up_to_a_size():
    queue, _ = blocked(1 << 20)
    for _ in range(100):
        queue.put(b"x" * 5000, 0.0)

    queue.advance(4, 0.0)

    assert queue.head is not None
    assert WRITE_BYTES <= len(queue.head) <= WRITE_BYTES + 5000


def test_control_frame_is_accepted_above_the_limit():
    queue, _ = blocked(10)
    queue.put(b"x" * 1000, 0.0)

    queue.put_control(b"close", 0.0)

    assert drained(queue).endswith(b"close")


def test_only_the_latest_pong_is_queued_and_precedes_other_frames():
    queue, _ = blocked()
    queue.put(b"x", 0.0)
    queue.pong = b"old"
    queue.pong = b"pong"

    assert b"headpongx" == drained(queue)


def test_clear_keeps_the_head():
    queue, _ = blocked()
    queue.put(b"x", 0.0)

    queue.clear()

    assert 4 == queue.size
    assert b"head" == drained(queue)


def test_age_is_that_of_the_oldest_frame():
    queue, _ = blocked()
    assert 0.0 == queue.waiting_since()
    queue.put(b"x", 3.0)
    queue.put(b"y", 4.0)

    queue.advance(2, 5.0)
    assert 3.0 == queue.waiting_since()

    queue.advance(2, 6.0)
    assert 6.0 == queue.waiting_since()  # both frames are in flight


def test_size_includes_pongs_in_flight():
    queue, _ = blocked()
    queue.pong = b"pong"
    queue.put(b"x", 0.0)

    drained(queue)

    assert 0 == queue.size


def test_taken_frames_are_in_flight_until_they_are_written():
    queue = WriteQueue(10, 100, Counters(), 0.0)
    for frame in (b"one", b"two", b"three"):
        queue.put(frame, 0.0)

    assert [b"one", b"two"] == queue.take(4)
    assert (16, 21) == (queue.in_flight, queue.size)

    queue.written(16, 1.0)
    assert (0, 5) == (queue.in_flight, queue.size)

    assert [b"three"] == queue.take(sys.maxsize)
    assert [] == queue.take(sys.maxsize)


def test_frame_written_without_waiting_counts_towards_the_limit():
    queue = WriteQueue(0, 100, Counters(), 0.0)

    queue.add_in_flight(60)

    assert not queue.put(b"x" * 41, 0.0)
    assert queue.put(b"x" * 40, 0.0)
