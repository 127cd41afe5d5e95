"""Rules for names of messages, errors, definitions and files."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from codegen.lint.reserved import CLIENT_MESSAGES, SERVER_MESSAGES
from tests.support.layers import ROOT
from tornado_ws import SocketHandler

from ..support.folders import COUNTER, EXPORT, only_problem, pointer_and_code, problems_of


def client(name: str, **message: Any) -> dict[str, Any]:
    return COUNTER | {"clientMessages": {name: message}}


def server(name: str, **message: Any) -> dict[str, Any]:
    return EXPORT | {"serverMessages": {name: message}}


@pytest.mark.parametrize("name", ["close", "connect", "disconnect", "error", "message", "ws-connection.close"])
def test_client_message_cannot_be_named_like_a_handler_method(name: str, tmp_path: Path) -> None:
    problem = only_problem(tmp_path, counter=client(name))

    assert (f"/clientMessages/{name}", "reserved_name") == pointer_and_code(problem)
    assert f"`on_{name.replace('-', '_').replace('.', '_')}` is a method of the handler" == problem.message


def test_exactly_the_hooks_of_handlers_are_reserved() -> None:
    hooks = {name.removeprefix("on_") for name, _ in inspect.getmembers(SocketHandler) if name.startswith("on_")}

    assert hooks == CLIENT_MESSAGES


def test_every_prop_of_the_component_is_reserved() -> None:
    runtime = ROOT / "codegen/emit/svelte/runtime"
    interfaces = {"Socket.svelte": "SocketProps", "live.svelte.ts": "LiveOptions", "socket.ts": "SocketOptions"}
    props: set[str] = set()
    for file, interface in interfaces.items():
        declaration = re.search(
            rf"^(\t*)export interface {interface}\b.*?^\1}}$", (runtime / file).read_text(), re.MULTILINE | re.DOTALL
        )
        assert declaration is not None, file
        props |= {*re.findall(r"^\t+(?:readonly )?(\w+)\?:", declaration[0], re.MULTILINE)}

    assert {prop for prop in props if prop.islower()} - {"auto"} <= SERVER_MESSAGES


@pytest.mark.parametrize("name", ["data", "messages", "history", "auto_open", "auto-open", "onclose"])
def test_server_message_cannot_be_named_like_a_prop(name: str, tmp_path: Path) -> None:
    assert (f"/serverMessages/{name}", "reserved_name") == pointer_and_code(only_problem(tmp_path, export=server(name)))


@pytest.mark.parametrize("name", ["delete", "default", "new"])
def test_server_message_cannot_be_a_reserved_word_of_javascript(name: str, tmp_path: Path) -> None:
    assert "is reserved in JavaScript" in only_problem(tmp_path, export=server(name)).message


def test_reserved_names_differ_by_direction(tmp_path: Path) -> None:
    assert () == problems_of(tmp_path, a=client("data"), b=server("close"))


def test_error_cannot_have_a_code_of_the_protocol(tmp_path: Path) -> None:
    assert ("/errors/timeout", "reserved_name") == pointer_and_code(
        only_problem(tmp_path, export=EXPORT | {"errors": {"timeout": {}}})
    )


ERROR_COLLISIONS = [
    ({"errors": {"export_handler": {}}}, "/errors/export_handler", "`ExportHandler` is reserved for generated code"),
    (
        {"errors": {"done": {}}, "serverMessages": {"done": {}}},
        "/errors/done",
        "/serverMessages/done also maps to `Done`",
    ),
    (
        {"errors": {"full": {}}, "clientMessages": {"start": {"errors": {"full": {"retryable": True}}}}},
        "/clientMessages/start/errors/full",
        "/errors/full declares it differently",
    ),
]


@pytest.mark.parametrize(("change", "pointer", "message"), ERROR_COLLISIONS, ids=lambda value: str(value)[:40])
def test_errors_have_classes_of_their_own(change: dict[str, Any], pointer: str, message: str, tmp_path: Path) -> None:
    problem = only_problem(tmp_path, export=EXPORT | change)

    assert (pointer, message) == (problem.pointer, problem.message)


def test_messages_and_definitions_can_share_an_error(tmp_path: Path) -> None:
    errors = {"full": {"data": {"$ref": "#/$defs/Full"}}}
    messages = {"start": {"errors": errors}, "stop": {"errors": errors}}

    assert () == problems_of(
        tmp_path, export=EXPORT | {"clientMessages": messages, "$defs": {"Full": {"type": "object"}}}
    )


NAMES = ["Counter", "CounterHandler", "CounterClient", "counter_protocol", "ServerMessage", "client-message"]


@pytest.mark.parametrize("name", NAMES)
def test_definition_cannot_be_named_like_a_generated_class(name: str, tmp_path: Path) -> None:
    problem = only_problem(tmp_path, counter=COUNTER | {"$defs": COUNTER["$defs"] | {name: {}}})

    assert (f"/$defs/{name}", "reserved_name") == pointer_and_code(problem)


@pytest.mark.parametrize("name", ["runtime", "shared", "vite", "class"])
def test_endpoint_cannot_be_named_like_a_folder_or_keyword(name: str, tmp_path: Path) -> None:
    problem = only_problem(tmp_path, **{name: COUNTER})

    assert ("reserved_name", f"`{name}` is reserved") == (problem.code, problem.message)


@pytest.mark.parametrize("name", ["Chat", "chat.schema", "1chat", "chat_"])
def test_endpoint_name_is_lower_case_words(name: str, tmp_path: Path) -> None:
    problem = only_problem(tmp_path, **{name: COUNTER})

    assert ("malformed_name", "lower-case words joined by _ or -", name) == (
        problem.code,
        problem.expected,
        problem.got,
    )


@pytest.mark.parametrize("name", ["a?b", "a#b", "a%20b", "a:b"])
def test_file_name_cannot_contain_delimiters_of_a_uri(name: str, tmp_path: Path) -> None:
    problem = only_problem(tmp_path, counter=COUNTER, **{name: {}})

    assert ("malformed_name", f"{name}.json") == (problem.code, problem.got)


COLLISIONS = [
    ({"clientMessages": {"a-b": {}, "a_b": {}}}, "/clientMessages/a_b", "/clientMessages/a-b also maps to `a_b`"),
    ({"serverMessages": {"a.b": {}, "a-b": {}}}, "/serverMessages/a-b", "/serverMessages/a.b also maps to `a_b`"),
    ({"$defs": {"line_item": {}, "LineItem": {}}}, "/$defs/LineItem", "/$defs/line_item also maps to `LineItem`"),
    (
        {"$defs": {"Done": {}}, "serverMessages": {"done": {"payload": {"type": "object"}}}},
        None,
        "also maps to `Done`",
    ),
    (
        {"$defs": {"Done": {}}, "serverMessages": {"done": {}}},
        "/serverMessages/done",
        "/$defs/Done also maps to `Done`",
    ),
    (
        {"$defs": {"AskReply": {}}, "clientMessages": {"ask": {"reply": {"type": "object"}}}},
        "/clientMessages/ask/reply",
        "/$defs/AskReply also maps to `AskReply`",
    ),
    ({"$defs": {"ExportTicket": {}}}, "/ticket", "/$defs/ExportTicket also maps to `ExportTicket`"),
    (
        {"clientMessages": {"a": {}, "client-a": {}}, "serverMessages": {"a": {"payload": {"type": "object"}}}},
        "/clientMessages/client-a",
        "/clientMessages/a also maps to `ClientA`",
    ),
]


@pytest.mark.parametrize(("change", "pointer", "message"), COLLISIONS)
def test_names_that_map_to_the_same_name_are_rejected(
    change: dict[str, Any], pointer: str | None, message: str, tmp_path: Path
) -> None:
    found = problems_of(tmp_path, export=EXPORT | change)

    assert {"name_collision"} == {problem.code for problem in found}
    assert pointer is None or [pointer] == [problem.pointer for problem in found]
    assert all(message in problem.message for problem in found)


@pytest.mark.parametrize(
    "change",
    [
        {"$defs": {"Done": {"type": "object"}}, "serverMessages": {"done": {"payload": {"$ref": "#/$defs/Done"}}}},
        {
            "$defs": {"Done": {"type": "object"}},
            "serverMessages": {"done": {"payload": {"$ref": "export.json#/$defs/Done"}}},
        },
        {"clientMessages": {"a": {}}, "serverMessages": {"a": {}}},
        {
            "clientMessages": {"a": {"payload": {"type": "object"}}},
            "serverMessages": {"a": {"payload": {"type": "string"}}},
        },
        {
            "clientMessages": {"a": {"payload": {"type": "object"}}},
            "serverMessages": {"a": {"payload": {"type": "object"}}},
        },
    ],
)
def test_uses_of_one_schema_share_its_name(change: dict[str, Any], tmp_path: Path) -> None:
    assert () == problems_of(tmp_path, export=EXPORT | change)


@pytest.mark.parametrize("reference", ["#/$defs/Dne", "#/defs/Done", "#/Done", "Done"])
def test_unresolved_reference_is_not_a_name_collision(reference: str, tmp_path: Path) -> None:
    change = {"$defs": {"Done": {}}, "serverMessages": {"done": {"payload": {"$ref": reference}}}}

    assert "unresolved_reference" == only_problem(tmp_path, export=EXPORT | change).code


def test_endpoints_that_map_to_the_same_module_are_rejected(tmp_path: Path) -> None:
    problem = only_problem(tmp_path, **{"chat-room": COUNTER, "chat_room": EXPORT})

    assert ("name_collision", "chat-room.json also maps to the module `chat_room`") == (
        problem.code,
        problem.message,
    )
