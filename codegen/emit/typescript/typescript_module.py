"""Renderer for ``messages.ts`` of an endpoint."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import jinja2

from ... import model
from ...contract import contract
from ...identifiers import camel, pascal
from ...limits.message_size import has_larger_messages, message_bytes
from ...model import policies
from ...version import VERSION
from ..js_literals import comment_lines, key, string, value
from ..templates import Code, template
from .call_expressions import object_literal
from .decoder_calls import DecoderCalls
from .type_expressions import TypeExpressions
from .typescript_printer import LINE_WIDTH, TAB_WIDTH, Group, Part, format_part
from .validator_calls import ValidatorCalls

__all__ = ["render", "render_shared"]

TABS = {"tab0": Code(""), "tab": Code("\t"), "tab2": Code("\t\t"), "tab3": Code("\t\t\t")}


def render(endpoint: model.Endpoint) -> str:
    """Return the source of the module for ``endpoint``."""
    constant, protocol = Code(camel(endpoint.name)), Code(f"{pascal(endpoint.name)}Protocol")
    validators = ValidatorCalls(endpoint, taken=[constant])
    declaration = Code(f"export const {constant}: {_local_name(endpoint, 'Endpoint')}<{protocol}> = ")
    decoders = DecoderCalls(endpoint, validators, taken=[constant])
    constant_value = format_part(_endpoint(endpoint, validators, decoders), before=len(declaration))
    declared: dict[str, list[tuple[Code, Part]]] = {
        "Decoder": list(decoders.declarations()),
        "Validator": list(validators.declarations()),
    }
    declarations = [
        (name, type_, format_part(part, before=len(f"const {name}: {type_} = ")))
        for type_, parts in ((_local_name(endpoint, type_), parts) for type_, parts in declared.items())
        for name, part in parts
    ]
    own = [definition for definition in endpoint.definitions if definition.name not in endpoint.shared]
    formatted = _formatted(endpoint, [*own, *(payload.type for payload in endpoint.payloads)])
    module = _template("messages.ts.jinja", TypeExpressions(formatted))
    runtime_types = ["Endpoint", *(type_ for type_, parts in declared.items() if parts)]
    plain = [message for message in endpoint.client if message.reply is None and message.stream is None]
    return module.render(
        version=Code(VERSION),
        endpoint=endpoint,
        imports=list(_imports(endpoint, validators, formatted, sorted(runtime_types))),
        own_definitions=own,
        constant=constant,
        Endpoint=_local_name(endpoint, "Endpoint"),
        protocol=protocol,
        functions=declarations,
        value=constant_value,
        client_messages=[message for message in plain if "acknowledged" not in message.policies],
        acknowledged_messages=[message for message in plain if "acknowledged" in message.policies],
        requests=[message for message in endpoint.client if message.reply is not None],
        streams=[message for message in endpoint.client if message.stream is not None],
        server_messages=[message for message in endpoint.server if message.reply is None],
        refused_messages=[message for message in endpoint.client if message.errors],
        server_requests=[message for message in endpoint.server if message.reply is not None],
        **TABS,
    )


def render_shared(endpoints: Sequence[model.Endpoint], definitions: Sequence[model.Definition]) -> str:
    """Return the source of the module with the types that all endpoints share."""
    formatted = _formatted(replace(endpoints[0], definitions=tuple(definitions)), definitions)
    return _template("shared.ts.jinja", TypeExpressions(formatted)).render(
        version=Code(VERSION),
        imports=[] if formatted is None else [_type_import({"Formatted": formatted}, "./runtime/formats")],
        shared_definitions=definitions,
        **TABS,
    )


def _template(name: str, types: TypeExpressions) -> jinja2.Template:
    return template(
        __package__,
        name,
        closing=_closing,
        comment=lambda text: Code(" ".join(comment_lines(text))),
        doc_lines=_doc_lines,
        error_type=lambda error: _payload_type(error.data, types),
        fields=lambda definition: definition.fields if isinstance(definition, model.Record) else (),
        index_signatures=lambda definition: _index_signatures(definition, types),
        key=key,
        message_type=lambda message: _message_type(message, types),
        opening=lambda definition: _opening(definition, types),
        payload_type=lambda payload: _payload_type(payload, types),
        property=lambda field: _property(field, types),
        space=lambda line: Code(" " if line else ""),
    )


# ---- imports


def _imports(
    endpoint: model.Endpoint, validators: ValidatorCalls, formatted: Code | None, types: Iterable[str]
) -> Iterator[Code]:
    for module, functions in validators.imports.items():
        yield _import("import", [Code(function) for function in functions], f"../runtime/{module}")
    if formatted is not None:
        yield _type_import({"Formatted": formatted}, "../runtime/formats")
    yield _type_import({name: _local_name(endpoint, name) for name in types}, "../runtime/protocol")
    own = [definition for definition in endpoint.definitions if definition.name not in endpoint.shared]
    used = {
        name for part in (*own, *(payload.type for payload in endpoint.payloads)) for name in model.references(part)
    }
    for keyword, names in (("import type", used & endpoint.shared.keys()), ("export type", endpoint.shared)):
        if names:
            yield _import(keyword, [*_shared_specifiers(endpoint, names)], "../shared")


def _shared_specifiers(endpoint: model.Endpoint, names: Iterable[str]) -> Iterator[Code]:
    for shared, local in sorted((endpoint.shared[name], name) for name in names):
        yield Code(shared if shared == local else f"{shared} as {local}")


def _formatted(endpoint: model.Endpoint, parts: Iterable[model.Definition | model.Type]) -> Code | None:
    """Return the local name of the type of strings with a format; None if the parts need none."""
    has_formats = endpoint.options.typed_formats and any(map(model.has_formats, parts))
    return _local_name(endpoint, "Formatted") if has_formats else None


def _local_name(endpoint: model.Endpoint, name: str) -> Code:
    """Return the local name for a type of the runtime; a definition may have the same name."""
    taken = {definition.name for definition in endpoint.definitions}
    while name in taken:
        name += "_"
    return Code(name)


def _type_import(local_names: Mapping[str, Code], module: str) -> Code:
    specifiers = [Code(name if local == name else f"{name} as {local}") for name, local in local_names.items()]
    return _import("import type", specifiers, module)


def _import(keyword: str, specifiers: list[Code], module: str) -> Code:
    group = Group(opening=f"{keyword} {{", parts=tuple(specifiers), closing="}", spaced=True)
    source = f" from '{module}.js';"
    return Code(format_part(group, after=len(source)) + source)


# ---- types


def _opening(definition: model.Definition, types: TypeExpressions) -> Code:
    if isinstance(definition, model.Record):
        return Code(f"interface {definition.name} {{")
    return Code(
        f"{_typed(f'export type {definition.name} =', types.members(definition.type))};".removeprefix("export ")
    )


def _closing(definition: model.Definition) -> Code:
    return Code("}\n" if isinstance(definition, model.Record) else "")


def _typed(head: str, members: Sequence[Code], indent: int = 0) -> Code:
    """Return the code of ``head`` with a type; a union that does not fit on one line has a line for each member."""
    line = f"{head} {' | '.join(members)}"
    if len(members) == 1 or indent * TAB_WIDTH + len(f"{line};") <= LINE_WIDTH:
        return Code(line)
    margin = "\t" * (indent + 1)
    return Code(head + "".join(f"\n{margin}| {member}" for member in members))


def _property(field: model.Field, types: TypeExpressions) -> Code:
    head = f"readonly {key(field.name)}{'' if field.required else '?'}:"
    return _typed(head, types.members(field.type), indent=1)


def _index_signatures(definition: model.Definition, types: TypeExpressions) -> list[Code]:
    members = types.index_members(definition) if isinstance(definition, model.Record) else ()
    return [_typed("readonly [key: string]:", members, indent=1)] if members else []


def _payload_type(payload: model.Payload | None, types: TypeExpressions) -> Code:
    return Code("undefined") if payload is None else types.of(payload.type)


def _message_type(message: model.Message, types: TypeExpressions) -> Code:
    """Return the type of a message in the protocol: its data, or ``[data, reply]``."""
    response = message.reply or message.stream
    data = _payload_type(message.payload, types)
    return data if response is None else Code(f"[{data}, {_payload_type(response, types)}]")


def _doc_lines(
    described: model.Definition | model.Field | model.Message | model.ErrorCode | model.Endpoint,
) -> list[Code]:
    lines = comment_lines(described.description) if described.description else []
    if isinstance(described, model.Field) and described.default is not model.NO_DEFAULT:
        lines += comment_lines(f"@default {json.dumps(described.default, ensure_ascii=False)}")
    if isinstance(described, model.Message):
        response = described.reply or described.stream
        if response is not None and response.description:
            text = response.description.strip()
            escape = "\\" if text.startswith("{") else ""  # JSDoc reads braces as a type
            lines += comment_lines(f"@returns {escape}{text}")
    if not isinstance(described, model.Endpoint | model.ErrorCode) and described.deprecated:
        lines.append(Code("@deprecated"))
    return lines


# ---- constant


def _endpoint(endpoint: model.Endpoint, validators: ValidatorCalls, decoders: DecoderCalls) -> Part:
    members: list[tuple[Code, Part]] = [
        (Code("name"), string(endpoint.name)),
        (Code("kind"), string(endpoint.kind)),
    ]
    if endpoint.path is not None:
        members.append((Code("path"), string(endpoint.path)))
    members.append((Code("contract"), string(contract(endpoint))))
    if has_larger_messages(endpoint):
        members.append((Code("messageBytes"), value(message_bytes(endpoint))))
    if endpoint.params is not None:
        members.append((Code("params"), validators.payload(endpoint.params.validator)))
    if endpoint.presence is not None:
        members.append((Code("presence"), decoders.payload(endpoint.presence)))
    for side, messages in (("client", endpoint.client), ("server", endpoint.server)):
        types = object_literal((key(message.name), _message(message, decoders)) for message in messages)
        members.append((Code(side), types))
    errors = [
        (key(error.code), decoders.payload(error.data)) for error in endpoint.all_errors if error.data is not None
    ]
    if errors:
        members.append((Code("errors"), object_literal(errors)))
    return object_literal(members)


def _message(message: model.Message, decoders: DecoderCalls) -> Part:
    payloads = (("data", message.payload), ("reply", message.reply), ("stream", message.stream))
    names = [
        policy.keyword for policy in policies.POLICIES if policy.enforced_on_page and policy.keyword in message.policies
    ]
    return object_literal(
        [
            *((Code(name), decoders.payload(payload)) for name, payload in payloads if payload is not None),
            *((key(name), _policy(message.policies[name])) for name in names),
        ]
    )


def _policy(policy: model.PolicyValue) -> Code:
    if isinstance(policy, model.Replay):
        return value(policy.count)
    return value(list(policy) if isinstance(policy, tuple) else policy)
