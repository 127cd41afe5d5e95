"""Definitions that only rename others, in generated Python."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from codegen.emit.python import Models
from tornado_ws.validation.codec import Codec

from ...support.generated import read
from ...support.package import emit, endpoint, lint, pyright, run_all, typecheck, write

MODELS: tuple[Models, ...] = ("msgspec", "pydantic")
FOLDERS = ("", "shared.json")
each_models = pytest.mark.parametrize("models", MODELS)

DEFINITIONS = {
    "Response": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
    "Launch": {"$ref": "#/$defs/Response", "description": "Reply to a launch."},
    "Attach": {"allOf": [{"$ref": "#/$defs/Response"}]},
    "Either": {"anyOf": [{"$ref": "#/$defs/Launch"}, {"$ref": "#/$defs/Attach"}, {"type": "null"}]},
}
USER = """
from .test import Attach, Launch, Response, SentData, TestHandler

def text(response: Response) -> str:
    return response.text

def converted(launch: Launch) -> Response:
    return launch

def launched(response: Response) -> Launch:
    return response

class Handler(TestHandler):
    async def on_connect(self) -> None:
        launch = Launch(text="a")
        text(launch)
        await self.send(SentData(launch=launch, either=converted(launch)))
        await self.send(Attach(text="a"))
"""


def files(folder: str) -> dict[str, Any]:
    """Return an endpoint whose definitions are in its own file or in another one."""
    references = {name: {"$ref": f"{folder}#/$defs/{name}"} for name in DEFINITIONS}
    data = {
        "type": "object",
        "properties": {"launch": references["Launch"], "either": references["Either"]},
        "required": ["launch"],
    }
    messages = {"sent_data": {"payload": data}, "attach": {"payload": references["Attach"]}}
    document = {"kind": "ephemeral", "serverMessages": messages}
    if not folder:
        return {"test.json": {**document, "$defs": DEFINITIONS}}
    return {"test.json": document, folder: {"$defs": DEFINITIONS}}


def test_each_definition_is_a_name_that_type_checkers_accept(tmp_path: Path) -> None:
    modules: list[Path] = []
    for at, (models, folder) in enumerate(itertools.product(MODELS, FOLDERS)):
        package = tmp_path / f"package_{at}"
        modules += emit(package, read(tmp_path / f"schemas_{at}", files(folder)), models=models).values()
        lint(package)
        modules.append(package / "user.py")
        modules[-1].write_text(USER, encoding="utf-8")

    typecheck(*modules)
    assert [] == pyright(tmp_path, modules)


@each_models
@pytest.mark.parametrize("folder", FOLDERS)
def test_message_with_the_name_of_a_renamed_definition_is_its_class(
    tmp_path: Path, models: Models, folder: str
) -> None:
    write(tmp_path, files(folder), models=models)

    found = run_all(tmp_path / "generated")["test"]

    assert found.Launch is found.Response
    assert issubclass(found.Attach, found.Response)
    assert not hasattr(found, "AttachData")


@each_models
def test_values_of_renamed_definitions_are_decoded(tmp_path: Path, models: Models) -> None:
    write(tmp_path, files(""), models=models)
    found = run_all(tmp_path / "generated")["test"]
    codec = Codec(endpoint(found), side="client")

    decoded = codec.decode(json.dumps({"type": "sent_data", "data": {"launch": {"text": "a"}, "either": None}}))

    assert (found.Response, "a", None) == (type(decoded.data.launch), decoded.data.launch.text, decoded.data.either)


@each_models
def test_message_may_have_the_name_of_its_renamed_target(tmp_path: Path, models: Models) -> None:
    definitions = {name: DEFINITIONS[name] for name in ("Response", "Launch")}
    document = {
        "kind": "ephemeral",
        "serverMessages": {"response": {"payload": {"$ref": "#/$defs/Launch"}}},
        "$defs": definitions,
    }
    modules = write(tmp_path, {"test.json": document}, models=models)

    typecheck(*modules.values())
    found = run_all(tmp_path / "generated")["test"]
    assert found.Launch.__name__ == "Response"
