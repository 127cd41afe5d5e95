from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest
from tornado.websocket import WebSocketHandler

from codegen.lint.reserved import CLIENT_MESSAGES
from codegen.pipeline import read
from codegen.settings import read_settings
from codegen.source.diagnostics import Problem, SchemaProblems

from ..support.folders import COUNTER, EXPORT, briefly, folder

ITEM: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "author": {"$ref": "#/$defs/Author"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "pair": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False},
        "prices": {"type": "object", "additionalProperties": {"type": "number"}},
        "either": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/Author"}]},
        "any": {},
    },
}
AUTHOR = {"type": "object", "properties": {"name": {"type": "string"}}, "additionalProperties": False}


def problems(path: Path, **files: Any) -> tuple[Problem, ...]:
    folder(path / "schemas", **files)
    try:
        read(read_settings(path))
    except SchemaProblems as error:
        return error.problems
    return ()


def only(path: Path, **files: Any) -> Problem:
    (problem,) = problems(path, **files)
    return problem


def client(name: str, **message: Any) -> dict[str, Any]:
    return COUNTER | {"clientMessages": {name: message}}


def server(name: str, **message: Any) -> dict[str, Any]:
    return EXPORT | {"serverMessages": {name: message}}


def persistent(path: str, params: Any) -> dict[str, Any]:
    return COUNTER | {"path": path, "params": params}


def test_valid_endpoints_have_no_problem(tmp_path: Path) -> None:
    assert () == problems(tmp_path, counter=COUNTER, export=EXPORT)


@pytest.mark.parametrize("name", ["close", "connect", "disconnect", "error", "message", "ws-connection.close"])
def test_client_messages_cannot_be_called_like_hooks(name: str, tmp_path: Path) -> None:
    problem = only(tmp_path, counter=client(name))

    assert (f"/clientMessages/{name}", "reserved_name") == briefly(problem)
    assert f"on_{name.replace('-', '_').replace('.', '_')} is a hook of the handler" == problem.message


def test_every_hook_of_tornado_is_reserved() -> None:
    hooks = {name.removeprefix("on_") for name, _ in inspect.getmembers(WebSocketHandler) if name.startswith("on_")}

    assert hooks <= CLIENT_MESSAGES | {"ws_connection_close"}


@pytest.mark.parametrize("name", ["data", "messages", "auto_open", "auto-open", "onclose"])
def test_server_messages_cannot_be_called_like_props(name: str, tmp_path: Path) -> None:
    assert (f"/serverMessages/{name}", "reserved_name") == briefly(only(tmp_path, export=server(name)))


@pytest.mark.parametrize("name", ["delete", "default", "new"])
def test_server_messages_cannot_be_words_of_javascript(name: str, tmp_path: Path) -> None:
    assert "cannot name a snippet" in only(tmp_path, export=server(name)).message


def test_clients_may_say_what_servers_may_not_and_the_other_way_round(tmp_path: Path) -> None:
    assert () == problems(tmp_path, a=client("data"), b=server("close"))


def test_errors_cannot_have_codes_of_the_protocol(tmp_path: Path) -> None:
    assert ("/errors/timeout", "reserved_name") == briefly(only(tmp_path, export=EXPORT | {"errors": {"timeout": {}}}))


@pytest.mark.parametrize("name", ["Counter", "CounterHandler", "counter_protocol", "ServerMessage", "client-message"])
def test_definitions_cannot_be_called_like_what_is_generated(name: str, tmp_path: Path) -> None:
    problem = only(tmp_path, counter=COUNTER | {"$defs": COUNTER["$defs"] | {name: {}}})

    assert (f"/$defs/{name}", "reserved_name") == briefly(problem)


@pytest.mark.parametrize("name", ["runtime", "vite", "class"])
def test_endpoints_cannot_be_called_like_folders_or_keywords(name: str, tmp_path: Path) -> None:
    assert "reserved_name" == only(tmp_path, **{name: COUNTER}).code


@pytest.mark.parametrize("name", ["Chat", "chat.schema", "1chat", "chat_"])
def test_endpoints_are_lower_case_words(name: str, tmp_path: Path) -> None:
    problem = only(tmp_path, **{name: COUNTER})

    assert ("malformed_name", "lower-case words joined by _ or -", name) == (
        problem.code,
        problem.expected,
        problem.got,
    )


