"""Codegen with pydantic models on published schemas."""

from __future__ import annotations

import pytest

from .generated_code import GeneratedCode
from .published import selected

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> GeneratedCode:
    return GeneratedCode(folder=tmp_path_factory.mktemp("published"), schemas=selected(), models="pydantic")


def test_codegen_ends_with_code_or_problems_within_its_limits(generated: GeneratedCode) -> None:
    failures = generated.failures()

    assert not failures, failures


def test_problems_are_those_of_the_list(generated: GeneratedCode) -> None:
    problems = generated.unexpected_problems()

    assert not problems, problems


def test_type_checkers_accept_the_modules(generated: GeneratedCode) -> None:
    assert "" == generated.python_errors()
    assert [] == generated.pyright_errors()
