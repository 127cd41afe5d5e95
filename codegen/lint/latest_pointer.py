"""Rule for ``latest``: its pointer must match a part of the payload."""

from __future__ import annotations

from collections.abc import Iterator

from .. import model
from ..source import json_pointer
from ..source.diagnostics import Problem
from ..source.document import Document
from .definitions import Definitions, definitions_of

__all__ = ["check"]


def check(endpoint: model.Endpoint, document: Document) -> Iterator[Problem]:
    """Yield a problem for each ``latest`` without a match in the payload."""
    definitions = definitions_of(endpoint)
    for message in endpoint.server:
        latest = message.policies.get("latest")
        if not isinstance(latest, str):
            continue
        tokens = json_pointer.parse(latest)
        pointer = json_pointer.join("/serverMessages", message.name, "latest")
        if message.payload is None:
            yield document.problem(pointer, "unresolved_latest", "`latest` requires a payload")
        elif not _can_contain(message.payload.type, tokens, definitions):
            known = _property_names(message.payload.type, definitions)
            hint = f"the payload contains {', '.join(json_pointer.join('', name) for name in known)}" if known else None
            got = f'"{latest}"'
            text = "`latest` matches no part of the payload"
            yield document.problem(pointer, "unresolved_latest", text, got=got, hint=hint)


def _can_contain(type_: model.Type, tokens: list[str], definitions: Definitions) -> bool:
    """Return True if a value of the type may have a part at ``tokens``."""
    if not tokens:
        return True
    token, rest_tokens = tokens[0], tokens[1:]
    match model.follow(type_, definitions):
        case model.Record(fields=fields, closed=closed, rest=rest):
            for field in fields:
                if field.name == token:
                    return _can_contain(field.type, rest_tokens, definitions)
            return not closed and rest is not None and _can_contain(rest, rest_tokens, definitions)
        case model.Map(value=value):
            return _can_contain(value, rest_tokens, definitions)
        case model.Array(item=item):
            return token.isdigit() and _can_contain(item, rest_tokens, definitions)
        case model.Tuple(items=items, rest=rest):
            if not token.isdigit():
                return False
            index = int(token)
            found = items[index] if index < len(items) else rest
            return found is not None and _can_contain(found, rest_tokens, definitions)
        case model.Union(members=members):
            return any(_can_contain(member, tokens, definitions) for member in members)
        case other:
            return isinstance(other, model.Anything)


def _property_names(type_: model.Type, definitions: Definitions) -> list[str]:
    record = model.follow(type_, definitions)
    return [field.name for field in record.fields] if isinstance(record, model.Record) else []