def test_file_names_can_be_referred_to(tmp_path: Path) -> None:
    problem = only(tmp_path, counter=COUNTER, **{"my types": {}})

    assert ("malformed_name", "my types.json") == (problem.code, problem.got)


SAME = [
    ({"clientMessages": {"a-b": {}, "a_b": {}}}, "/clientMessages/a_b", "/clientMessages/a-b becomes a_b as well"),
    ({"serverMessages": {"a.b": {}, "a-b": {}}}, "/serverMessages/a-b", "/serverMessages/a.b becomes a_b as well"),
    ({"$defs": {"line_item": {}, "LineItem": {}}}, "/$defs/LineItem", "/$defs/line_item becomes LineItem as well"),
    (
        {"$defs": {"Done": {}}, "serverMessages": {"done": {"payload": {"type": "object"}}}},
        None,
        "becomes Done as well",
    ),
    (
        {"$defs": {"Done": {}}, "serverMessages": {"done": {}}},
        "/serverMessages/done",
        "/$defs/Done becomes Done as well",
    ),
    (
        {"$defs": {"AskReply": {}}, "clientMessages": {"ask": {"reply": {"type": "object"}}}},
        "/clientMessages/ask/reply",
        "/$defs/AskReply becomes AskReply as well",
    ),
    ({"$defs": {"ExportTicket": {}}}, "/ticket", "/$defs/ExportTicket becomes ExportTicket as well"),
    (
        {"clientMessages": {"a": {}, "client-a": {}}, "serverMessages": {"a": {"payload": {"type": "object"}}}},
        "/clientMessages/client-a",
        "/clientMessages/a becomes ClientA as well",
    ),
]


@pytest.mark.parametrize(("change", "pointer", "message"), SAME)
def test_two_names_that_become_one_are_refused(
    change: dict[str, Any], pointer: str | None, message: str, tmp_path: Path
) -> None:
    found = problems(tmp_path, export=EXPORT | change)

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
def test_names_of_one_thing_may_be_the_same(change: dict[str, Any], tmp_path: Path) -> None:
    assert () == problems(tmp_path, export=EXPORT | change)


def test_endpoints_that_become_one_module_are_refused(tmp_path: Path) -> None:
    problem = only(tmp_path, **{"chat-room": COUNTER, "chat_room": EXPORT})

    assert ("name_collision", "chat-room.json becomes the module chat_room as well") == (
        problem.code,
        problem.message,
    )


KINDS = [
    ({"kind": "persistent", "clientMessages": {}}, ("/kind", "missing_keyword")),
    (COUNTER | {"ticket": {}}, ("/ticket", "disallowed_keyword")),
    (COUNTER | {"ttl": 5}, ("/ttl", "disallowed_keyword")),
    (EXPORT | {"params": {"type": "object", "properties": {}}}, ("/params", "disallowed_keyword")),
    (EXPORT | {"path": "/x"}, ("/path", "disallowed_keyword")),
]


@pytest.mark.parametrize(("content", "expected"), KINDS)
def test_each_kind_has_its_keywords(content: Any, expected: tuple[str, str], tmp_path: Path) -> None:
    assert expected == briefly(only(tmp_path, export=content))


@pytest.mark.parametrize(
    ("side", "message", "keyword"),
    [
        ("client", {"reply": {}, "stream": {}}, "stream"),
        ("client", {"reply": {}, "volatile": True}, "volatile"),
        ("client", {"stream": {}, "volatile": True}, "volatile"),
        ("server", {"reply": {}, "replay": 5}, "replay"),
        ("server", {"payload": {}, "reply": {}, "latest": ""}, "latest"),
        ("server", {"replay": 5, "volatile": True}, "volatile"),
    ],
)
def test_keywords_that_contradict_each_other(side: str, message: Any, keyword: str, tmp_path: Path) -> None:
    problem = only(tmp_path, export=EXPORT | {f"{side}Messages": {"ask": message}})

    assert (f"/{side}Messages/ask/{keyword}", "conflicting_keywords") == briefly(problem)


def test_keyword_that_is_false_contradicts_nothing(tmp_path: Path) -> None:
    assert () == problems(tmp_path, counter=client("ask", reply={}, volatile=False))


