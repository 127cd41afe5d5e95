"""Names and types of a generated module."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, TypeGuard

from ... import model
from ...identifiers import Name, constant, pascal
from ...runtime_schema import server_schema
from ..templates import Code
from .alias_statements import alias_statements
from .aliases import AliasStatement, dependency_order
from .annotations import AnnotationBuilder
from .classes import (
    CLOSED,
    FROZEN,
    KW_ONLY,
    UNSET,
    UNSET_TYPE,
    alias_statement,
    class_statement,
    full_description,
    struct_class,
    type_hints,
)
from .defaults import Defaults
from .error_classes import ErrorClass, Parameter, error_class_statement, error_name, parameters
from .message_class import NEVER, MessageClass, request_base
from .packages import used_names
from .python_identifiers import definition_names, field_names, message_class_name
from .python_printer import Node, single_line, subscript, union_of, without_constraints
from .unions import is_struct

__all__ = ["PythonModule"]

STANDARD_LIBRARY = ("datetime", "uuid")
"""Modules of the standard library that some types need."""
OPTIONAL_IMPORTS = {
    **{name: Code(f"import {name}") for name in ("msgspec", "pydantic", "typing_extensions")},
    "MISSING": Code("from pydantic import MISSING"),
}
"""Imports by the name that they define, in the order of the linter."""


class PythonModule:
    """Names and types of an endpoint."""

    packages: tuple[Code, ...] = (Code("tornado_ws"),)
    """Our packages that the module imports."""
    payload_constructor = Code("tornado_ws.Payload")
    """Callable that creates a payload."""
    has_documented_schema = False
    """True if the schema in the module contains titles, descriptions and examples."""
    taken_names: frozenset[str] = frozenset()
    """Names that classes cannot have."""

    def __init__(self, endpoint: model.Endpoint, shared: PythonModule | None = None) -> None:
        """Name the definitions and messages of ``endpoint``.

        Args:
            endpoint: Endpoint of the module.
            shared: Module with the definitions that all endpoints share; None if this module contains all of its own.
        """
        title = pascal(endpoint.name)
        self.endpoint = endpoint
        self._shared_module = shared
        self._shared = {} if shared is None else {local: shared._names[name] for local, name in endpoint.shared.items()}
        name = constant(endpoint.name)
        self.constant = Name(f"{name}_") if name in self.taken_names else name
        self.handler = Name(f"{title}Handler")
        self.action = Name(f"{title}Action")
        self.client_class = Name(f"{title}Client")
        self._definitions = {definition.name: definition for definition in endpoint.definitions}
        self._error_names = {error.code: error_name(error, self.taken_names) for error in endpoint.all_errors}
        own = {
            *(self.constant, self.handler, self.action, self.client_class, "ClientMessage", "ServerMessage"),
            *self._error_names.values(),
        }
        self._reserved = self.taken_names | own
        payloads = {
            self._class_name(message, others): message.payload
            for messages, others in ((endpoint.client, endpoint.server), (endpoint.server, ()))
            for message in messages
            if not self._is_payload_class(message, others)
        }
        classes = frozenset(payloads)
        self._replaced = {name for name, payload in payloads.items() if self._is_renamed(payload, name)}
        """Definitions that only rename others, and that a message class with the same name replaces."""
        self._names: dict[str, Name] = definition_names(
            [name for name in self._definitions if name not in self._replaced], self._reserved | classes
        )
        self._names |= {name: self._names[self._renamed(name)] for name in self._replaced}
        modules = STANDARD_LIBRARY if endpoint.options.typed_formats else ()
        self._taken = {*own, *classes, *self._names.values(), *modules}
        """Names that fields must not hide."""
        self.proved_alternatives: set[tuple[str, str]] = set()
        """Names of untagged unions, and pointers to schemas that the types of their members guarantee."""
        self._builder = AnnotationBuilder(
            endpoint.definitions, self._names, {*own, *classes}, typed_formats=endpoint.options.typed_formats
        )
        self._prepare()
        self.client = tuple(self._message_class(message, endpoint.server) for message in endpoint.client)
        self.server = tuple(self._message_class(message, (), self.handler) for message in endpoint.server)
        self.params = self._payload_annotation(endpoint.params, f"{title}Params")
        self.ticket = self._payload_annotation(endpoint.ticket, f"{title}Ticket")
        self.presence = self._payload_annotation(endpoint.presence, f"{title}Presence")
        self._error_data = {
            error.code: self._payload_annotation(error.data, f"{self._error_names[error.code]}Data")
            for error in endpoint.all_errors
        }
        records = (self._payload_record(error.data) for error in endpoint.all_errors)
        for definition in (*self._own_definitions(), *(record for record in records if record is not None)):
            if self._is_class(definition):
                self._annotate_fields(definition)  # finds their untagged unions
        self._aliases = tuple(self._alias_statements())
        self._taken |= {alias.name for alias in self._aliases}

    @property
    def schema(self) -> dict[str, Any]:  # a JSON object
        """Schema document of the server."""
        return server_schema(self.endpoint)

    @property
    def standard_library(self) -> tuple[Code, ...]:
        """Modules of the standard library that the module imports."""
        found = self._imported_names.intersection(STANDARD_LIBRARY)
        return tuple(sorted(map(Code, ("abc", "collections.abc", "typing", *found))))

    @property
    def imports(self) -> tuple[Code, ...]:
        """Imports of other libraries that the types need."""
        return tuple(statement for name, statement in OPTIONAL_IMPORTS.items() if name in self._imported_names)

    @property
    def stand_ins(self) -> list[tuple[model.Record, Name]]:
        """Definitions with a class of the application, and its name in this module; sorted by the class."""
        records = (one for one in self._definitions.values() if isinstance(one, model.Record))
        found = [(record.stand_in, record) for record in records if record.stand_in is not None]
        found.sort(key=lambda pair: (pair[0].module, pair[0].name, pair[1].name))
        return [(record, self._names[record.name]) for _, record in found]

    @property
    def instances(self) -> dict[str, list[model.Json]]:
        """Valid instances of the schemas of :attr:`stand_ins`, by their JSON Pointers."""
        return {}

    @property
    def stand_in_imports(self) -> Iterator[Code]:
        """Statements that import the classes of the application."""
        for record, name in self.stand_ins:
            if record.stand_in is not None and record.name not in self._shared:
                suffix = "" if name == record.stand_in.name else f" as {name}"
                yield Code(f"from {record.stand_in.module} import {record.stand_in.name}{suffix}")

    @cached_property
    def _imported_names(self) -> frozenset[str]:
        """Names of modules, and of their members, that the types use."""
        payloads = [single_line(node) for message in (*self.client, *self.server) for node in message.payloads]
        described = [single_line(node) for node in (self.params, self.ticket, self.presence) if node]
        return used_names((*self.types(), *payloads, *described), (*STANDARD_LIBRARY, *OPTIONAL_IMPORTS))

    @property
    def shared_imports(self) -> list[tuple[Name, Name]]:
        """Name in the module for all endpoints, and in this module, of each definition that they share; sorted."""
        kept = ((local, shared) for local, shared in self._shared.items() if local not in self._replaced)
        return sorted((shared, self._names[local]) for local, shared in kept)

    @property
    def names(self) -> list[Name]:
        """Names that the module exports, sorted."""
        own = {self.constant, self.handler, self.client_class, Name("ClientMessage"), Name("ServerMessage")}
        action = {self.action} if self.endpoint.kind == "ephemeral" else set()
        classes = {message_class.cls for message_class in (*self.client, *self.server)}
        return sorted({*own, *action, *classes, *self.definition_names, *self._error_names.values()})

    @property
    def definition_names(self) -> list[Name]:
        """Names of the types without messages, sorted."""
        return sorted({*self._names.values(), *(alias.name for alias in self._aliases)})

    def definition_types(self) -> Iterator[Code]:
        """Yield the code of each type, in the order of their dependencies."""
        yield from self._definition_classes
        yield from dependency_order(self._aliases)

    @cached_property
    def _definition_classes(self) -> tuple[Code, ...]:
        """Code of the classes of definitions."""
        message_classes = {message_class.cls: message_class for message_class in (*self.client, *self.server)}
        return tuple(
            self._class_of_definition(definition, message_classes.get(self._names[definition.name]))
            for definition in self._own_definitions()
            if self._is_class(definition)
        )

    def types(self) -> Iterator[Code]:
        """Yield the code of each type and message class, in the order of their dependencies."""
        yield from self.definition_types()
        message_classes = {message_class.cls: message_class for message_class in (*self.client, *self.server)}
        for message_class in message_classes.values():
            if not message_class.is_payload_class:
                yield self._class_of_message(message_class)
        yield from map(error_class_statement, self.errors.values())
        yield self._union_alias(
            "ClientMessage", (message_class.cls for message_class in self.client), "Messages that clients send."
        )
        sent = (message_class.cls for message_class in self.server if message_class.reply is None)
        yield self._union_alias("ServerMessage", sent, "Messages that the server sends, except requests.")

    @cached_property
    def errors(self) -> dict[str, ErrorClass]:
        """Classes of the errors of the application, by code."""
        return {
            error.code: ErrorClass(
                error=error,
                cls=self._error_names[error.code],
                data=self._error_data[error.code],
                parameters=parameters(self._payload_record(error.data), self._definitions, self._parameter),
            )
            for error in self.endpoint.all_errors
        }

    def _parameter(self, record: model.Record, field: model.Field) -> Parameter:
        """Return the parameter for a field of a record."""
        names, owner = self._attributes_of(record), self._names[record.name]
        annotation = self._annotation(field.type, f"{owner}{pascal(field.name)}")
        if field.required:
            return Parameter(name=names[field.name], annotation=annotation)
        defaults = Defaults(
            self._builder.definitions,
            self._builder.names,
            self._attributes_of,
            typed_formats=self._builder.typed_formats,
        )
        default = defaults.argument(record, field)
        if default is None:
            return Parameter(name=names[field.name], annotation=union_of(annotation, UNSET_TYPE), default=UNSET)
        value = default.value if default.name == "default=" else default
        return Parameter(name=names[field.name], annotation=annotation, default=value)

    def _attributes_of(self, record: model.Record) -> Mapping[str, Name]:
        """Return the attributes of a class of this module, or of the shared one, by the names of its properties."""
        shared = self._shared_module if record.name in self._shared else None
        taken = self._taken if shared is None else shared._taken
        snake_case = self.endpoint.options.snake_case
        return field_names([field.name for field in record.fields], taken, snake_case=snake_case)

    def _class_of_definition(self, record: model.Record, message_class: MessageClass | None) -> Code:
        name = self._names[record.name]
        description, bases = full_description(record), []
        if message_class is not None and message_class.is_payload_class:
            description = description or full_description(message_class.message)
            has_response = message_class.reply or message_class.stream
            bases = [request_base(message_class, quoted=True)] if has_response else []
        return self._record_class(record, name, bases, description)

    def _class_of_message(self, message_class: MessageClass) -> Code:
        has_response = message_class.reply or message_class.stream
        bases = [request_base(message_class)] if has_response else []
        description = full_description(message_class.message)
        if message_class.payload is None:
            return self._class_without_payload(message_class.cls, bases, description)
        if message_class.record is not None:
            return self._class_with_record(message_class.cls, message_class.payload, bases, description)
        return self._class_with_value(message_class.cls, message_class.payload, bases, description)

    def _record(self, name: str) -> model.Record:
        """Return the record with this name."""
        record = self._definitions[name]
        assert isinstance(record, model.Record)
        return record

    def _own_definitions(self) -> Iterator[model.Definition]:
        """Yield the definitions that this module defines, rather than imports."""
        return (
            one
            for one in self._definitions.values()
            if one.name not in self._shared
            and one.name not in self._replaced
            and not (isinstance(one, model.Record) and one.stand_in is not None)
        )

    def _prepare(self) -> None:
        """Prepare the annotations, after everything has a name."""

    def _is_class(self, definition: model.Definition) -> TypeGuard[model.Record]:
        """Return True if a definition becomes a class."""
        return is_struct(definition)

    def _annotation(self, type_: model.Type, hint: str) -> Node:
        """Return the annotation of a payload; ``hint`` is the name of its type if the type needs one."""
        return self._builder.annotation(type_, hint)

    def _annotate_fields(self, record: model.Record) -> None:
        """Annotate the fields of a record, as its class does."""
        for hint, type_ in type_hints(record, self._names[record.name]):
            self._annotation(type_, hint)

    def _record_class(self, record: model.Record, name: Name, bases: list[Node], description: str) -> Code:
        """Return the class of a record."""
        return struct_class(
            record,
            name,
            self._builder,
            taken=self._taken,
            snake_case=self.endpoint.options.snake_case,
            bases=bases,
            description=description,
        )

    def _class_without_payload(self, name: Name, bases: Iterable[Node], description: str) -> Code:
        """Return the class of a message without a payload."""
        return class_statement(name, (Code("msgspec.Struct"), *bases, FROZEN, KW_ONLY, CLOSED), description)

    def _class_with_record(self, name: Name, payload: Node, bases: Iterable[Node], description: str) -> Code:
        """Return the class of a message that inherits from the class of its payload."""
        return class_statement(
            name, (payload, subscript("tornado_ws.Message", payload), *bases, FROZEN, KW_ONLY), description
        )

    def _class_with_value(self, name: Name, payload: Node, bases: Iterable[Node], description: str) -> Code:
        """Return the class of a message with a payload that is not a class."""
        wrapper = subscript("tornado_ws.Wrapper", without_constraints(payload))
        return class_statement(name, (wrapper, *bases, FROZEN), description)

    def _union_alias(self, name: str, classes: Iterable[Name], description: str) -> Code:
        members = list(classes)
        return alias_statement(Name(name), union_of(*members) if members else NEVER, description)

    def _message_class(
        self, message: model.Message, others: Iterable[model.Message], handler: Name | None = None
    ) -> MessageClass:
        cls = self._class_name(message, others)
        return MessageClass(
            message=message,
            cls=cls,
            record=self._payload_record(message.payload),
            payload=cls
            if self._is_payload_class(message, others)
            else self._payload_annotation(message.payload, f"{cls}Data"),
            reply=self._payload_annotation(message.reply, f"{cls}Reply"),
            stream=self._payload_annotation(message.stream, f"{cls}Item"),
            cursor=self._payload_annotation(message.cursor, f"{cls}Cursor"),
            handler=handler,
        )

    def _alias_statements(self) -> Iterable[AliasStatement]:
        return alias_statements(self._own_definitions(), self._names, self._builder, self.proved_alternatives)

    def _payload_record(self, payload: model.Payload | None) -> model.Record | None:
        if payload is None or not isinstance(payload.type, model.Ref):
            return None
        definition = self._definitions[self._renamed(payload.type.name)]
        return definition if self._is_class(definition) and definition.stand_in is None else None

    def _renamed(self, name: str) -> str:
        """Return the name of the definition behind aliases that only rename it."""
        while isinstance(alias := self._definitions[name], model.Alias) and isinstance(alias.type, model.Ref):
            name = alias.type.name
        return name

    def _is_renamed(self, payload: model.Payload | None, name: str) -> bool:
        """Return True if ``name`` is the definition of a payload, and only renames another one."""
        is_reference = payload is not None and payload.type == model.Ref(name=name)
        return is_reference and self._renamed(name) != name

    def _is_payload_class(self, message: model.Message, others: Iterable[model.Message]) -> bool:
        record = self._payload_record(message.payload)
        if record is None:
            return False
        is_shared = record.name in self._shared or self._payload_counts[record.name] > 1
        if is_shared and (message.reply or message.stream):
            return False  # a reply is declared by the class, which others use without it
        return record.name == self._class_name(message, others)

    @cached_property
    def _payload_counts(self) -> Counter[str]:
        """Number of messages with each definition as their payload."""
        records = (self._payload_record(one.payload) for one in (*self.endpoint.client, *self.endpoint.server))
        return Counter(record.name for record in records if record is not None)

    def _class_name(self, message: model.Message, others: Iterable[model.Message]) -> Name:
        """Return the name of a message class, with a suffix if it is a name of the module, such as the constant."""
        name = message_class_name(message, others)
        taken = {*self._reserved, *(pascal(other.name) for other in (*self.endpoint.client, *self.endpoint.server))}
        suffix = "" if name not in self._reserved else "Message"
        while suffix and f"{name}{suffix}" in taken:
            suffix += "_"
        return Name(f"{name}{suffix}")

    def _payload_annotation(self, payload: model.Payload | None, hint: str) -> Node | None:
        return None if payload is None else self._annotation(payload.type, hint)
