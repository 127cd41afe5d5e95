from __future__ import annotations

import asyncio
import time

import pytest

from tornado_ws.prometheus import loop_lag
from tornado_ws.prometheus.loop_lag import LoopLag


@pytest.mark.gen_test
async def test_work_that_blocks_the_event_loop_is_measured(monkeypatch):
    monkeypatch.setattr(loop_lag, "INTERVAL", 0.02)
    lag = LoopLag()
    lag.start()
    await asyncio.sleep(0.01)

    time.sleep(0.3)  # noqa: ASYNC251
    await asyncio.sleep(0.001)

    assert 1 <= sum(lag.times.counts) <= 2
    assert 0.25 < lag.times.total < 5


@pytest.mark.gen_test
async def test_second_start_measures_once(monkeypatch):
    monkeypatch.setattr(loop_lag, "INTERVAL", 0.05)
    lag = LoopLag()
    lag.start()
    lag.start()

    await asyncio.sleep(0.07)

    assert 1 == sum(lag.times.counts)
