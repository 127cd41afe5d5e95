"""Order of type aliases."""

from __future__ import annotations

from codegen.emit.python.aliases import AliasStatement, dependency_order
from codegen.emit.templates import Code
from codegen.identifiers import Name


def alias(name: str, *references: str, allows_forward_refs: bool = False) -> AliasStatement:
    return AliasStatement(
        name=Name(name),
        references=frozenset(references),
        allows_forward_refs=allows_forward_refs,
        render=lambda undefined: Code(f"{name}: {', '.join(sorted(undefined & {*references}))}"),
    )


def test_alias_follows_those_that_it_refers_to() -> None:
    statements = dependency_order([alias("A", "B"), alias("B", "C", "str"), alias("C")])

    assert ["C: ", "B: ", "A: "] == [*statements]


def test_cycle_starts_with_an_alias_that_allows_forward_references() -> None:
    statements = dependency_order([alias("A", "B"), alias("B", "A", allows_forward_refs=True)])

    assert ["B: A", "A: "] == [*statements]


def test_recursive_alias_refers_to_itself_before_it_is_defined() -> None:
    assert ["A: A"] == [*dependency_order([alias("A", "A")])]


def test_thousands_of_aliases_are_ordered() -> None:
    count = 3000
    statements = dependency_order([alias(f"A{at}", f"A{at + 1}") for at in range(count)])

    assert [f"A{at}: " for at in reversed(range(count))] == [*statements]
