"""Statements for the definitions without a class: aliases, untagged unions and typed dictionaries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set

from ... import model
from ...identifiers import Name
from ..templates import Code
from .aliases import AliasStatement, leaves
from .annotations import AnnotationBuilder, UntaggedUnion
from .classes import alias_statement, full_description, typed_dict, untagged_alias
from .python_printer import Node, subscript
from .unions import is_struct

__all__ = ["alias_statements"]

OPEN_OBJECT = subscript("dict", Code("str"), Code("typing.Any"))


def alias_statements(
    definitions: Iterable[model.Definition],
    names: Mapping[str, Name],
    builder: AnnotationBuilder,
    proved: Set[tuple[str, str]],
) -> Iterator[AliasStatement]:
    """Yield the statement of each type without a class.

    Args:
        definitions: Definitions of the module.
        names: Their names in Python.
        builder: Annotations of the module.
        proved: Names of untagged unions, and pointers to schemas that the types of their members guarantee; it may grow
            until the statements are rendered.
    """
    for definition in definitions:
        name = names[definition.name]
        if isinstance(definition, model.Alias) and builder.is_untagged_union(definition):
            union = builder.untagged_union(name, definition.type, full_description(definition))
            yield _untagged_union(union, proved)
        elif isinstance(definition, model.Alias):
            annotation = builder.annotation(definition.type, name)
            yield _type_alias(name, annotation, full_description(definition))
        elif not is_struct(definition) and definition.keeps:
            yield _type_alias(name, OPEN_OBJECT, full_description(definition))  # a TypedDict drops other members
        elif not is_struct(definition):
            yield _typed_dict(name, typed_dict(definition, name, builder))
    for union in builder.untagged_unions:  # includes those found by the loop above
        yield _untagged_union(union, proved)


def _untagged_union(union: UntaggedUnion, proved: Set[tuple[str, str]]) -> AliasStatement:
    return AliasStatement(
        name=union.name,
        references=frozenset(leaves(union.annotation)),
        allows_forward_refs=True,
        render=lambda undefined_names: untagged_alias(union, undefined_names, proved),
    )


def _typed_dict(name: Name, code: Code) -> AliasStatement:
    return AliasStatement(name=name, references=frozenset(), allows_forward_refs=True, render=lambda _: code)


def _type_alias(name: Name, annotation: Node, description: str) -> AliasStatement:
    return AliasStatement(
        name=name,
        references=frozenset(leaves(annotation)),
        allows_forward_refs=False,
        render=lambda _: alias_statement(name, annotation, description),
    )
