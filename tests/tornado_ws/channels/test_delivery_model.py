"""Random histories of one channel: nothing is lost, repeated or reordered without a reset.

``DELIVERY_HISTORIES`` is the number of histories, 2,000 by default.
"""

from __future__ import annotations

import os

import pytest

from .delivery_model import DROPS, RULES, WEIGHTS, Violation, run_history

HISTORIES = int(os.environ.get("DELIVERY_HISTORIES", "2000"))
PARTS = 4


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.parametrize("part", range(PARTS))
def test_no_history_has_a_silent_hole(part: int):
    for seed in range(part, HISTORIES, PARTS):
        run_history(seed, weights=DROPS if seed % 2 else WEIGHTS)


@pytest.mark.parametrize("rule", RULES)
def test_model_fails_without_a_rule(rule: str):
    with pytest.raises(Violation):
        for seed in range(1000, 5000):
            run_history(seed, without=(rule,), weights=DROPS if rule == "hold" else WEIGHTS)
