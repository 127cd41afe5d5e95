"""Classes of the enumerations of an endpoint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .... import model
from ....identifiers import Name
from ...templates import Code
from ..classes import class_statement, full_description
from ..enum_members import member_names
from ..literals import literal

__all__ = ["EnumerationClass", "enumerations"]

INDENT = "    "


@dataclass(frozen=True, kw_only=True)
class EnumerationClass:
    """Class of an enumeration."""

    key: str
    """Name of the definition in the model."""
    description: str
    name: Name
    members: Mapping[str | int, Name]
    """Names of the members, by their values."""

    @property
    def codes(self) -> Mapping[str | int, Code]:
        """Members as code, by their values."""
        return {value: Code(f"{self.name}.{member}") for value, member in self.members.items()}

    @property
    def code(self) -> Code:
        """Statement that defines the class."""
        is_text = all(isinstance(value, str) for value in self.members)
        base = Code(f"tornado_ws.models.{'StrEnum' if is_text else 'IntEnum'}")
        body = [f"{INDENT}{member} = {literal(value)}" for value, member in self.members.items()]
        return class_statement(self.name, (base,), self.description, body)


def enumerations(endpoint: model.Endpoint, names: Mapping[str, Name]) -> Iterator[EnumerationClass]:
    """Yield the classes of the enumerations of an endpoint.

    Args:
        endpoint: Endpoint with the definitions.
        names: Names of the definitions in Python.
    """
    for definition in endpoint.definitions:
        type_ = definition.type if isinstance(definition, model.Alias) else None
        if isinstance(type_, model.Enumeration) and type_.is_class:
            yield EnumerationClass(
                key=definition.name,
                description=full_description(definition),
                name=names[definition.name],
                members=member_names(type_, endpoint.options),
            )
