"""Unexpected exceptions as problems."""

from __future__ import annotations

from codegen.source.diagnostics import Problem, SchemaProblems
from codegen.source.internal_errors import collecting

EXPECTED = Problem(file="a.json", code="no_schemas", message="expected")


def test_unexpected_exception_becomes_a_problem_with_its_traceback() -> None:
    problems: list[Problem] = []

    with collecting("schemas/a.json", problems):
        raise KeyError("B\nsecond line")

    (problem,) = problems
    assert (
        "schemas/a.json:1:1: unexpected exception: got KeyError: 'B\\nsecond line' [internal_error]\n"
        "  hint: an error in codegen, not in the schema; "
        "please report it with the file and the output of --traceback"
    ) == str(problem)
    assert "test_internal_errors.py" in (problem.traceback or "")
    assert "traceback" not in problem.to_json()


def test_exception_without_text_is_named_and_deep_recursion_is_explained() -> None:
    problems: list[Problem] = []

    with collecting("a.json", problems):
        raise RecursionError

    assert "RecursionError" == problems[0].got
    assert "Python 3.12 nests fewer calls" in (problems[0].hint or "")


def test_problems_are_collected_unchanged() -> None:
    problems: list[Problem] = []

    with collecting("a.json", problems):
        raise SchemaProblems([EXPECTED])

    assert [EXPECTED] == problems
