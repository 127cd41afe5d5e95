"""The rule for ``latest``: it points to a part that payloads can have."""

from __future__ import annotations

from collections.abc import Iterator

from .. import model
from ..source import json_pointer
from ..source.diagnostics import Problem
from ..source.document import Document
from .definitions import Definitions, definitions_of, follow

__all__ = ["check"]


def check(endpoint: model.Endpoint, document: Document) -> Iterator[Problem]:
    """Yield the problems of pointers that lead nowhere."""
    definitions = definitions_of(endpoint)
    for message in endpoint.server:
        if message.latest is None:
            continue
        steps = json_pointer.parse(message.latest)
        pointer = json_pointer.join("/serverMessages", message.name, "latest")
        if message.payload is None:
            yield document.problem(pointer, "latest_to_nowhere", "the message has no payload to point into")
        elif not _leads(message.payload.type, steps, definitions):
            known = _names(message.payload.type, definitions)
            hint = f"the payload has {', '.join(json_pointer.join('', name) for name in known)}" if known else None
            got = f'"{message.latest}"'
            text = "nothing in the payload is there"
            yield document.problem(pointer, "latest_to_nowhere", text, got=got, hint=hint)


def _leads(type_: model.Type, steps: list[str], definitions: Definitions) -> bool:
    """Tell whether some value of the type may have a part there."""
    if not steps:
        return True
    step, further = steps[0], steps[1:]
    match follow(type_, definitions):
        case model.Record(fields=fields, closed=closed, rest=rest):
            for field in fields:
                if field.name == step:
                    return _leads(field.type, further, definitions)
            return not closed and rest is not None and _leads(rest, further, definitions)
        case model.Map(value=value):
            return _leads(value, further, definitions)
        case model.Array(item=item):
            return step.isdigit() and _leads(item, further, definitions)
        case model.Tuple(items=items, rest=rest):
            if not step.isdigit():
                return False
            within = int(step) < len(items)
            found = items[int(step)] if within else rest
            return found is not None and _leads(found, further, definitions)
        case model.Union(members=members):
            return any(_leads(member, steps, definitions) for member in members)
        case other:
            return isinstance(other, model.Anything)


def _names(type_: model.Type, definitions: Definitions) -> list[str]:
    record = follow(type_, definitions)
    return [field.name for field in record.fields] if isinstance(record, model.Record) else []
