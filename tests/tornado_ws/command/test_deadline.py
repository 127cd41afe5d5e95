from __future__ import annotations

import asyncio
import os
import re
import signal
import time

import pytest

from tornado_ws.command.deadline import MARGIN_SECONDS

from .served import serving


@pytest.mark.gen_test
@pytest.mark.parametrize("processes", ["1", "2"])
@pytest.mark.parametrize(
    ("application", "place"),
    [
        ("threads", r"_WorkItem\.run \(.*thread\.py:\d+\) in asyncio_0"),
        ("own_thread", r"OwnThread\.on_nudge\.<locals>\.<lambda> \(.*served\.py:\d+\) in reports"),
        ("blocking", r"Blocking\.on_nudge \(.*served\.py:\d+\) in MainThread"),
        ("stubborn", "tasks that suppress their cancellation"),
    ],
)
async def test_process_is_cut_off_a_second_after_its_time(tmp_path, application, place, processes):
    async with serving(tmp_path, application, "--timeout", "1", "--processes", processes) as run:
        await run.expect("listens on", int(processes))
        ann = await run.connect()
        await ann.write_message('{"type":"nudge"}')
        await run.expect("busy")
        before = time.monotonic()
        run.process.terminate()

        assert await run.ends() == 0
        assert time.monotonic() - before < 1 + MARGIN_SECONDS + 1
        assert len(re.findall(rf"process \d+ is cut off in {place}\n", run.log)) == 1, run.log


@pytest.mark.gen_test
async def test_signal_of_a_terminal_to_all_processes_counts_once(tmp_path):
    async with serving(tmp_path, "make", "--processes", "2", "--timeout", "5") as run:
        await run.expect("listens on", 2)
        ann = await run.connect()
        await ann.write_message('{"type":"nudge"}')
        await run.expect("busy")
        before = time.monotonic()
        os.killpg(run.process.pid, signal.SIGINT)

        assert await run.ends() == 0
        assert time.monotonic() - before > 4.9
        assert "is cut off" not in run.log


@pytest.mark.gen_test
@pytest.mark.parametrize("processes", ["1", "2"])
async def test_second_signal_ends_a_blocked_process(tmp_path, processes):
    async with serving(tmp_path, "blocking", "--timeout", "60", "--processes", processes) as run:
        await run.expect("listens on", int(processes))
        ann = await run.connect()
        await ann.write_message('{"type":"nudge"}')
        await run.expect("busy")
        run.process.terminate()
        await asyncio.sleep(0.5)
        run.process.terminate()

        async with asyncio.timeout(10):
            assert await run.ends() == 0
