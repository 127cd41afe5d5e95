"""Event loop in which time passes only while nothing else can happen, for tests of long histories."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any

__all__ = ["VirtualLoop", "run"]


class _Selector(selectors.SelectSelector):
    """Selector that adds the time to wait to its clock instead of waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("nothing can happen any more")
        self.now += max(timeout, 0.0)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """Event loop with virtual time."""

    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        """Return the virtual time, in seconds."""
        return self._virtual.now


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine in virtual time; fail if it waits for something that cannot happen."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(main)
        runner.run(_cancel_tasks())


async def _cancel_tasks() -> None:
    # In several rounds, since the end of one task may start another, which asyncio would destroy.
    while tasks := asyncio.all_tasks() - {asyncio.current_task()}:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
