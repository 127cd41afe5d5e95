"""Search for names that the author probably meant."""

from __future__ import annotations

import time

import pytest

from codegen.schema.similar_names import SimilarNames, closest

MANY = [f"Definition{number}" for number in range(1000)] + ["OrderLine", "customer-address", "Übung"]


@pytest.mark.parametrize("known", [MANY, MANY[-4:]], ids=["many", "few"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("OrderLien", "OrderLine"),
        ("rderLine", "OrderLine"),
        ("order_line", "OrderLine"),
        ("customer-adress", "customer-address"),
        ("ustomer-addres", "customer-address"),
        ("cust", "customer-address"),
        ("Uebung", "Übung"),
        ("cu", None),
        ("", None),
        ("nothing of the kind", None),
    ],
)
def test_search_finds_the_name_with_few_differences(known: list[str], text: str, expected: str | None) -> None:
    assert closest(text, known) == expected


def test_search_among_no_names_finds_none() -> None:
    assert closest("name", []) is None


def test_many_searches_among_many_names_take_a_moment() -> None:
    names = SimilarNames(f"document-number-{number}.json" for number in range(1000))
    start = time.process_time()

    found = [names.closest(f"documant-nomber-{number}x.json") for number in range(1000)]

    assert None not in found
    assert time.process_time() - start < 10  # 0.5 s on an idle machine without coverage
