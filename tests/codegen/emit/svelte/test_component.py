"""Classes, components and indexes of endpoints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codegen.emit import MARK, svelte

from ...support.generated import read


def emitted(folder: Path, name: str = "chat", **document: Any) -> dict[str, str]:
    """Return the files of a persistent endpoint, without the runtime, by name."""
    endpoint = {"kind": "persistent", "path": "/chat", **document}
    outputs = svelte.emit(read(folder, {f"{name}.json": endpoint}))
    return {output.path.name: output.text for output in outputs if output.path.parts[0] == name}


def test_each_endpoint_has_a_class_a_component_and_an_index(tmp_path: Path) -> None:
    files = emitted(tmp_path)

    assert {"client.svelte.ts", "ChatSocket.svelte", "index.ts"} == set(files)
    assert all(MARK in text.split("\n")[0] and "chat.json" in text.split("\n")[0] for text in files.values())


def test_class_without_parameters_takes_only_options(tmp_path: Path) -> None:
    files = emitted(tmp_path)

    assert "constructor(options?: LiveOptions) {\n\t\tsuper(chat, options);\n\t}" in files["client.svelte.ts"]
    assert "params" not in files["ChatSocket.svelte"]


def test_params_are_optional_if_no_parameter_is_required(tmp_path: Path) -> None:
    optional = {"type": "object", "properties": {"page": {"type": "integer"}}}
    required = {**optional, "required": ["page"]}

    optional_files, required_files = (
        emitted(tmp_path / str(i), params=one) for i, one in enumerate((optional, required))
    )
    type_ = "PerAttempt<ChatProtocol['params']>"

    assert f"constructor(params?: {type_}" in optional_files["client.svelte.ts"]
    assert f"constructor(params: {type_}" in required_files["client.svelte.ts"]
    assert f"params?: {type_};" in optional_files["ChatSocket.svelte"]
    assert f"params: {type_} }});" in required_files["ChatSocket.svelte"]


@pytest.mark.parametrize(
    ("document", "modules"),
    [
        ({}, []),
        ({"clientMessages": {"a": {"reply": True}}}, ["requests"]),
        ({"clientMessages": {"a": {"stream": True}}}, ["stream-states.svelte", "streams"]),
        ({"clientMessages": {"a": {"acknowledged": True}}}, ["deliveries"]),
        ({"serverMessages": {"a": {"reply": {"type": "integer"}}}}, ["replies"]),
        ({"serverMessages": {"a": {"payload": True, "replay": 3}}}, ["channels"]),
        ({"clientMessages": {"a": {"payload": {"type": "integer"}, "rate": "3/s"}}}, ["pacing"]),
        ({"clientMessages": {"a": {"payload": {"type": "string"}}}}, ["sizes"]),
        ({"clientMessages": {"a": {"payload": {"type": "string", "maxLength": 100}}}}, []),
        (
            {
                "clientMessages": {"a": {"reply": True}, "b": {"stream": True}},
                "serverMessages": {"a": {"reply": True}, "b": {"replay": 3}},
            },
            ["channels", "replies", "requests", "sizes", "stream-states.svelte", "streams"],
        ),
    ],
)
def test_class_imports_only_features_that_its_endpoint_needs(
    tmp_path: Path, document: dict[str, Any], modules: list[str]
) -> None:
    text = emitted(tmp_path, **document)["client.svelte.ts"]

    assert "ticket" not in text
    features = (
        *("channels", "deliveries", "pacing", "replies", "requests", "sizes"),
        *("stream-states.svelte", "streams"),
    )
    assert modules == [name for name in features if f"'../runtime/{name}.js'" in text]
    imports = [line.split(" from ")[1] for line in text.split("\n") if line.startswith("import ")]
    assert imports[:-1] == sorted(imports[:-1])


def test_ephemeral_endpoint_requires_an_action_or_a_url(tmp_path: Path) -> None:
    outputs = svelte.emit(read(tmp_path, {"export.json": {"kind": "ephemeral"}}))
    files = {output.path.name: output.text for output in outputs if output.path.parts[0] == "export"}

    assert (
        "constructor(options: TicketOptions) {\n\t\tsuper(export_, withTicket(options));" in files["client.svelte.ts"]
    )
    assert "({ client: Export } | TicketSource);" in files["ExportSocket.svelte"]
    assert "import { withTicket, type TicketOptions } from '../runtime/ticket.js';" in files["client.svelte.ts"]


def test_each_server_message_without_reply_has_a_snippet(tmp_path: Path) -> None:
    messages = {"said": {"description": "A line."}, "multi-word.name": {"deprecated": True}, "confirm": {"reply": True}}
    text = emitted(tmp_path, serverMessages=messages)["ChatSocket.svelte"]

    assert "\t\t/** A line. */\n\t\tsaid?: Snippet<[ChatProtocol['server']['said']]>;\n" in text
    assert "\t\tmulti_word_name?: Snippet<[ChatProtocol['server']['multi-word.name']]>;\n" in text
    assert "confirm" not in text


@pytest.mark.parametrize(
    "name",
    [
        "live",
        "socket",
        "request",
        "requests",
        "channels",
        "pacing",
        "sizes",
        "live-options",
        "snippet",
        "stream",
        "stream-states",
        "make-stream-state",
        "answer",
        "replies",
        "ticket-options",
    ],
)
def test_endpoint_may_have_the_name_of_an_import(tmp_path: Path, name: str) -> None:
    document = {
        "clientMessages": {"a": {"reply": True}, "b": {"stream": True}, "e": {"rate": "3/s"}},
        "serverMessages": {"c": {"replay": 1}, "d": {"reply": True}},
    }
    text = emitted(tmp_path, name, **document)["client.svelte.ts"]

    head, _, body = text.partition("export class ")
    title = body.split(" ")[0]
    bound = [
        part.split(" as ")[-1].removeprefix("type ").strip()
        for line in head.split("\n")
        if line.startswith("import {")
        for part in line[line.index("{") + 1 : line.index("}")].split(",")
    ]
    assert len({*bound, title}) == len(bound) + 1


def test_snippet_of_a_message_named_constructor_has_another_name(tmp_path: Path) -> None:
    text = emitted(tmp_path, serverMessages={"constructor": {}})["ChatSocket.svelte"]

    assert "\t\tconstructor_?: Snippet<[ChatProtocol['server']['constructor']]>;\n" in text


def test_component_without_snippets_of_messages_imports_no_type_of_them(tmp_path: Path) -> None:
    text = emitted(tmp_path, serverMessages={"confirm": {"reply": True}})["ChatSocket.svelte"]

    assert "Snippet" not in text


def test_text_of_a_schema_stays_in_comments(tmp_path: Path) -> None:
    hostile = "*/ alert(1) /* </script> {@html x} {{ y }} ` ${z} -->\u2028alert(2)\n * @see"
    files = emitted(tmp_path, description=hostile, serverMessages={"said": {"description": hostile}})

    for text in files.values():
        for line in text.split("\n"):
            if "alert" in line or "@html" in line:
                assert line.lstrip().startswith(("*", "/**"))
                assert "</script>" not in line
                assert "*/" not in line.removesuffix("*/")
        assert "\u2028" not in text
