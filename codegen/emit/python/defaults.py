"""Defaults of fields, as code that creates a value of the field's type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import repeat

from ... import model
from ...identifiers import Name
from ..templates import Code
from .formatted_literals import formatted
from .literals import literal
from .python_identifiers import additional_properties_name
from .python_printer import Group, NamedNode, Node, call, entry, keyword, mapping, tuple_of
from .unions import is_struct, literal_constants
from .unions import members as members_of

__all__ = ["Defaults"]

TEXT = model.Scalar(type="string")
MAX_DEPTH = 16
"""Limit of nested aliases and values."""


class Defaults:
    """Defaults of an endpoint."""

    def __init__(
        self,
        definitions: Mapping[str, model.Definition],
        names: Mapping[str, Name],
        attributes: Callable[[model.Record], Mapping[str, Name]],
        *,
        is_class: Callable[[model.Record], bool] = is_struct,
        has_additional: bool = True,
        typed_formats: bool = False,
        members: Mapping[str, Mapping[str | int, Code]] | None = None,
    ) -> None:
        """Create the defaults.

        Args:
            definitions: Definitions of the endpoint.
            names: Their names in Python.
            attributes: Function that returns the attribute for each property of a record.
            is_class: Function that returns True if a record is a class, not a dictionary.
            has_additional: True if classes have an attribute for additional properties.
            typed_formats: True if strings with a format have the type of the format.
            members: Members of the classes of enumerations by value, by the name of the definition.
        """
        self.members = members or {}
        self.definitions = definitions
        self.names = names
        self.attributes = attributes
        self.is_class = is_class
        self.has_additional = has_additional
        self.typed_formats = typed_formats

    def argument(self, record: model.Record, field: model.Field) -> NamedNode | None:
        """Return the argument ``default`` or ``default_factory`` of a field.

        Returns:
            Argument; None if the field has no default, if several types of a union accept its JSON, or if its creation
            would not end.
        """
        if field.default is model.NO_DEFAULT or self._contains_itself(record, field):
            return None
        value = _Creation(self).value(field.default, field.type)
        match value:
            case None:
                return None
            case Group(brackets="[]" | "{}", items=()):
                return keyword("default", value)  # both libraries create a new one for each object
            case Group() as group if not isinstance(field.default, str):  # a datetime is immutable
                return NamedNode(Code("default_factory=lambda: "), group)
            case _:
                return keyword("default", value)

    def _contains_itself(self, record: model.Record, field: model.Field) -> bool:
        """Return True if the default contains a record that gets the same default, so that its creation never ends."""
        queue, visited = [(record, field)], set[tuple[str, str]]()
        while queue:
            _, absent = queue.pop()
            creation = _Creation(self)
            creation.value(absent.default, absent.type)
            for other, inner in creation.absent:
                key = other.name, inner.name
                if key == (record.name, field.name):
                    return True
                if key not in visited:
                    visited.add(key)
                    queue.append((other, inner))
        return False


class _Creation:
    """Creation of one value."""

    def __init__(self, defaults: Defaults) -> None:
        self._defaults = defaults
        self.absent: list[tuple[model.Record, model.Field]] = []
        """Fields that get their own defaults."""
        self._members = set[Node]()

    def value(self, json: model.Json, type_: model.Type, depth: int = 0) -> Node | None:
        """Return the code of a JSON value as a value of a type; None if the type excludes it, or is ambiguous."""
        if depth > MAX_DEPTH:
            return None
        match type_:
            case model.Anything():
                return _plain(json)
            case model.Scalar() if self._defaults.typed_formats and (format_ := model.typed_format(type_)):
                return formatted(json, format_) if isinstance(json, str) else None
            case model.Scalar(type=json_type):
                return _plain(json) if _has_type(json, json_type) else None
            case model.Enumeration(values=values):
                return _plain(json) if any(type(one) is type(json) and one == json for one in values) else None
            case model.Array(item=item) if isinstance(json, list):
                items = _complete(self.value(one, item, depth + 1) for one in json)
                return None if items is None else _list(items)
            case model.Tuple(items=types, rest=rest, required=required) if isinstance(json, list):
                types_of_items = [*types, *([rest or model.Nothing()] * (len(json) - len(types)))]
                items = _complete(map(self.value, json, types_of_items, repeat(depth + 1)))
                is_fixed = rest is None and bool(types) and required == len(types)
                return None if items is None else tuple_of(*items) if is_fixed else _list(items)
            case model.Map(key=key, value=inner) if isinstance(json, dict):
                return self._dict(json, dict.fromkeys(json, inner), depth, key)
            case model.Ref(name=name):
                definition = self._defaults.definitions[name]
                if name in self._defaults.members:
                    return self._member(json, name)
                if isinstance(definition, model.Alias):
                    return self.value(json, definition.type, depth + 1)
                return self._record(json, definition, depth) if isinstance(json, dict) else None
            case model.Union():
                found = [self.value(json, member, depth + 1) for member in members_of(type_)]
                distinct = list(dict.fromkeys(one for one in found if one is not None))
                if len(distinct) > 1:  # a member equals its value
                    distinct = [one for one in distinct if one not in self._members] or distinct
                is_typed = isinstance(json, str) and any(isinstance(one, Group) for one in distinct)
                if is_typed and model.accepts_several_texts([type_], self._defaults.definitions):
                    return None  # the type of the union may be a string
                return distinct[0] if len(distinct) == 1 else None
            case _:
                return None

    def _member(self, json: model.Json, name: str) -> Code | None:
        """Return the member of the class of an enumeration."""
        if not isinstance(json, str | int) or isinstance(json, bool):
            return None
        member = self._defaults.members[name].get(json)
        if member is not None:
            self._members.add(member)
        return member

    def _record(self, json: dict[str, model.Json], record: model.Record, depth: int) -> Node | None:
        if record.stand_in is not None:  # its constructor is not known
            return None
        fields = {field.name: field for field in record.fields}
        rest = {name: value for name, value in json.items() if name not in fields}
        if not {field.name for field in record.fields if field.required} <= json.keys() or (rest and record.closed):
            return None
        declared = {name: field.type for name, field in fields.items() if name in json}
        others = dict.fromkeys(rest if record.keeps else (), record.rest or model.Anything())
        if not self._defaults.is_class(record):
            members = self._dict(json, declared | others, depth)
            return members if members is None or record.keeps else call(self._defaults.names[record.name], members)
        self.absent += [
            (record, field)
            for name, field in fields.items()
            if name not in json and field.default is not model.NO_DEFAULT
        ]
        attributes = self._defaults.attributes(record)
        values = {attributes[name]: self.value(json[name], type_, depth + 1) for name, type_ in declared.items()}
        if others and not self._defaults.has_additional:
            return None
        if others:
            values[additional_properties_name({*attributes, *attributes.values()})] = self._dict(json, others, depth)
        if _complete(values.values()) is None:
            return None
        for name in literal_constants(record, self._defaults.definitions):
            del values[attributes[name]]
        arguments = (keyword(name, node) for name, node in values.items() if node is not None)
        return call(self._defaults.names[record.name], *arguments)

    def _dict(
        self, json: Mapping[str, model.Json], types: Mapping[str, model.Type], depth: int, key: model.Type = TEXT
    ) -> Node | None:
        nodes = _complete(self.value(json[name], type_, depth + 1) for name, type_ in types.items())
        members = self._defaults.members.get(key.name) if isinstance(key, model.Ref) else None
        names = [literal(name) if members is None else members.get(name) for name in types]
        if nodes is None or None in names:
            return None
        return mapping(*(entry(name, node) for name, node in zip(names, nodes, strict=True) if name is not None))


def _plain(json: model.Json) -> Node:
    """Return a JSON value as code; a number without a fraction becomes an integer."""
    match json:
        case list():
            return _list(map(_inner, json))
        case dict():
            return _dict({name: _inner(value) for name, value in json.items()})
        case float() if json.is_integer():
            return literal(int(json))
        case _:
            return literal(json)


def _inner(json: model.Json) -> Node:
    """Return a JSON value inside another one as code; an empty one with its type, which pyright cannot infer."""
    match json:
        case []:
            return call("list[typing.Any]")
        case {} if not json:
            return call("dict[str, typing.Any]")
        case _:
            return _plain(json)


def _list(items: Iterable[Node]) -> Group:
    return Group(Code(""), "[]", tuple(items))


def _dict(values: Mapping[str, Node]) -> Group:
    return mapping(*(entry(literal(name), value) for name, value in values.items()))


def _complete(values: Iterable[Node | None]) -> list[Node] | None:
    """Return ``values``; None if one of them is None."""
    listed = list(values)
    found = [value for value in listed if value is not None]
    return found if len(found) == len(listed) else None


def _has_type(value: model.Json, json_type: str) -> bool:
    match value:
        case None | bool():
            return json_type == ("null" if value is None else "boolean")
        case str():
            return json_type == "string"
        case int() | float():
            return json_type == "number" or (json_type == "integer" and value == int(value))
        case _:
            return False
