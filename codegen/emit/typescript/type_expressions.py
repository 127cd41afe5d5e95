"""Type expressions of TypeScript for types of the model."""

from __future__ import annotations

from ... import model
from ...model import Json
from ..js_literals import key, string, value
from ..templates import Code

__all__ = ["TypeExpressions"]

SCALARS = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
EMPTY = Code("{ readonly [key: string]: never }")


class TypeExpressions:
    """Type expressions of a module, each on one line."""

    def __init__(self, formatted: Code | None = None) -> None:
        """Create an instance.

        Args:
            formatted: Local name of the type ``Formatted`` of the runtime; None if strings with a format are strings.
        """
        self._formatted = formatted

    def of(self, type_: model.Type) -> Code:
        """Return the TypeScript type for ``type_``."""
        match type_:
            case model.Anything():
                return Code("unknown")
            case model.Nothing():
                return Code("never")
            case model.Scalar(type="string", constraints=model.Constraints(format=str(format_))) if self._formatted:
                return Code(f"{self._formatted}<{string(format_)}>")
            case model.Scalar(bigint=True):
                return Code("bigint")
            case model.Scalar(type=json_type):
                return Code(SCALARS[json_type])
            case model.Enumeration() | model.Union():
                return Code(" | ".join(self.members(type_)))
            case model.Array(item=item):
                return Code(f"readonly {self._parenthesized(item)}[]")
            case model.Tuple():
                return self._tuple(type_)
            case model.Map(key=model.Enumeration() | model.Ref() as names, value=inner):
                return Code(f"{{ readonly [key in {self.of(names)}]?: {self.of(inner)} }}")
            case model.Map(value=inner):
                return Code(f"{{ readonly [key: string]: {self.of(inner)} }}")
            case model.Ref(name=name):
                return Code(name)

    def members(self, *types: model.Type) -> tuple[Code, ...]:
        """Return the members of the union of types, each one once."""
        found: dict[Code, None] = {}
        for type_ in types:
            match type_:
                case model.Enumeration(values=values, bigint=bigint):
                    found |= dict.fromkeys(
                        Code(
                            f"{one}n"
                            if bigint and isinstance(one, int) and not isinstance(one, bool)
                            else _literal(one)
                        )
                        for one in values
                    )
                case model.Union(members=members):
                    found |= dict.fromkeys(self.members(*members))
                case _:
                    found[self.of(type_)] = None
        return tuple(found) or (Code("never"),)

    def index_members(self, record: model.Record) -> tuple[Code, ...]:
        """Return the members of the type of the index signature of a record; none if it has no signature.

        TypeScript requires the type to include the types of the declared properties.
        """
        if record.closed:
            return () if record.fields else (Code("never"),)
        if record.rest is None:
            return ()
        members = self.members(record.rest, *(field.type for field in record.fields))
        optional = () if all(field.required for field in record.fields) else (Code("undefined"),)
        return (Code("unknown"),) if "unknown" in members else (*members, *optional)

    def _parenthesized(self, type_: model.Type) -> str:
        text = self.of(type_)
        match type_:
            case model.Anything() | model.Nothing() | model.Scalar() | model.Map() | model.Ref():
                return text
            case model.Enumeration(values=[value]) if not isinstance(value, list):  # readonly applies to one array
                return text
            case _:
                return f"({text})"

    def _tuple(self, type_: model.Tuple) -> Code:
        items = [
            self.of(item) if index < type_.required else f"{self._parenthesized(item)}?"
            for index, item in enumerate(type_.items)
        ]
        rest = [] if type_.rest is None else [f"...{self._parenthesized(type_.rest)}[]"]
        return Code(f"readonly [{', '.join([*items, *rest])}]")


def _literal(json: Json) -> str:
    match json:
        case list():
            return f"readonly [{', '.join(map(_literal, json))}]"
        case dict():
            members = "; ".join(f"readonly {key(name)}: {_literal(member)}" for name, member in json.items())
            return f"{{ {members} }}" if members else EMPTY
        case int() | float() if not isinstance(json, bool):
            text = value(json)
            return "number" if "Infinity" in text else text
        case _:
            return value(json)
