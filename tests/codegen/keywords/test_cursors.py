"""Position of the items of a stream, to which ``resume`` leads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codegen import model

from ..support.folders import only_problem, pointer_and_code, problems_of
from ..support.generated import read

BASE: dict[str, Any] = {"kind": "persistent", "path": "/it"}
ENTRY: dict[str, Any] = {
    "type": "object",
    "properties": {
        "line": {"type": "integer", "minimum": 1},
        "optional": {"type": "integer"},
        "at": {"$ref": "#/$defs/At"},
        "a/b~c": {"type": "string", "maxLength": 10},
        "both": {"type": ["integer", "string"]},
        "nullable": {"type": ["string", "null"]},
        "flag": {"type": "boolean"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "any": {},
        "never": False,
        "named": {"enum": ["a", "b"]},
    },
    "required": ["line", "at", "a/b~c", "both", "nullable", "flag", "tags", "any", "named"],
}
DEFINITIONS = {
    "Entry": ENTRY,
    "At": {"type": "object", "properties": {"time": {"$ref": "#/$defs/Time"}}, "required": ["time"]},
    "Time": {"type": "number"},
    "Extended": {
        "allOf": [{"$ref": "#/$defs/Entry"}],
        "properties": {"own": {"type": "string"}},
        "required": ["own"],
    },
    "Twice": {"allOf": [{"$ref": "#/$defs/Entry"}], "properties": {"line": {"type": "integer", "maximum": 9}}},
    "Either": {
        "oneOf": [{"properties": {"a": {"type": "string"}}}, {"properties": {"b": {"type": "string"}}}],
        "properties": {"line": {"type": "integer"}},
        "required": ["line"],
    },
    "Endless": {"type": "object", "properties": {"next": {"$ref": "#/$defs/Endless"}}, "required": ["next"]},
}


def following(stream: Any, resume: str, **message: Any) -> dict[str, Any]:
    return BASE | {
        "clientMessages": {"follow": {"stream": stream, "resume": resume, **message}},
        "$defs": DEFINITIONS,
    }


@pytest.mark.parametrize(
    ("definition", "resume", "type_"),
    [
        ("Entry", "/line", "integer"),
        ("Entry", "/at/time", "number"),
        ("Entry", "/a~1b~0c", "string"),
        ("Extended", "/line", "integer"),
        ("Extended", "/own", "string"),
        ("Either", "/line", "integer"),
        ("Time", "", "number"),
    ],
)
def test_position_is_a_required_string_or_number(definition: str, resume: str, type_: str, tmp_path: Path) -> None:
    (endpoint,) = read(tmp_path, {"it.json": following({"$ref": f"#/$defs/{definition}"}, resume)})

    cursor = endpoint.client[0].cursor
    assert cursor is not None
    found = model.follow(cursor.type, {definition.name: definition for definition in endpoint.definitions})
    assert isinstance(found, model.Scalar)
    assert type_ == found.type


def test_inline_item_may_be_its_own_position(tmp_path: Path) -> None:
    (endpoint,) = read(tmp_path, {"it.json": following({"type": "string", "pattern": "^a"}, "")})

    cursor, stream = endpoint.client[0].cursor, endpoint.client[0].stream
    assert cursor is not None
    assert stream is not None
    assert (stream.pointer, stream.type) == (cursor.pointer, cursor.type)


@pytest.mark.parametrize(
    ("definition", "resume", "message", "hint"),
    [
        ("Entry", "/lin", "`resume` matches no part of the items", "the items contain /line, /optional, /at, /a~1b~0c"),
        ("Entry", "/at/hour", "`resume` matches no part of the items", "the items contain /time"),
        ("Entry", "/line/x", "`resume` matches no part of the items", "declare it in properties of the items"),
        ("Either", "/a", "`resume` matches no part of the items", "the items contain /line"),
        ("Entry", "/optional", "`resume` leads to the optional property optional", "add it to required"),
        ("Twice", "/line", "`resume` leads to the property line, which several schemas describe", "declare it in one"),
        *(
            (definition, resume, "`resume` leads to no string or number", 'add "type": "string"')
            for definition, resume in (
                *(("Entry", f"/{name}") for name in ("at", "both", "nullable", "flag", "tags", "any", "named")),
                ("Entry", ""),
                ("Endless", "/next/next"),
            )
        ),
        ("Entry", "/tags/0", "`resume` matches no part of the items", "declare it in properties of the items"),
    ],
)
def test_other_pointers_are_rejected(definition: str, resume: str, message: str, hint: str, tmp_path: Path) -> None:
    problem = only_problem(tmp_path, counter=following({"$ref": f"#/$defs/{definition}"}, resume))

    assert ("/clientMessages/follow/resume", "unresolved_resume") == pointer_and_code(problem)
    assert message == problem.message
    assert str(problem.hint).startswith(hint)


@pytest.mark.parametrize("stream", [True, {}, {"$ref": "#/$defs/Nothing"}])
def test_items_without_a_type_have_no_position(stream: Any, tmp_path: Path) -> None:
    document = following(stream, "")
    document["$defs"] = {**DEFINITIONS, "Nothing": False}

    assert "unresolved_resume" in [problem.code for problem in problems_of(tmp_path, counter=document)]


def test_resume_requires_a_stream(tmp_path: Path) -> None:
    document = BASE | {"clientMessages": {"ask": {"reply": {"type": "string"}, "resume": ""}}}

    problem = only_problem(tmp_path, counter=document)

    assert ("/clientMessages/ask/resume", "disallowed_keyword") == pointer_and_code(problem)
    assert ("`resume` is not allowed without `stream`", "only a stream goes on after a lost connection") == (
        problem.message,
        problem.hint,
    )


@pytest.mark.parametrize(
    ("value", "code"), [(3, "wrong_type"), ("line", "malformed_pointer"), ("/a~2", "malformed_pointer")]
)
def test_value_is_a_pointer(value: Any, code: str, tmp_path: Path) -> None:
    problem = only_problem(tmp_path, counter=following({"type": "string"}, value))

    assert ("/clientMessages/follow/resume", code) == pointer_and_code(problem)


def test_server_messages_have_no_resume(tmp_path: Path) -> None:
    problem = only_problem(tmp_path, counter=BASE | {"serverMessages": {"told": {"payload": True, "resume": ""}}})

    assert ("/serverMessages/told/resume", "unknown_keyword") == pointer_and_code(problem)
    assert "only streams of the server are resumed; move the message to clientMessages" == problem.hint
