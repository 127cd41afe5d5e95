"""Puts a module together."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ... import model
from ...contract import contract
from ...identifiers import camel, pascal
from ...version import VERSION
from ..js_literals import comment_lines, key, string, value
from ..templates import Code, template
from .type_expressions import index_type, typescript
from .typescript_printer import Group, Part, lay_out
from .validator_calls import ValidatorCalls, objects

__all__ = ["render"]


def render(endpoint: model.Endpoint) -> str:
    """Return the text of the module of ``endpoint``."""
    constant, protocol = Code(camel(endpoint.name)), Code(f"{pascal(endpoint.name)}Protocol")
    checks = ValidatorCalls(endpoint, taken=[constant])
    declared = Code(f"export const {constant}: {_type(endpoint, 'Endpoint')}<{protocol}> = ")
    value_ = lay_out(_endpoint(endpoint, checks), before=len(declared))
    declarations = [
        (name, lay_out(part, before=len(f"const {name}: {_type(endpoint, 'Check')} = ")))
        for name, part in checks.declarations()
    ]
    module = template(
        __package__,
        "messages.ts.jinja",
        blank=lambda line: Code(" " if line else ""),
        carried=_carried,
        closing=_closing,
        comment=lambda text: Code(" ".join(comment_lines(text))),
        doc_lines=_doc_lines,
        fields=lambda definition: definition.fields if isinstance(definition, model.Record) else (),
        key=key,
        opening=_opening,
        property=_property,
        rest=_rest,
        slot_type=_slot_type,
    )
    return module.render(
        version=Code(VERSION),
        endpoint=endpoint,
        imports=list(_imports(endpoint, checks, bool(declarations))),
        constant=constant,
        Check=_type(endpoint, "Check"),
        Endpoint=_type(endpoint, "Endpoint"),
        protocol=protocol,
        checks=declarations,
        value=value_,
        plain_client=[one for one in endpoint.client if one.reply is None and one.stream is None],
        requests=[one for one in endpoint.client if one.reply is not None],
        streams=[one for one in endpoint.client if one.stream is not None],
        plain_server=[one for one in endpoint.server if one.reply is None],
        asks=[one for one in endpoint.server if one.reply is not None],
        tab0=Code(""),
        tab=Code("\t"),
        tab2=Code("\t\t"),
    )


# ---- imports


def _imports(endpoint: model.Endpoint, checks: ValidatorCalls, named: bool) -> Iterator[Code]:
    for module, functions in checks.imports.items():
        yield _import("import", [Code(function) for function in functions], module)
    types = ["Check", "Endpoint"] if named else ["Endpoint"]
    spelled = {name: _type(endpoint, name) for name in types}
    wanted = [Code(name if other == name else f"{name} as {other}") for name, other in spelled.items()]
    yield _import("import type", wanted, "protocol")


def _type(endpoint: model.Endpoint, name: str) -> Code:
    """Return what a type of ``runtime/protocol.ts`` is called here: a schema may have such a name, too."""
    taken = {definition.name for definition in endpoint.definitions}
    while name in taken:
        name += "_"
    return Code(name)


def _import(how: str, names: list[Code], module: str) -> Code:
    group = Group(opening=f"{how} {{", parts=tuple(names), closing="}", spaced=True)
    behind = f" from '../runtime/{module}.js';"
    return Code(lay_out(group, after=len(behind)) + behind)


# ---- types


def _opening(definition: model.Definition) -> Code:
    if isinstance(definition, model.Record):
        return Code(f"interface {definition.name} {{")
    return Code(f"type {definition.name} ={_aliased(definition)};")


def _closing(definition: model.Definition) -> Code:
    return Code("}\n" if isinstance(definition, model.Record) else "")


def _aliased(alias: model.Alias) -> Code:
    """Return the type of an alias, a member on each line if there are too many for one."""
    flat = typescript(alias.type)
    members = alias.type.members if isinstance(alias.type, model.Union) else ()
    if len(f"export type {alias.name} = {flat};") <= 120 or not members:
        return Code(f" {flat}")
    return Code("".join(f"\n\t| {typescript(member)}" for member in members))


def _property(field: model.Field) -> Code:
    return Code(f"readonly {key(field.name)}{'' if field.required else '?'}: {typescript(field.type)}")


def _rest(definition: model.Definition) -> list[Code]:
    type_ = index_type(definition) if isinstance(definition, model.Record) else None
    return [] if type_ is None else [type_]


def _slot_type(slot: model.Payload | None) -> Code:
    return Code("undefined") if slot is None else typescript(slot.type)


def _carried(message: model.Message) -> Code:
    """Return what the protocol says of a message: its data, or data and answer."""
    answer = message.reply or message.stream
    data = _slot_type(message.payload)
    return data if answer is None else Code(f"[{data}, {_slot_type(answer)}]")


def _doc_lines(described: model.Definition | model.Field | model.Message | model.Endpoint) -> list[Code]:
    lines = comment_lines(described.description) if described.description else []
    if isinstance(described, model.Field) and described.default is not model.NO_DEFAULT:
        lines += comment_lines(f"@default {json.dumps(described.default, ensure_ascii=False)}")
    if isinstance(described, model.Message):
        answer = described.reply or described.stream
        if answer is not None and answer.description:
            words = answer.description.strip()
            escape = "\\" if words.startswith("{") else ""  # a brace would begin a type
            lines += comment_lines(f"@returns {escape}{words}")
    if not isinstance(described, model.Endpoint) and described.deprecated:
        lines.append(Code("@deprecated"))
    return lines


# ---- the constant


def _endpoint(endpoint: model.Endpoint, checks: ValidatorCalls) -> Part:
    members: list[tuple[Code, Part]] = [
        (Code("name"), string(endpoint.name)),
        (Code("kind"), string(endpoint.kind)),
    ]
    if endpoint.path is not None:
        members.append((Code("path"), string(endpoint.path)))
    members.append((Code("contract"), string(contract(endpoint))))
    if endpoint.params is not None:
        members.append((Code("params"), checks.slot(endpoint.params.validator)))
    members.append((Code("client"), objects((key(one.name), _message(one, checks)) for one in endpoint.client)))
    members.append((Code("server"), objects((key(one.name), _message(one, checks)) for one in endpoint.server)))
    return objects(members)


def _message(message: model.Message, checks: ValidatorCalls) -> Part:
    slots = (("data", message.payload), ("reply", message.reply), ("stream", message.stream))
    flags = (("volatile", message.volatile), ("replay", message.replay > 0))
    return objects(
        [
            *((Code(name), checks.slot(slot.validator)) for name, slot in slots if slot is not None),
            *((Code(name), value(True)) for name, flag in flags if flag),
        ]
    )
