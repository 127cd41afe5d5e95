"""Verdicts on the changes of an endpoint."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from codegen.evolution import compare, compare_folders

from .versions import SHOP, changed, contract_of

WIDER_COLOR = {"enum": ["red", "blue", "green"]}
NOTE = {"type": "string"}
ORDER = SHOP["$defs"]["Order"]


def properties(**members: Any) -> dict[str, Any]:
    return {**ORDER["properties"], **members}


def without(*path: str) -> dict[str, Any]:
    document = copy.deepcopy(SHOP)
    target = document
    for token in path[:-1]:
        target = target[token]
    del target[path[-1]]
    return document


CHANGES: dict[str, tuple[dict[str, Any], str, str]] = {
    # name: the new version, and the changes from the old to the new version and back
    "new optional member of what clients send": (
        changed(defs__Order__properties=properties(note=NOTE)),
        "compatible client message order | compatible server message confirm",
        "compatible client message order | compatible server message confirm",
    ),
    "new required member of what clients send": (
        changed(defs__Order={**ORDER, "properties": properties(note=NOTE), "required": ["text", "note"]}),
        'breaking client message order: payload: "note" is required now '
        '| breaking server message confirm: reply: "note" is required now',
        "compatible client message order | compatible server message confirm",
    ),
    "new required member of what the server sends": (
        changed(defs__Item={**ORDER, "properties": properties(note=NOTE), "required": ["text", "note"]}),
        "compatible client message list | compatible client message watch | compatible server message item",
        'breaking client message list: reply: "note" is no longer required '
        '| breaking client message watch: stream: "note" is no longer required '
        '| breaking server message item: payload: "note" is no longer required',
    ),
    "new member of a closed object": (
        changed(defs__Order={**ORDER, "properties": properties(note=NOTE), "additionalProperties": False}),
        "compatible client message order | compatible server message confirm",
        "compatible client message order | compatible server message confirm",
    ),
    "wider enumeration of what clients send": (
        changed(defs__Order__properties__color=WIDER_COLOR),
        "compatible client message order | compatible server message confirm",
        'breaking client message order /color: payload: enum without "green" '
        '| breaking server message confirm /color: reply: enum without "green"',
    ),
    "wider enumeration of what the server sends": (
        changed(defs__Item__properties__color=WIDER_COLOR),
        'breaking client message list /color: reply: enum with new "green" '
        '| breaking client message watch /color: stream: enum with new "green" '
        '| breaking server message item /color: payload: enum with new "green"',
        "compatible client message list | compatible client message watch | compatible server message item",
    ),
    "string to integer": (
        changed(serverMessages__confirm__payload={"type": "integer"}),
        'breaking server message confirm: payload: type "string" → "integer"',
        'breaking server message confirm: payload: type "integer" → "string"',
    ),
    "tightened bound of what clients send": (
        changed(defs__Order__properties__text={"type": "string", "maxLength": 50}),
        "breaking client message order /text: payload: maxLength 100 → 50 "
        "| breaking server message confirm /text: reply: maxLength 100 → 50",
        "compatible client message order | compatible server message confirm",
    ),
    "loosened bound of what clients send": (
        changed(clientMessages__list__payload={"type": "integer", "minimum": 0}),
        "compatible client message list",
        "breaking client message list: payload: maximum none → 9",
    ),
    "loosened bound of what the server sends": (
        changed(defs__Item__properties__text={"type": "string"}),
        "breaking client message list /text: reply: maxLength 100 → none "
        "| breaking client message watch /text: stream: maxLength 100 → none "
        "| breaking server message item /text: payload: maxLength 100 → none",
        "compatible client message list | compatible client message watch | compatible server message item",
    ),
    "renamed client message": (
        changed(clientMessages__leave=None, clientMessages__quit={}),
        "breaking client message leave: removed: old clients still send it (renamed to quit? keep both names) "
        "| compatible client message quit",
        "breaking client message quit: removed: old clients still send it (renamed to leave? keep both names) "
        "| compatible client message leave",
    ),
    "removed client message": (
        without("clientMessages", "leave"),
        "breaking client message leave: removed: old clients still send it",
        "compatible client message leave",
    ),
    "removed server message": (
        without("serverMessages", "item"),
        "compatible server message item",
        "compatible server message item",
    ),
    "removed request of the server": (
        without("serverMessages", "confirm"),
        "compatible server message confirm",
        "breaking server message confirm: new request: old clients do not answer it",
    ),
    "removed reply": (
        without("clientMessages", "list", "reply"),
        "breaking client message list: reply removed: old clients wait for it",
        "breaking client message list: reply is new: old clients send no request",
    ),
    "stream in place of a message": (
        changed(clientMessages__leave={"stream": {"type": "integer"}}),
        "breaking client message leave: stream is new: old clients send no request",
        "breaking client message leave: stream removed: old clients wait for it",
    ),
    "removed reply of the client": (
        without("serverMessages", "confirm", "reply"),
        "compatible server message confirm",
        "breaking server message confirm: reply is new: old clients send none",
    ),
    "payload in place of none": (
        changed(clientMessages__leave={"payload": {"type": "string"}}),
        "breaking client message leave: payload is new",
        "breaking client message leave: payload removed",
    ),
    "new error": (
        changed(errors__closed={"description": "The shop is closed."}),
        "breaking: error closed is new: old clients do not know it",
        "compatible",
    ),
    "new error of a message": (
        changed(clientMessages__leave={"errors": {"busy": {}}}),
        "breaking client message leave: error busy is new: old clients do not know it",
        "compatible client message leave",
    ),
    "error of one message in place of all": (
        changed(errors=None, clientMessages__leave={"errors": {"sold_out": {}}}),
        "compatible",
        "breaking: error sold_out is new: old clients do not know it",
    ),
    "data of an error": (
        changed(errors__sold_out={"data": {"type": "integer"}}),
        "compatible",
        "breaking: error sold_out has no data any more: old clients read it",
    ),
    "lower rate": (
        changed(clientMessages__order__rate="5/s"),
        "breaking client message order: rate 10/1s → 5/1s",
        "compatible client message order",
    ),
    "lower timeout of a request of clients": (
        changed(clientMessages__list__timeout=5),
        "compatible client message list",
        "compatible client message list",
    ),
    "timeout of a request of the server": (
        changed(serverMessages__confirm__timeout=0.5),
        "compatible server message confirm",
        "compatible server message confirm",
    ),
    "concurrent requests": (
        changed(clientMessages__list__concurrent=True),
        "compatible client message list",
        "compatible client message list",
    ),
    "limit of concurrent requests": (
        changed(clientMessages__list__concurrent=1),
        "compatible client message list",
        "compatible client message list",
    ),
    "removed rate": (
        without("clientMessages", "order", "rate"),
        "compatible client message order",
        "breaking client message order: rate none → 10/1s",
    ),
    "acknowledgements": (
        changed(clientMessages__leave={"acknowledged": True}),
        "breaking client message leave: acknowledged false → true",
        "breaking client message leave: acknowledged true → false",
    ),
    "new resume": (
        changed(clientMessages__watch__resume="/text"),
        "compatible client message watch",
        "breaking client message watch: resume removed: old clients still send the position",
    ),
    "other path": (
        changed(path="/store/{name}"),
        "breaking: path /shop/{name} → /store/{name}",
        "breaking: path /store/{name} → /shop/{name}",
    ),
    "other kind": (
        {name: value for name, value in SHOP.items() if name not in ("path", "params")} | {"kind": "ephemeral"},
        "breaking: kind persistent → ephemeral",
        "breaking: kind ephemeral → persistent | unknown: params are new, and old clients send none",
    ),
    "removed parameter": (
        without("params", "properties", "page"),
        "breaking /page: params: no longer accepted",
        "compatible",
    ),
    "presence": (
        changed(presence={"$ref": "#/$defs/Item"}),
        "compatible",
        "compatible",
    ),
    "replay, latest, volatile and descriptions": (
        changed(
            description="A shop.",
            serverMessages__item={"payload": {"$ref": "#/$defs/Item"}, "replay": 10, "description": "An item."},
            clientMessages__leave={"volatile": True, "deprecated": True},
        ),
        "",
        "",
    ),
}


def texts(old: Any, new: Any) -> str:
    changes = compare(contract_of(old), contract_of(new))
    return " | ".join(
        " ".join(part for part in (change.verdict, change.message, change.place) if part)
        + ("" if change.verdict == "compatible" else f": {change.text}")
        for change in changes
    )


@pytest.mark.parametrize("name", CHANGES)
def test_change_has_a_verdict_in_each_direction(name: str) -> None:
    new, forward, backward = CHANGES[name]

    assert texts(SHOP, new) == forward
    assert texts(new, SHOP) == backward


def test_data_of_an_error_may_only_become_narrower() -> None:
    wide, narrow = (changed(errors__sold_out={"data": {"type": "integer", "minimum": bound}}) for bound in (0, 1))

    assert texts(wide, narrow) == "compatible"
    assert texts(narrow, wide) == "breaking: error sold_out: minimum 1 → 0"


def resumable(resume: str = "/line", **line: Any) -> dict[str, Any]:
    """Return the endpoint with a stream that goes on after a position."""
    entry = {
        "type": "object",
        "properties": {"line": {"type": "integer", **line}, "text": {"type": "string"}},
        "required": ["line", "text"],
    }
    return changed(clientMessages__watch={"stream": entry, "resume": resume})


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            resumable(),
            resumable("/text"),
            "breaking client message watch: resume /line → /text: old clients still send the position",
        ),
        (
            resumable(minimum=0),
            resumable(minimum=1),
            "compatible client message watch | breaking client message watch: resume: minimum 0 → 1",
        ),
        (
            resumable(minimum=1),
            resumable(minimum=0),
            "breaking client message watch /line: stream: minimum 1 → 0 | compatible client message watch",
        ),
        (resumable(minimum=1), resumable(minimum=1, description="Number of the line."), ""),
    ],
)
def test_position_of_a_stream_is_sent_by_old_clients(old: Any, new: Any, expected: str) -> None:
    assert texts(old, new) == expected
    assert (contract_of(old).contract == contract_of(new).contract) == (expected == "")


def test_equal_versions_have_no_changes() -> None:
    assert compare(contract_of(SHOP), contract_of(copy.deepcopy(SHOP))) == []


def test_member_of_an_explicitly_open_object_may_have_been_sent_before() -> None:
    old = changed(defs__Order={**ORDER, "additionalProperties": True})
    new = changed(
        defs__Order={**ORDER, "properties": properties(note=NOTE), "additionalProperties": True},
    )

    assert texts(old, new).startswith('breaking client message order /note: payload: type none → "string"')


def test_new_member_breaks_old_clients_that_accept_no_others() -> None:
    old = changed(defs__Item={**ORDER, "additionalProperties": False})
    new = changed(defs__Item={**ORDER, "properties": properties(note=NOTE), "additionalProperties": False})

    assert "breaking server message item /note: payload: new, and not accepted by old clients" in texts(old, new)


def test_endpoints_of_one_version_only_are_changes() -> None:
    one, other = contract_of(SHOP, "one"), contract_of(SHOP, "other")

    found = [(change.endpoint, change.verdict, change.code) for change in compare_folders([one], [other])]

    assert found == [("one", "breaking", "endpoint_removed"), ("other", "compatible", "endpoint_added")]


def test_equal_references_are_equal_versions() -> None:
    node = {"type": "object", "properties": {"parts": {"type": "array", "items": {"$ref": "#/$defs/Order"}}}}
    old = changed(defs__Order={**node, "description": "before"})
    new = changed(defs__Order={**node, "description": "after", "properties": {**node["properties"]}})

    assert compare(contract_of(old), contract_of(new)) == []
    wider = {"type": "array", "items": {"anyOf": [{"$ref": "#/$defs/Order"}, {"type": "null"}]}}
    assert texts(old, changed(defs__Order={**node, "properties": {"parts": wider}})) == (
        "compatible client message order | compatible server message confirm"
    )


def test_metadata_of_presence_is_sent_by_the_server():
    wide, narrow = (
        contract_of(changed(presence={"type": "string", "maxLength": length, "minLength": 1})) for length in (20, 10)
    )

    assert [(one.verdict, one.code) for one in compare(wide, narrow)] == [("compatible", "presence_changed")]
    assert [(one.verdict, one.code) for one in compare(narrow, wide)] == [("breaking", "presence_changed")]
    assert wide.contract != narrow.contract
