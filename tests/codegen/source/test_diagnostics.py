"""Problems and their text."""

from __future__ import annotations

from typing import Any

from codegen.source.diagnostics import Problem, SchemaProblems


def problem(**changes: Any) -> Problem:
    values: dict[str, Any] = {"file": "schemas/chat.json", "code": "wrong_type", "message": "not a message"}
    return Problem(**(values | changes))


def test_problem_has_file_line_column_pointer_and_code() -> None:
    text = str(problem(line=14, column=9, pointer="/clientMessages/close"))

    assert "schemas/chat.json:14:9: /clientMessages/close: not a message [wrong_type]" == text


def test_problem_of_the_document_has_no_pointer() -> None:
    assert "schemas/chat.json:1:1: not a message [wrong_type]" == str(problem())


def test_problem_has_expectation_value_and_hint() -> None:
    text = str(problem(expected="object", got="array", hint="write {}"))

    assert "schemas/chat.json:1:1: not a message: expected object, got array [wrong_type]\n  hint: write {}" == text


def test_problem_may_have_a_value_only() -> None:
    assert "schemas/chat.json:1:1: not a message: got array [wrong_type]" == str(problem(got="array"))


def test_text_of_a_schema_cannot_control_the_terminal() -> None:
    text = str(problem(pointer="/a\x1b[31m\nb", message="\u202eevil"))

    assert "schemas/chat.json:1:1: /a\\x1b[31m\\nb: \\u202eevil [wrong_type]" == text


def test_json_has_no_empty_fields() -> None:
    expected = {
        "file": "schemas/chat.json",
        "line": 1,
        "column": 1,
        "pointer": "",
        "code": "wrong_type",
        "message": "not a message",
        "got": "array",
        "severity": "error",
    }

    assert expected == problem(got="array").to_json()


def test_problems_are_sorted_by_position_without_duplicates() -> None:
    last, middle, first = problem(file="z.json"), problem(line=10), problem(line=9, column=70)

    raised = SchemaProblems([last, middle, first, middle])

    assert (first, middle, last) == raised.problems
    assert "\n".join(map(str, raised.problems)) == str(raised)


def test_warning_states_its_severity() -> None:
    problem = Problem(file="a.json", line=2, column=3, pointer="/x", code="odd", message="odd", severity="warning")

    assert "a.json:2:3: warning: /x: odd [odd]" == str(problem)
    assert "warning" == problem.to_json()["severity"]
