"""Reader for endpoint documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

from .. import model
from ..identifiers import pascal
from ..model import policies
from ..source import json_pointer
from ..source.diagnostics import Problem, SchemaProblems
from ..source.document import Document, Json
from .bundle import Bundle, bundle
from .cursors import UnresolvedCursor, cursor_node
from .naming import DefinitionNames
from .payloads import PayloadSchema, Side, error_declarations, message_class_name, payload_schemas
from .record_tags import with_tags
from .regex_support import remove_unchecked_formats, translate_patterns
from .schema_index import SchemaNode
from .type_inference import TypeInference
from .undeclared_properties import reject_undeclared_properties
from .union_tags import add_tag_keywords
from .unused_definitions import checked_bundle
from .valid_defaults import with_valid_defaults
from .validator_builder import ValidatorBuilder
from .wide_integers import has_wide_schema

__all__ = ["ReadEndpoint", "read", "reserved_names"]

DEFAULT_TTL = 120.0


@dataclass(frozen=True, kw_only=True)
class ReadEndpoint:
    """Model of an endpoint, with the origins of its schemas."""

    model: model.Endpoint
    bundle: Bundle
    """Schemas of the endpoint, with patterns for the schema validator."""
    warnings: tuple[Problem, ...]
    """Problems of definitions that the endpoint does not need."""


def read(document: Document, documents: Iterable[Document], options: model.Options) -> ReadEndpoint:
    """Read the endpoint that ``document`` describes.

    Args:
        document: Valid endpoint document.
        documents: All files of the folder.
        options: Options of the project.

    Raises:
        SchemaProblems: If the schemas have problems; it contains all of them.
    """
    reader = _Reader(document, documents, options)
    return ReadEndpoint(model=reader.endpoint(), bundle=reader.bundle, warnings=reader.checked.unused)


class _Reader:
    def __init__(self, document: Document, documents: Iterable[Document], options: model.Options) -> None:
        self._document = document
        self._root: Mapping[str, Json] = document.root
        self._payloads = {schema.pointer: schema for schema in payload_schemas(document)}
        self._error_data = {
            error.code: f"{error.pointer}/data"
            for error in error_declarations(self._root)
            if f"{error.pointer}/data" in self._payloads
        }
        self.bundle = bundle(
            document,
            inline={schema.name: schema.pointer for schema in self._payloads.values() if not schema.is_reference},
            references=[schema.pointer for schema in self._payloads.values() if schema.is_reference],
            documents=documents,
        )
        self._options = replace(options, unknown=self._root.get("unknown", options.unknown))
        if self._options.unknown == "forbid":
            reject_undeclared_properties(self.bundle.root, self._payload_schemas())
        if self._options.formats:
            remove_unchecked_formats(self.bundle.root)
        self.checked = checked_bundle(self.bundle, bigint=options.bigint)
        self.bundle, self._index = self.checked.bundle, self.checked.index
        add_tag_keywords(self._index)
        self._names = DefinitionNames(self._index)
        self._types = TypeInference(self._index, self._names, self._options)
        self._validators = ValidatorBuilder(self._index, self._names, formats=options.formats)
        self._unresolved_cursors: list[Problem] = []

    def endpoint(self) -> model.Endpoint:
        root = self._root
        params, ticket, presence = (self._payload(f"/{keyword}") for keyword in ("params", "ticket", "presence"))
        client, server = tuple(self._messages("client")), tuple(self._messages("server"))
        errors = tuple(self._errors(root))
        messages = [
            payload for message in (*client, *server) for payload in (message.payload, message.reply, message.stream)
        ]
        data = [error.data for error in (*errors, *(error for message in client for error in message.errors))]
        payloads = [payload for payload in (params, ticket, presence, *messages, *data) if payload is not None]
        used = self._types.names
        for name in root.get("$defs", {}):
            self._types.define(self._index.node(json_pointer.join("/$defs", name)))
        definitions = with_tags(self._definitions(), [payload.type for payload in payloads], used)
        problems = [
            *self._endless_references(),
            *self._schemas_without_class(),
            *self._unresolved_cursors,
            *self.checked.problems,
        ]
        if problems:
            raise SchemaProblems(problems)
        translate_patterns(self.bundle.root, self._index)
        definitions = with_valid_defaults(
            definitions, self._types.schemas_of_defaults, self.bundle.root, formats=self._options.formats
        )
        reserved = self._reserved(definitions, {"client": client, "server": server})
        types = [definition.name for definition in definitions]
        names = self._names.assign(types, reserved, renamed=self._types.renamed)
        validators = tuple(self._validators.named.values())
        if any(old != new for old, new in names.items()):
            parts = definitions, params, ticket, presence, client, server, errors, validators
            definitions, params, ticket, presence, client, server, errors, validators = model.renamed(parts, names)
        pointers = [*(part.pointer for part in (*definitions, *payloads)), *self._declarations()]
        return model.Endpoint(
            name=self._document.name,
            source=self._document.source,
            kind=root["kind"],
            path=root.get("path"),
            params=params,
            ticket=ticket,
            presence=presence,
            ttl=float(root.get("ttl", DEFAULT_TTL)),
            client=client,
            server=server,
            errors=errors,
            definitions=definitions,
            validators=dict(zip((names[key] for key in self._validators.named), validators, strict=True)),
            bundle=self.bundle.root,
            description=root.get("description", ""),
            options=self._options,
            bigint=self._types.has_bigint or (self._options.bigint and has_wide_schema(self.bundle)),
            source_locations={pointer: partial(self._source_location, pointer) for pointer in pointers},
        )

    def _declarations(self) -> Iterator[str]:
        """Yield the pointers to the declarations in the document of the endpoint that have no schema of their own."""
        yield from (f"/{keyword}" for keyword in ("kind", "path") if keyword in self._root)
        yield from (error.pointer for error in error_declarations(self._root))
        for side in ("clientMessages", "serverMessages"):
            yield from (json_pointer.join("", side, name) for name in self._root.get(side, {}))

    def _source_location(self, pointer: str) -> model.SourceLocation:
        document, original = self.bundle.origin(pointer)
        line, column = document.line_and_column(original)
        return model.SourceLocation(
            file=document.text.file, line=line, column=column, pointer=document.original_pointer(original)
        )

    def _endless_references(self) -> Iterator[Problem]:
        for pointer in self._validators.endless_references():
            document, original = self.bundle.origin(pointer)
            message, hint = "the schema refers to itself without going deeper", "validation would never end"
            yield document.problem(original, "endless_reference", message, hint=hint)

    def _schemas_without_class(self) -> Iterator[Problem]:
        for node in self._types.without_class:
            document, original = self.bundle.origin(node.pointer)
            message, hint = "only definitions of objects with properties name Pydantic models", "remove x-python"
            yield document.problem(f"{original}/x-python", "invalid_python_model", message, key=True, hint=hint)

    def _payload(self, pointer: str) -> model.Payload | None:
        schema = self._payloads.get(pointer)
        if schema is None:
            return None
        node, target = self._node(schema), self._target(schema)
        validator = self._validators.call(target) if schema.is_reference else self._validators.build(node)
        return model.Payload(
            type=self._types.infer(node),
            validator=validator,
            pointer=target.pointer,
            description=str(node.keywords.get("description", target.keywords.get("description", ""))),
        )

    def _payload_schemas(self) -> Iterator[Json]:
        for schema in self._payloads.values():
            if schema.is_reference:
                yield self.bundle.references[schema.pointer]
            else:
                yield {"$ref": f"#{json_pointer.join('/$defs', schema.name)}"}

    def _node(self, schema: PayloadSchema) -> SchemaNode:
        if schema.is_reference:
            start = self._index.node("")
            return SchemaNode(pointer="", scope=start.scope, schema=self.bundle.references[schema.pointer])
        return self._index.node(json_pointer.join("/$defs", schema.name))

    def _target(self, schema: PayloadSchema) -> SchemaNode:
        """Return the schema of a payload, or the one that it refers to."""
        node = self._node(schema)
        return self._index.follow(node, "$ref") if schema.is_reference else node

    def _messages(self, side: Side) -> Iterator[model.Message]:
        for name, message in self._root.get(f"{side}Messages", {}).items():
            pointer = json_pointer.join(f"/{side}Messages", name)
            yield model.Message(
                name=name,
                payload=self._payload(f"{pointer}/payload"),
                reply=self._payload(f"{pointer}/reply"),
                stream=self._payload(f"{pointer}/stream"),
                cursor=self._cursor(pointer, message) if {"resume", "stream"} <= message.keys() else None,
                policies=_policies(message),
                errors=tuple(self._errors(message)),
                description=message.get("description", ""),
                deprecated=message.get("deprecated", False),
            )

    def _cursor(self, pointer: str, message: Mapping[str, Json]) -> model.Payload | None:
        """Return the position of the items of a stream; None if ``resume`` leads to none."""
        resume = str(message["resume"])
        try:
            node = cursor_node(self._index, self._target(self._payloads[f"{pointer}/stream"]), resume)
        except UnresolvedCursor as unresolved:
            text, got, hint = str(unresolved), f'"{resume}"', unresolved.hint
            problem = self._document.problem(f"{pointer}/resume", "unresolved_resume", text, got=got, hint=hint)
            self._unresolved_cursors.append(problem)
            return None
        return model.Payload(type=self._types.infer(node), validator=self._validators.build(node), pointer=node.pointer)

    def _errors(self, declaring: Mapping[str, Json]) -> Iterator[model.ErrorCode]:
        """Yield the errors of the endpoint or of a message."""
        for code, error in declaring.get("errors", {}).items():
            yield model.ErrorCode(
                code=code,
                description=error.get("description", ""),
                retryable=error.get("retryable", False),
                data=self._payload(self._error_data.get(code, "")),
            )

    def _definitions(self) -> tuple[model.Definition, ...]:
        """Return the definitions in the order of the bundle."""
        order = {name: position for position, name in enumerate(self.bundle.root["$defs"])}
        return tuple(
            sorted(
                self._types.definitions(),
                key=lambda definition: order.get(json_pointer.parse(definition.pointer)[1], -1),
            )
        )

    def _reserved(
        self, definitions: Iterable[model.Definition], messages: Mapping[Side, Iterable[model.Message]]
    ) -> Mapping[str, set[str]]:
        """Return the names that generated modules use for other purposes, with the definitions that may have them.

        The class of a payload may have the name of its message: then it is the class of the message, too.
        """
        reserved: dict[str, set[str]] = {name: set() for name in reserved_names(self._document.name)}
        records = {one.name for one in definitions if isinstance(one, model.Record)} | self._types.renamed
        for side, declared in messages.items():
            for message in declared:
                type_ = None if message.payload is None else message.payload.type
                owners = reserved.setdefault(message_class_name(self._root, side, message.name), set())
                if isinstance(type_, model.Ref) and type_.name in records:
                    owners.add(type_.name)
        own = {json_pointer.join("/$defs", name): pascal(name) for name in self.bundle.root["$defs"]}
        for definition in definitions:
            if (name := own.get(definition.pointer, "")) in reserved:
                reserved[name].add(definition.name)
        return reserved


def reserved_names(endpoint: str) -> Iterator[str]:
    """Yield the names that the generated modules of an endpoint use, except those of message classes."""
    title = pascal(endpoint)
    yield from ("ClientMessage", "ServerMessage")
    yield from (f"{title}{suffix}" for suffix in ("", "Action", "Client", "Handler", "Protocol", "Socket"))


def _policies(message: Mapping[str, Json]) -> dict[str, model.PolicyValue]:
    """Return the values of the policies that a message declares, in the order of the table."""
    declared = [
        (policy, policy.convert(message[policy.keyword])) for policy in policies.POLICIES if policy.keyword in message
    ]
    return {policy.keyword: value for policy, value in declared if value != policy.default}
