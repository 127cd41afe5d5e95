"""Assignment of unique names."""

from __future__ import annotations

import time

from codegen.keywords.name_assignment import Candidates, assign


def _candidates(rank: int, *names: str) -> Candidates:
    return Candidates(names=names, rank=rank)


def test_higher_rank_gets_the_name() -> None:
    found = assign({"a": _candidates(0, "Pod", "CorePod"), "b": _candidates(1, "Pod", "AppsPod")}, {})

    assert {"a": "CorePod", "b": "Pod"} == found


def test_equal_claims_exclude_each_other_in_every_order() -> None:
    one, other = _candidates(1, "Job", "CoreJob"), _candidates(1, "Job", "BatchJob")

    assert {"a": "CoreJob", "b": "BatchJob"} == assign({"a": one, "b": other}, {})
    assert {"a": "CoreJob", "b": "BatchJob"} == assign({"b": other, "a": one}, {})


def test_whole_name_comes_before_a_shortened_one() -> None:
    whole = Candidates(names=("User", "IssueUser", "GithubIssueUser"), rank=2, whole="IssueUser")
    deep = _candidates(2, "User", "IssueUser", "ForkIssueUser")

    assert {"a": "ForkIssueUser", "b": "IssueUser"} == assign({"a": deep, "b": whole}, {})


def test_longer_name_does_not_take_the_best_name_of_another() -> None:
    first, second = _candidates(1, "Job", "CoreJob"), _candidates(1, "Job", "BatchJob")

    found = assign({"a": first, "b": second, "c": _candidates(0, "CoreJob", "ItCoreJob")}, {})

    assert {"a": "Job", "b": "BatchJob", "c": "CoreJob"} == found


def test_reserved_name_goes_only_to_its_owner() -> None:
    found = assign({"a": _candidates(1, "It", "AIt"), "b": _candidates(0, "It", "BIt")}, {"It": {"b"}, "AIt": set()})

    assert {"a": "It2", "b": "It"} == found


def test_numbers_are_the_last_resort() -> None:
    found = assign({key: _candidates(0, "Tree") for key in "cab"}, {"Tree2": ()})

    assert {"a": "Tree", "b": "Tree3", "c": "Tree4"} == found


def test_time_is_linear_in_the_number_of_definitions() -> None:
    def seconds(count: int) -> float:
        candidates = {
            f"{index:06}": _candidates(1, "Same", f"S{index // 2}", f"T{index // 4}") for index in range(count)
        }
        start = time.process_time()
        assign(candidates, {})
        return time.process_time() - start

    seconds(1000)

    assert seconds(40_000) < 10 * seconds(10_000) + 0.05