def params(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


TEXT = {"type": "string"}

PATHS = [
    (
        COUNTER | {"path": "/{room}"},
        ("/path", "undeclared_parameter"),
        "the path has parameters, but params is missing",
    ),
    (
        persistent("/{room}", params(x=TEXT)),
        ("/path", "undeclared_parameter"),
        "the parameter room of the path is not declared",
    ),
    (persistent("/{room}", params(room=TEXT)), ("/path", "undeclared_parameter"), "room of the path is not required"),
    (persistent("/{a}/{a}", params("a", a=TEXT)), ("/path", "malformed_path"), "the path names a parameter twice"),
    (persistent("/{a}{b}", params("a", "b", a=TEXT, b=TEXT)), ("/path", "malformed_path"), "where one parameter ends"),
    (persistent("/x", {"type": "string"}), ("/params", "invalid_params"), "params are no object with known properties"),
    (persistent("/x", params(a={"type": "object"})), ("/params/properties/a", "invalid_params"), "a URL cannot hold"),
    (
        persistent("/{a}", params("a", a={"type": "array", "items": TEXT})),
        ("/params/properties/a", "invalid_params"),
        "a URL cannot hold the parameter a",
    ),
    (
        persistent("/x", params(a={"type": "array", "items": {"type": "array", "items": TEXT}})),
        ("/params/properties/a", "invalid_params"),
        "a URL cannot hold the parameter a",
    ),
]


@pytest.mark.parametrize(("content", "expected", "message"), PATHS)
def test_paths_and_params(content: Any, expected: tuple[str, str], message: str, tmp_path: Path) -> None:
    problem = only(tmp_path, counter=content)

    assert expected == briefly(problem)
    assert message in problem.message


@pytest.mark.parametrize(
    "content",
    [
        persistent(
            "/{room}/x-{page}", params("room", "page", room=TEXT, page={"type": "integer"}, q={"enum": ["a", 1]})
        ),
        persistent("/x", params(tags={"type": "array", "items": TEXT}, maybe={"type": ["string", "null"]}, any={})),
        persistent("/{room}", {"$ref": "#/$defs/Params"})
        | {"$defs": COUNTER["$defs"] | {"Params": params("room", room=TEXT)}},
    ],
)
def test_params_that_a_url_can_hold(content: Any, tmp_path: Path) -> None:
    assert () == problems(tmp_path, counter=content)


def test_two_endpoints_cannot_have_one_path(tmp_path: Path) -> None:
    one = persistent("/chat/{room}", params("room", room=TEXT))
    other = persistent("/chat/{name}", params("name", name=TEXT))

    problem = only(tmp_path, a=one, b=other)

    assert ("duplicate_path", "a.json has the same path") == (problem.code, problem.message)
    assert problem.file.endswith("b.json")


@pytest.mark.parametrize(
    "latest", ["", "/id", "/author/name", "/tags/0", "/pair/1", "/prices/apple", "/either/name", "/any/x/y"]
)
def test_latest_points_into_the_payload(latest: str, tmp_path: Path) -> None:
    content = server("moved", payload={"$ref": "#/$defs/Item"}, latest=latest) | {
        "$defs": {"Item": ITEM, "Author": AUTHOR}
    }

    assert () == problems(tmp_path, export=content)


@pytest.mark.parametrize("latest", ["/x", "/id/x", "/author/age", "/tags/x", "/pair/2", "/either/age"])
def test_latest_that_points_nowhere_is_refused(latest: str, tmp_path: Path) -> None:
    content = server("moved", payload={"$ref": "#/$defs/Item"}, latest=latest) | {
        "$defs": {"Item": ITEM, "Author": AUTHOR}
    }

    problem = only(tmp_path, export=content)

    assert ("/serverMessages/moved/latest", "unresolved_latest") == briefly(problem)
    assert "the payload has /id, /author, /tags" in str(problem)


def test_latest_without_payload_is_refused(tmp_path: Path) -> None:
    assert "the message has no payload to point into" == only(tmp_path, export=server("moved", latest="/id")).message


def test_folder_without_endpoints_is_refused(tmp_path: Path) -> None:
    assert ("no_schemas", "no file") == ((problem := only(tmp_path)).code, problem.got)
    assert "1 file without kind" == only(tmp_path, common={"$defs": {}}).got


def test_rules_are_checked_beside_other_problems(tmp_path: Path) -> None:
    content = client("close", rate="fast", payload={"type": "strin"}) | {"serverMessages": ["x"], "ticket": {}}

    codes = {problem.code for problem in problems(tmp_path, counter=content)}

    assert {"reserved_name", "malformed_rate", "invalid_schema", "wrong_type", "disallowed_keyword"} == codes
