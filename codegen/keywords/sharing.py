"""Definitions that all endpoints share: types of the schemas to which references from other files lead."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import PurePosixPath

from msgspec import structs

from .. import model
from ..identifiers import pascal
from ..source import json_pointer
from ..source.document import Document, Text
from ..source.uri import to_fragment
from .bundle import file_uris
from .definition_matching import Address, matching
from .endpoint_reader import read, reserved_names
from .schema_index import SchemaIndex, SchemaNode, UnresolvedReference

__all__ = ["share"]

NAME = "definitions-of-all-files"
"""Name of an endpoint with all shared schemas; no file has it."""


def share(
    endpoints: Sequence[model.Endpoint], documents: Sequence[Document], options: model.Options
) -> tuple[model.Endpoint, ...]:
    """Return the endpoints, with equal names and tags for the definitions that they share.

    A definition is shared if a reference from another file leads to its schema, directly or through shared ones. An
    endpoint with another type for this schema, for example because of ``$dynamicRef``, keeps its own definition.

    Args:
        endpoints: All endpoints of a folder.
        documents: All files of the folder.
        options: Options of the project; an endpoint with other options shares nothing.
    """
    files = file_uris(documents)
    if not any(files.keys() & endpoint.bundle["$defs"].keys() for endpoint in endpoints):
        return tuple(endpoints)  # no file refers to another one
    return tuple(_Sharing(endpoints, documents, options).endpoints())


class _Sharing:
    def __init__(
        self, endpoints: Sequence[model.Endpoint], documents: Sequence[Document], options: model.Options
    ) -> None:
        self._endpoints = endpoints
        self._files = file_uris(documents)
        targets = {target for endpoint in endpoints for target in self._targets(endpoint)}
        self._unit = _unit(sorted(targets, key=self._position), documents, options)
        while rivals := {*self._rivals()} - targets:
            targets |= rivals
            self._unit = _unit(sorted(targets, key=self._position), documents, options)
        self._matches = {
            endpoint.name: matching(
                endpoint.definitions, self._unit.definitions, self._addresses(endpoint), self._addresses(self._unit)
            )
            for endpoint in endpoints
            if targets and endpoint.options == options
        }

    def endpoints(self) -> Iterator[model.Endpoint]:
        records = self._records()
        for endpoint in self._endpoints:
            matches = self._matches.get(endpoint.name)
            yield self._with_shared(endpoint, matches, records) if matches else endpoint

    def _targets(self, endpoint: model.Endpoint) -> Iterator[Address]:
        """Yield the addresses of the schemas in other files to which the file of an endpoint refers."""
        index, address, home = SchemaIndex(endpoint.bundle), self._addresses(endpoint), endpoint.bundle["$id"]
        pointers = [payload.pointer for payload in endpoint.payloads]
        for visit in index.visits:
            if isinstance(visit.schema.get("$ref"), str) and address(visit.pointer)[0] == home:
                with suppress(UnresolvedReference):  # in a value that only looks like a schema
                    node = SchemaNode(pointer=visit.pointer, scope=(), schema=visit.schema)
                    pointers.append(index.follow(node, "$ref").pointer)
        yield from (target for target in map(address, pointers) if target[0] != home)

    def _rivals(self) -> Iterator[Address]:
        """Yield the addresses of unused schemas that compete for a name, so that their first use changes no name."""
        address = self._addresses(self._unit)
        known = {address(definition.pointer) for definition in self._unit.definitions}
        names = {_name(*one) for one in known}
        for uri in {uri for endpoint in self._endpoints for uri in endpoint.bundle["$defs"]} & self._files.keys():
            root = self._files[uri].root
            if isinstance(root, dict) and not self._files[uri].is_endpoint:
                found = [(uri, json_pointer.join("/$defs", name)) for name in root.get("$defs", ())]
                yield from (one for one in found if _name(*one) in names and one not in known)

    def _addresses(self, endpoint: model.Endpoint) -> Callable[[str], Address]:
        """Return the function from pointers in the bundle of an endpoint to addresses."""

        def address(pointer: str) -> Address:
            match json_pointer.parse(json_pointer.prefix(pointer, 2)):
                case ["$defs", uri] if uri in self._files:
                    return uri, pointer.removeprefix(json_pointer.join("/$defs", uri))
                case _:
                    return endpoint.bundle["$id"], pointer

        return address

    def _position(self, address: Address) -> tuple[object, ...]:
        """Return the position of a schema in the folder."""
        uri, pointer = address
        document = self._files[uri]
        return document.path.as_posix(), document.line_and_column(pointer), pointer

    def _records(self) -> dict[str, model.Record]:
        """Return the shared records with the properties that unions give them, by name.

        The first union that needs a tag for a record determines it.
        """
        found = {one.name: one for one in self._unit.definitions if isinstance(one, model.Record)}
        for endpoint in self._endpoints:
            matches = self._matches.get(endpoint.name, {})
            for one in endpoint.definitions:
                if isinstance(one, model.Record) and one.name in matches:
                    first = found[matches[one.name]]
                    found[first.name] = structs.replace(first, tag=first.tag or one.tag, keeps=first.keeps or one.keeps)
        return found

    def _with_shared(
        self, endpoint: model.Endpoint, matches: Mapping[str, str], records: Mapping[str, model.Record]
    ) -> model.Endpoint:
        """Return an endpoint with the names, tags and pointers of the definitions in ``matches``."""
        address = self._addresses(endpoint)
        own = {one.name for one in endpoint.definitions if address(one.pointer)[0] == endpoint.bundle["$id"]}
        names = _local_names(endpoint, matches, own)
        definitions: dict[str, model.Definition] = {}
        locations = dict(endpoint.source_locations)
        for definition in endpoint.definitions:
            if definition.name in matches:
                if isinstance(definition, model.Record):
                    record = records[matches[definition.name]]
                    definition = structs.replace(definition, tag=record.tag, keeps=record.keeps)
                uri, pointer = address(definition.pointer)
                if self._files[uri].is_endpoint:  # its pointers depend on the bundle
                    location = locations[definition.pointer]
                    definition = structs.replace(definition, pointer=f"{uri}#{to_fragment(pointer)}")
                    locations[definition.pointer] = location
            definitions.setdefault(names[definition.name], model.renamed(definition, names))
        return replace(
            endpoint,
            params=_payload(endpoint.params, names),
            ticket=_payload(endpoint.ticket, names),
            presence=_payload(endpoint.presence, names),
            client=tuple(_message(message, names) for message in endpoint.client),
            server=tuple(_message(message, names) for message in endpoint.server),
            definitions=tuple(definitions.values()),
            shared_bundle=self._unit.bundle,
            shared={names[name]: shared for name, shared in matches.items()},
            source_locations=locations,
        )


def _name(uri: str, pointer: str) -> str:
    """Return the last word of an address as a class name."""
    return pascal((json_pointer.parse(pointer) or [PurePosixPath(uri).stem])[-1])


def _unit(targets: Sequence[Address], documents: Sequence[Document], options: model.Options) -> model.Endpoint:
    """Return an endpoint that uses all ``targets``; so its names for their types depend on no other endpoint."""
    messages = {
        f"shared-definition-{position}": {"payload": {"$ref": f"{uri}#{to_fragment(pointer)}"}}
        for position, (uri, pointer) in enumerate(targets)
    }
    document = Document(
        path=PurePosixPath(f"{NAME}.json"),
        source="",
        root={"kind": "ephemeral", "serverMessages": messages},
        text=Text("", ""),
        find_offsets=lambda: {"": (0, 0)},
    )
    return read(document, [*documents, document], options).model


def _local_names(endpoint: model.Endpoint, matches: Mapping[str, str], own: Collection[str]) -> dict[str, str]:
    """Return the new name of each definition: its shared name, unless the endpoint has another use for this name.

    Definitions in the file of the endpoint keep their names.
    """
    names = {definition.name: definition.name for definition in endpoint.definitions}
    local = {matches[name]: name for name in reversed(names) if name in matches and name in own}
    taken = {*(name for name in names if name in own or name not in matches), *reserved_names(endpoint.name)}
    for name, shared in sorted(matches.items(), key=lambda match: match[1] in taken):
        if shared in local:
            continue
        unique, number = shared if shared not in taken else name, 2
        while unique in taken:
            unique, number = f"{name}{number}", number + 1
        local[shared] = unique
        taken.add(unique)
    return names | {name: local[shared] for name, shared in matches.items()}


def _message(message: model.Message, names: Mapping[str, str]) -> model.Message:
    return structs.replace(
        message,
        payload=_payload(message.payload, names),
        reply=_payload(message.reply, names),
        stream=_payload(message.stream, names),
        cursor=_payload(message.cursor, names),
    )


def _payload(payload: model.Payload | None, names: Mapping[str, str]) -> model.Payload | None:
    """Return a payload with other names of types; validators have their own names."""
    return None if payload is None else structs.replace(payload, type=model.renamed(payload.type, names))
