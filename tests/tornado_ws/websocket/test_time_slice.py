from __future__ import annotations

import asyncio

import pytest

from tornado_ws.websocket.time_slice import TimeSlice


@pytest.mark.gen_test
async def test_slice_is_used_up_until_the_next_turn_of_the_event_loop():
    used, unused = TimeSlice(0.0), TimeSlice(60.0)

    for _ in range(2):
        assert [True, True, False] == [used.used_up, used.used_up, unused.used_up]
        await asyncio.sleep(0)


@pytest.mark.gen_test
async def test_slice_starts_with_the_first_check_of_a_turn():
    half = TimeSlice(0.01)
    await asyncio.sleep(0.02)
    assert not half.used_up
    while not half.used_up:
        pass
    await asyncio.sleep(0)

    assert not half.used_up


@pytest.mark.gen_test
async def test_event_loop_has_one_slice_for_each_kind_of_work():
    first = TimeSlice.current("first", 1.0)

    assert TimeSlice.current("first", 1.0) is first
    assert TimeSlice.current("second", 1.0) is not first
