"""Aliases for definitions that are equivalent to another schema, such as ``{"$ref": "#/$defs/Response"}``."""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping

from .. import model
from .definition_aliases import definition_alias
from .name_parts import is_definition, is_file
from .naming import DefinitionNames
from .schema_index import SchemaNode

__all__ = ["RenamedDefinitions"]


class RenamedDefinitions:
    """Aliases of an endpoint for definitions that only refer to others."""

    def __init__(self, names: DefinitionNames, definitions: MutableMapping[str, model.Definition | None]) -> None:
        """Start without aliases.

        Args:
            names: Names of the definitions.
            definitions: Definitions by name, to which the aliases are added.
        """
        self._names = names
        self._definitions = definitions
        self.keys: set[str] = set()
        """Names of the aliases."""

    def add(self, nodes: Iterable[SchemaNode], type_: model.Type) -> model.Type:
        """Return the type of the first of several equivalent schemas: its alias, if it is a definition.

        Args:
            nodes: Schemas; each one refers to the next one, and the last one to a schema with the type.
            type_: Type of all of them.
        """
        used = {self._names.best(type_.name)} if isinstance(type_, model.Ref) else set()
        for node in reversed([*nodes]):
            if is_definition(node.pointer) and not is_file(node.pointer):
                key = self._names.key(node.pointer, node)
                if self._names.best(key) not in used:  # otherwise the other definition already has this name
                    used.add(self._names.best(key))
                    type_ = self._alias(key, node, type_)
        return type_

    def target(self, type_: model.Type) -> model.Type:
        """Return the definition behind an alias, or the type itself."""
        while isinstance(type_, model.Ref) and type_.name in self.keys:
            alias = self._definitions[type_.name]
            if not isinstance(alias, model.Alias) or not isinstance(alias.type, model.Ref):
                break
            type_ = alias.type
        return type_

    def _alias(self, key: str, node: SchemaNode, type_: model.Type) -> model.Ref:
        if key not in self.keys:
            self.keys.add(key)
            self._definitions[key] = definition_alias(key, type_, node)
        return model.Ref(name=key)
