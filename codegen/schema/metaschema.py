"""Validation of documents against meta-schemas: our own for endpoints, and JSON Schema's for schemas."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files

import jsonschema_rs

from ..model import policies
from ..source import json_pointer, uri
from ..source.diagnostics import Problem
from ..source.document import Document, Json, describe
from ..source.load import META_SCHEMA
from . import schema_errors
from .drafts import Draft, draft_of, subschemas, upgrade
from .ignored_keywords import ignored_keywords
from .near_misses import misspelled_keywords

__all__ = [
    "check",
    "definitions",
    "endpoint_schemas",
    "meta_schema",
    "payload_schemas",
    "schemas",
    "without_invalid_parts",
]

FATAL = frozenset({"malformed_uri", "not_a_schema", "unsupported_dialect"})
"""Codes of problems that prevent all further checks of a document."""

ENDPOINT_KEYWORDS = ("path", "params", "ticket", "ttl", "presence", "clientMessages", "serverMessages")
"""Keywords that only endpoints have; a file with one of them requires ``kind``."""

SCHEMA_KEYWORDS = ("payload", "reply", "stream")
"""Keywords of messages with a schema as value."""


def meta_schema() -> str:
    """Return the text of our meta-schema, with the keywords of :mod:`~codegen.model.policies`."""
    assert __package__
    schema = json.loads(files(__package__).joinpath(META_SCHEMA).read_text(encoding="utf-8"))
    definitions = schema["$defs"]
    for policy in policies.POLICIES:
        definitions[policy.keyword] = dict(policy.schema)
        for side in policy.sides:
            message = definitions[f"{side}Messages"]["additionalProperties"]
            message["properties"][policy.keyword] = {"$ref": f"#/$defs/{policy.keyword}"}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def check(document: Document, accept: Collection[str] = ()) -> list[Problem]:
    """Return the problems of a document, except problems with its references.

    Args:
        document: Document of any draft.
        accept: Names of annotations that resemble a keyword.
    """
    if document.is_endpoint:
        return [
            *_dialect_problems(document),
            *_uri_problems(document),
            *_endpoint_problems(document),
            *_schema_problems(document, accept),
        ]
    if not isinstance(document.root, dict | bool):
        hint = "a file contains one endpoint, or schemas under $defs"
        got = describe(document.root)
        return [document.problem("", "not_a_schema", "not a schema", expected="an object", got=got, hint=hint)]
    unreadable = [*_dialect_problems(document), *_uri_problems(document)]
    return [*_missing_kind(document), *(unreadable or _shared_schema_problems(document, accept))]


def without_invalid_parts(document: Document, problems: Sequence[Problem]) -> Document | None:
    """Return the document without the values that :func:`check` rejected; None if nothing can be checked further."""
    codes = {problem.code for problem in problems}
    if codes & FATAL or (not document.is_endpoint and "invalid_schema" in codes):
        return None
    root = document.root
    for problem in problems:
        if problem.code == "wrong_type":
            root = _without(root, json_pointer.parse(problem.pointer))
    checked = replace(document, root=root)
    if "invalid_schema" in codes:
        for pointer, schema in endpoint_schemas(checked):
            if not _is_valid(schema):
                root = _without(root, json_pointer.parse(pointer), replacement=True)
    return replace(document, root=root)


def payload_schemas(document: Document) -> Iterator[tuple[str, Json]]:
    """Yield the pointer and the value of each schema of an endpoint outside ``$defs``."""
    root = document.root
    found = [(f"/{keyword}", root.get(keyword)) for keyword in ("params", "ticket", "presence")]
    for side in ("clientMessages", "serverMessages"):
        for name, message in _members(root.get(side)):
            found += [
                (json_pointer.join(f"/{side}", name, key), value)
                for key, value in _members(message)
                if key in SCHEMA_KEYWORDS
            ]
            found += _error_schemas(json_pointer.join(f"/{side}", name), message)
    found += _error_schemas("", root)
    return ((pointer, schema) for pointer, schema in found if isinstance(schema, dict | bool))


def definitions(document: Document) -> dict[str, Json]:
    """Return the schemas under ``$defs``, by name."""
    root = document.root
    found = _members(root.get("$defs")) if isinstance(root, dict) else ()
    return {name: schema for name, schema in found if isinstance(schema, dict | bool)}


def _error_schemas(pointer: str, declaring: Json) -> Iterator[tuple[str, Json]]:
    """Yield the pointer and the schema of the data of each error of an endpoint or a message."""
    for code, error in _members(_value(declaring, "errors")):
        yield json_pointer.join(pointer, "errors", code, "data"), _value(error, "data")


def _value(document: Json, keyword: str) -> Json:
    """Return the value of a keyword; None without one, and for other values than objects."""
    return document.get(keyword) if isinstance(document, dict) else None


def _members(value: Json) -> list[tuple[str, Json]]:
    """Return the members of an object; none for other values, which :func:`check` reports."""
    return list(value.items()) if isinstance(value, dict) else []


def _dialect_problems(document: Document) -> list[Problem]:
    dialect = document.root.get("$schema") if isinstance(document.root, dict) else None
    if not isinstance(dialect, str) or dialect.rpartition("/")[2] == META_SCHEMA:
        return []
    draft = draft_of(document.root)
    if draft is Draft.DRAFT202012 or (draft is not None and not document.is_endpoint):
        return []
    if document.is_endpoint:
        expected, hint = (
            f'"{META_SCHEMA}"',
            "endpoints use JSON Schema 2020-12; move older schemas to a file without kind and refer to it",
        )
    else:
        expected, hint = "a draft of JSON Schema from draft-04 to 2020-12", None
    got = f'"{dialect}"'
    message = "unsupported dialect"
    return [document.problem("/$schema", "unsupported_dialect", message, expected=expected, got=got, hint=hint)]


def _missing_kind(document: Document) -> Iterator[Problem]:
    found = [keyword for keyword in ENDPOINT_KEYWORDS if isinstance(document.root, dict) and keyword in document.root]
    if found:
        hint = 'add "kind": "persistent" or "kind": "ephemeral"'
        message = "missing keyword `kind`"
        yield document.problem(f"/{found[0]}", "missing_kind", message, key=True, hint=hint)


def _uri_problems(document: Document) -> Iterator[Problem]:
    """Yield the problems with malformed URIs, and with embedded schemas in unsupported dialects."""
    if document.is_endpoint:
        yield from _malformed_uris(document, "", document.root, ("$id",))
    for pointer, schema in schemas(document):
        yield from _malformed_uris(document, pointer, schema, ("$id", "id", "$ref", "$dynamicRef"))
        draft = draft_of(schema)
        if pointer and "$schema" in schema and (draft is None or (document.is_endpoint and draft < Draft.DRAFT202012)):
            message, hint = "unsupported dialect", "move the schema to its own file"
            got = describe(schema["$schema"])
            yield document.problem(f"{pointer}/$schema", "unsupported_dialect", message, got=got, hint=hint)


def _malformed_uris(
    document: Document, pointer: str, schema: dict[str, Json], keywords: Sequence[str]
) -> Iterator[Problem]:
    for keyword in keywords:
        value = schema.get(keyword)
        if isinstance(value, str) and not _is_uri(value):
            message, hint = (
                "malformed URI reference",
                "write a path or a URI (RFC 3986), such as common.json#/$defs/Name",
            )
            yield document.problem(f"{pointer}/{keyword}", "malformed_uri", message, got=describe(value), hint=hint)


def _endpoint_problems(document: Document) -> Iterator[Problem]:
    schema = json.loads(meta_schema())
    if jsonschema_rs.Draft202012Validator(schema).is_valid(document.root):
        return
    from jsonschema import Draft202012Validator  # slow to import, and only needed for error messages

    python_schema = json.loads(meta_schema(), object_hook=_with_python_pattern)
    yield from schema_errors.keyword_problems(document, Draft202012Validator(python_schema).iter_errors(document.root))


def _with_python_pattern(schema: dict[str, Json]) -> dict[str, Json]:
    """Return a schema for ``jsonschema``: in Python, ``$`` also matches before a line feed at the end."""
    pattern = schema.get("pattern")
    return schema | {"pattern": pattern.removesuffix("$") + r"\Z"} if isinstance(pattern, str) else schema


def _schema_problems(document: Document, accept: Collection[str]) -> Iterator[Problem]:
    for pointer, schema in endpoint_schemas(document):
        yield from _validation_problems(document, pointer, schema)
        yield from misspelled_keywords(document, pointer, schema, accept)


def endpoint_schemas(document: Document) -> Iterator[tuple[str, Json]]:
    """Yield the pointer and the value of each schema of an endpoint that is not inside another one."""
    yield from ((json_pointer.join("/$defs", name), schema) for name, schema in definitions(document).items())
    yield from payload_schemas(document)


def _shared_schema_problems(document: Document, accept: Collection[str]) -> Iterator[Problem]:
    """Yield the problems of shared schemas, in their own draft or after the upgrade."""
    found = list(_validation_problems(document, "", document.root))
    upgraded = upgrade(document.root, draft_of(document.root) or Draft.DRAFT202012) if not found else True
    yield from found or _validation_problems(document, "", upgraded)
    yield from misspelled_keywords(document, "", document.root, accept)
    yield from ignored_keywords(document, "", document.root, Draft.DRAFT202012)


def _validation_problems(document: Document, pointer: str, schema: Json) -> Iterator[Problem]:
    if _is_valid(schema):
        return
    from jsonschema.validators import validator_for

    draft = draft_of(schema) or Draft.DRAFT202012
    meta = validator_for({"$schema": draft.uri})
    yield from schema_errors.schema_problems(document, pointer, meta(meta.META_SCHEMA).iter_errors(schema), draft.title)


def _is_valid(schema: Json) -> bool:
    """Return True if a schema is valid in its draft."""
    if isinstance(schema, dict) and isinstance(schema.get("$schema", ""), str):
        schema = {**schema, "$schema": (draft_of(schema) or Draft.DRAFT202012).uri}
    return jsonschema_rs.meta.is_valid(schema)


@cache
def _is_uri(reference: str) -> bool:
    """Return True if the schema validator accepts a URI reference."""
    address = uri.encode(reference).partition("#")[0]
    try:
        jsonschema_rs.Registry([(uri.resolve("https://tornado-ws.invalid/", address), True)])
    except ValueError:  # such as http://[
        return False
    return True


def schemas(document: Document) -> Iterator[tuple[str, dict[str, Json]]]:
    """Yield the pointer and the value of every schema that is an object, in any draft."""
    queue = deque(endpoint_schemas(document) if document.is_endpoint else [("", document.root)])
    while queue:
        pointer, schema = queue.popleft()
        if isinstance(schema, dict):
            yield pointer, schema
            queue.extend((pointer + relative, subschema) for relative, subschema in subschemas(schema))


def _without(value: Json, tokens: Sequence[str], *, replacement: Json = None) -> Json:
    """Return a copy of ``value`` without the member at ``tokens``, or with ``replacement`` in its place."""
    if not tokens or not isinstance(value, dict):
        return value
    key = tokens[0]
    rest = {name: member for name, member in value.items() if name != key}
    if len(tokens) > 1:
        return value | {key: _without(value[key], tokens[1:], replacement=replacement)} if key in value else value
    return rest if replacement is None else value | {key: replacement}
