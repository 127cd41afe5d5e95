"""Checks documents against the meta-schemas: ours for endpoints, JSON Schema's for what they carry."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.resources import files
from urllib.parse import urljoin

import jsonschema_rs

from ..source import json_pointer
from ..source.diagnostics import Problem
from ..source.document import Document, Json, describe
from ..source.load import META_SCHEMA
from . import schema_errors
from .drafts import Draft, draft_of, upgrade
from .near_misses import misspelled

__all__ = ["check", "definitions", "meta_schema", "slots", "usable"]

FATAL = frozenset({"malformed_uri", "not_a_schema", "unknown_dialect"})
"""Codes of problems after which the schemas of a document mean nothing."""

OURS = ("path", "params", "ticket", "ttl", "clientMessages", "serverMessages")
"""Keywords that only endpoints have, and that tell a forgotten ``kind``."""

SLOTS = ("payload", "reply", "stream")
"""Keywords of messages that hold schemas."""


def meta_schema() -> str:
    """Return the text of our meta-schema."""
    assert __package__
    return files(__package__).joinpath(META_SCHEMA).read_text(encoding="utf-8")


def check(document: Document) -> list[Problem]:
    """Return what is wrong with a document by itself."""
    if document.is_endpoint:
        return [*_dialect(document), *_identifiers(document), *_structure(document), *_schemas(document)]
    if not isinstance(document.root, dict | bool):
        hint = "a file holds one endpoint, or schemas under $defs"
        got = describe(document.root)
        return [document.problem("", "not_a_schema", "not a schema", expected="an object", got=got, hint=hint)]
    unreadable = [*_dialect(document), *_identifiers(document)]
    return [*_forgotten_kind(document), *(unreadable or _shared(document))]


def usable(document: Document, problems: Sequence[Problem]) -> Document | None:
    """Return the document without what :func:`check` found wrong, so that the rest can be checked; None if none is."""
    codes = {problem.code for problem in problems}
    if codes & FATAL or (not document.is_endpoint and "invalid_schema" in codes):
        return None
    root = document.root
    for problem in problems:
        if problem.code == "wrong_type":
            root = _without(root, json_pointer.parse(problem.pointer))
    kept = replace(document, root=root)
    if "invalid_schema" in codes:
        for pointer, schema in _all_schemas(kept):
            if not _is_valid(schema):
                root = _without(root, json_pointer.parse(pointer), instead=True)
    return replace(document, root=root)


def slots(document: Document) -> Iterator[tuple[str, Json]]:
    """Yield the pointers to the schemas of an endpoint, but for those under ``$defs``, and what stands there."""
    root = document.root
    places = [(f"/{keyword}", root.get(keyword)) for keyword in ("params", "ticket")]
    for side in ("clientMessages", "serverMessages"):
        for name, message in _members(root.get(side)):
            places += [
                (json_pointer.join(f"/{side}", name, key), value) for key, value in _members(message) if key in SLOTS
            ]
    return ((pointer, schema) for pointer, schema in places if isinstance(schema, dict | bool))


def definitions(document: Document) -> dict[str, Json]:
    """Return the schemas under ``$defs``."""
    root = document.root
    found = _members(root.get("$defs")) if isinstance(root, dict) else ()
    return {name: schema for name, schema in found if isinstance(schema, dict | bool)}


def _members(value: Json) -> list[tuple[str, Json]]:
    """Return the members of an object; none of what is no object, which :func:`check` reports."""
    return list(value.items()) if isinstance(value, dict) else []


def _dialect(document: Document) -> list[Problem]:
    stated = document.root.get("$schema") if isinstance(document.root, dict) else None
    if stated is None or not isinstance(stated, str) or stated.rpartition("/")[2] == META_SCHEMA:
        return []
    draft = draft_of(document.root)
    if draft is Draft.DRAFT202012 or (draft is not None and not document.is_endpoint):
        return []
    if document.is_endpoint:
        expected, hint = (
            f'"{META_SCHEMA}"',
            "endpoints are written in JSON Schema 2020-12; older files can be referred to",
        )
    else:
        expected, hint = "a draft of JSON Schema from draft-04 to 2020-12", None
    got = f'"{stated}"'
    message = "unknown dialect"
    return [document.problem("/$schema", "unknown_dialect", message, expected=expected, got=got, hint=hint)]


def _forgotten_kind(document: Document) -> Iterator[Problem]:
    found = [keyword for keyword in OURS if isinstance(document.root, dict) and keyword in document.root]
    if found:
        hint = 'add "kind": "persistent" or "kind": "ephemeral"'
        message = "an endpoint states its kind; other files only hold $defs"
        yield document.problem(f"/{found[0]}", "missing_kind", message, key=True, hint=hint)


def _identifiers(document: Document) -> Iterator[Problem]:
    """Yield the problems of URIs that cannot be read, and of embedded schemas of other dialects."""
    for pointer, value in _objects(document.root, ""):
        for keyword in ("$id", "id", "$ref", "$dynamicRef"):
            uri = value.get(keyword)
            if isinstance(uri, str) and not _is_uri(uri):
                got = f'"{uri}"'
                yield document.problem(f"{pointer}/{keyword}", "malformed_uri", "not a URI reference", got=got)
        draft = draft_of(value)
        if pointer and "$schema" in value and (draft is None or (document.is_endpoint and draft < Draft.DRAFT202012)):
            message, hint = "unknown dialect", "put the schema into a file of its own"
            got = describe(value["$schema"])
            yield document.problem(f"{pointer}/$schema", "unknown_dialect", message, got=got, hint=hint)


def _structure(document: Document) -> Iterator[Problem]:
    schema = json.loads(meta_schema())
    if jsonschema_rs.Draft202012Validator(schema).is_valid(document.root):
        return
    from jsonschema import Draft202012Validator  # takes longer to load than all else takes to run

    yield from schema_errors.structure(document, Draft202012Validator(schema).iter_errors(document.root))


def _schemas(document: Document) -> Iterator[Problem]:
    for pointer, schema in _all_schemas(document):
        yield from _validity(document, pointer, schema)
        yield from misspelled(document, pointer, schema)


def _all_schemas(document: Document) -> Iterator[tuple[str, Json]]:
    yield from ((json_pointer.join("/$defs", name), schema) for name, schema in definitions(document).items())
    yield from slots(document)


def _shared(document: Document) -> Iterator[Problem]:
    """Yield the problems of a file of shared schemas, in its own draft and in the one that it is upgraded to."""
    found = list(_validity(document, "", document.root))
    upgraded = upgrade(document.root, draft_of(document.root) or Draft.DRAFT202012) if not found else True
    yield from found or _validity(document, "", upgraded)
    yield from misspelled(document, "", document.root)


def _validity(document: Document, pointer: str, schema: Json) -> Iterator[Problem]:
    if _is_valid(schema):
        return
    from jsonschema.validators import validator_for

    draft = draft_of(schema) or Draft.DRAFT202012
    meta = validator_for({"$schema": draft.uri})
    yield from schema_errors.validity(document, pointer, meta(meta.META_SCHEMA).iter_errors(schema), draft.title)


def _is_valid(schema: Json) -> bool:
    """Tell whether a schema is one by its draft."""
    if isinstance(schema, dict) and isinstance(schema.get("$schema", ""), str):
        schema = {**schema, "$schema": (draft_of(schema) or Draft.DRAFT202012).uri}
    return jsonschema_rs.meta.is_valid(schema)


def _is_uri(text: str) -> bool:
    try:
        urljoin("https://tornado-ws.invalid/", text)
    except ValueError:  # such as http://[
        return False
    return True


def _objects(value: Json, pointer: str) -> Iterator[tuple[str, dict[str, Json]]]:
    """Yield every object and its pointer."""
    if isinstance(value, dict):
        yield pointer, value
        for key, member in value.items():
            yield from _objects(member, json_pointer.join(pointer, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _objects(item, f"{pointer}/{index}")


def _without(value: Json, steps: Sequence[str], *, instead: Json = None) -> Json:
    """Return a copy of ``value`` without the member at ``steps``, or with something else there."""
    if not steps or not isinstance(value, dict):
        return value
    key = steps[0]
    rest = {name: member for name, member in value.items() if name != key}
    if len(steps) > 1:
        return value | {key: _without(value[key], steps[1:], instead=instead)} if key in value else value
    return rest if instead is None else value | {key: instead}
