"""Codegen with msgspec models on published schemas."""

from __future__ import annotations

import pytest

from .generated_code import GeneratedCode
from .published import selected

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> GeneratedCode:
    return GeneratedCode(folder=tmp_path_factory.mktemp("published"), schemas=selected(), models="msgspec")


def test_codegen_ends_with_code_or_problems_within_its_limits(generated: GeneratedCode) -> None:
    failures = generated.failures()

    assert not failures, failures


def test_problems_are_those_of_the_list(generated: GeneratedCode) -> None:
    problems = generated.unexpected_problems()

    assert not problems, problems


def test_type_checkers_accept_the_modules(generated: GeneratedCode) -> None:
    assert "" == generated.python_errors()
    assert [] == generated.pyright_errors()


def test_strict_typescript_accepts_the_clients(generated: GeneratedCode) -> None:
    generated.check_client()


def test_under_two_percent_of_the_classes_of_each_package_have_a_number(generated: GeneratedCode) -> None:
    many = {
        package: (len(numbered), count, numbered[:10])
        for package, (numbered, count) in generated.numbered_classes().items()
        if len(numbered) > max(1, 0.02 * count)
    }

    assert not many, many
