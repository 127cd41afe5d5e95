"""Modules with Pydantic models: types, conversion of values, and errors."""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import datamodel_code_generator
import pydantic
import pytest

from codegen.cli import main
from codegen.pipeline import generate
from codegen.settings.project_settings import read_settings
from codegen.source.diagnostics import SchemaProblems
from tornado_ws import InvalidFrame, InvalidMessage
from tornado_ws.validation.codec import Codec

from ....support.generated import ROOT, payload
from ....support.package import endpoint, lint, module, typecheck, write

OBJECT = {"type": "object", "additionalProperties": False}
PETS = {
    "Cat": {"type": "object", "properties": {"name": {"pattern": "^c"}}, "required": ["name"]},
    "Dog": {"type": "object", "properties": {"name": {"pattern": "^d"}}, "required": ["name"]},
}


def generated_module(folder: Path, schema: Any, **definitions: Any) -> ModuleType:
    files = {"test.json": payload(schema, **{"$defs": definitions})}
    return module(folder, files, models="pydantic", unknown="keep")


def round_trip(it: ModuleType, value: Any) -> tuple[Any, Any]:
    """Return the value as decoded by a client, and as sent again by a server."""
    loaded = endpoint(it)
    data = Codec(loaded, side="client").decode(json.dumps({"type": "it", "data": value})).data
    message = it.It(data) if loaded.server[0].wraps else data if isinstance(data, it.It) else it.It.of(data)
    return data, json.loads(Codec(loaded).encode(message))["data"]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "object", "properties": {"a": {"type": "number"}}}, {"a": 1}),
        ({"type": "object", "properties": {"a": {"type": "number"}}}, {"a": 2**60 + 1}),
        ({"type": "object", "properties": {"a": {"type": "integer"}}}, {"a": 2**70}),
        ({"type": "object", "properties": {"a": {"type": "number"}}}, {"a": 1.5}),
        (
            {"type": "object", "properties": {"a": {"format": "date-time", "type": "string"}}},
            {"a": "2026-01-01T00:00:00Z"},
        ),
        ({"type": "object", "properties": {"a": {"format": "uuid", "type": "string"}}}, {"a": "A" * 36}),
        ({"type": "object", "properties": {"a": {"type": "string"}}}, {"a": "1", "b": [1, {"c": None}]}),
        ({"type": "object", "properties": {"a": {"type": ["string", "null"]}}}, {"a": None}),
        ({"type": "object", "properties": {"a": {"type": ["string", "null"]}}}, {}),
        ({"type": "object", "properties": {"a": {"type": "integer", "default": 5}}}, {}),
        ({"type": "object", "properties": {"class": {}, "class_": {}, "a-b": {}}}, {"class": 1, "class_": 2, "a-b": 3}),
        ({"type": "object", "properties": {"class": {}}}, {"class_": 2}),
        (
            {"type": "object", "properties": {"json": {}, "copy": {}, "model_config": {}, "model_id": {}, "mro": {}}},
            {"json": 1, "copy": 2, "model_config": 3, "model_id": 4, "mro": 5},
        ),
        (
            {"type": "object", "properties": {"__proto__": {"type": "string"}, '"\\\n': {}}},
            {"__proto__": "x", '"\\\n': 1, "__class__": 2},
        ),
        (
            {
                "type": "object",
                "properties": {
                    "a": {"prefixItems": [{"type": "string"}, {}], "type": "array", "items": False, "minItems": 2}
                },
            },
            {"a": ["x", {"y": 1}]},
        ),
        ({"type": "object", "properties": {"k": {"const": "x"}}, "required": ["k"]}, {"k": "x"}),
        ({"type": ["integer", "string", "boolean"]}, True),
        ({"type": ["integer", "string", "boolean"]}, "1"),
        ({"enum": [1, "1", True, None, [1], {"a": 2}]}, "1"),
        ({"enum": [1, "1", True, None, [1], {"a": 2}]}, True),
        ({"enum": [1, "1", True, None, [1], {"a": 2}]}, [1]),
        (
            {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "integer"}}},
            {"x": [1], "": []},
        ),
        ({}, {"x": [1, 1.5, "é\u2028", None]}),
    ],
)
def test_values_are_not_lost_or_coerced(tmp_path: Path, schema: Any, value: Any) -> None:
    _, sent = round_trip(generated_module(tmp_path, schema), value)

    assert exact(value) == exact(sent)


def exact(value: Any) -> Any:
    """Return a text in which 1, 1.0 and true differ."""
    return json.dumps(value, sort_keys=True)


def test_fields_have_the_descriptions_of_the_schema(tmp_path: Path) -> None:
    properties = {"a": {"description": "First.\n\n'x' \\ \"y\""}, "class": {"description": "Kind."}, "b": {}}
    it = generated_module(tmp_path, {"type": "object", "properties": properties}).It

    found = {name: field.description for name, field in it.model_fields.items()}

    assert {"a": properties["a"]["description"], "class_": "Kind.", "b": None} == found


def test_integer_may_have_a_zero_fraction(tmp_path: Path) -> None:
    data, sent = round_trip(
        generated_module(tmp_path, {"type": "object", "properties": {"a": {"type": "integer"}}}), {"a": 1.0}
    )

    assert 1 == data.a
    assert type(data.a) is int
    assert {"a": 1} == sent


def test_schemas_select_the_members_of_unions(tmp_path: Path) -> None:
    it = generated_module(tmp_path, {"anyOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}]}, **PETS)

    assert isinstance(round_trip(it, {"name": "cleo"})[0], it.Cat)
    assert isinstance(round_trip(it, {"name": "dina"})[0], it.Dog)
    assert {"name": "dina", "more": 1} == round_trip(it, {"name": "dina", "more": 1})[1]


def test_schemas_select_the_members_of_unions_in_lists(tmp_path: Path) -> None:
    pets = {"type": "array", "items": {"oneOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}, {"type": "null"}]}}
    it = generated_module(tmp_path, {"type": "object", "properties": {"pets": pets}}, **PETS)

    data, sent = round_trip(it, {"pets": [{"name": "d"}, None, {"name": "c"}]})

    assert ["Dog", "NoneType", "Cat"] == [type(pet).__name__ for pet in data.pets]
    assert {"pets": [{"name": "d"}, None, {"name": "c"}]} == sent


def test_tags_are_set_automatically(tmp_path: Path) -> None:
    kinds = {
        name: {"type": "object", "properties": {"kind": {"const": name}, "n": {}}, "required": ["kind"]}
        for name in ("circle", "square")
    }
    it = generated_module(tmp_path, {"oneOf": [{"$ref": f"#/$defs/{name}"} for name in kinds]}, **kinds)

    assert b'{"type":"it","data":{"kind":"circle"}}' == Codec(endpoint(it)).encode(it.It(it.Circle()))
    assert b'{"type":"it","data":{"kind":"square","n":1}}' == Codec(endpoint(it)).encode(it.It(it.Square(n=1)))
    assert isinstance(round_trip(it, {"kind": "square"})[0], it.Square)


def test_recursive_types(tmp_path: Path) -> None:
    tree = {"anyOf": [{"type": "integer"}, {"type": "array", "items": {"$ref": "#/$defs/Tree"}}]}
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}, "tree": {"$ref": "#/$defs/Tree"}}}
    it = generated_module(
        tmp_path, {"type": "object", "properties": {"node": {"$ref": "#/$defs/Node"}}}, Tree=tree, Node=node
    )
    value = {"node": {"next": {"next": {}, "tree": [1, [2, []]]}}}

    data, sent = round_trip(it, value)

    assert isinstance(data.node.next.next, it.Node)
    assert value == sent


def test_invalid_messages_are_not_sent(tmp_path: Path) -> None:
    it = generated_module(
        tmp_path, {**OBJECT, "properties": {"text": {"type": "string", "maxLength": 3}, "n": {"type": "number"}}}
    )
    codec = Codec(endpoint(it))

    with pytest.raises(InvalidMessage) as long:
        codec.encode(it.It.model_construct({"text"}, text="abcd"))
    with pytest.raises(InvalidMessage) as null:
        codec.encode(it.It.model_construct({"text"}, text=None))
    with pytest.raises(InvalidMessage):
        codec.encode(it.It(n=math.nan))
    with pytest.raises(InvalidMessage):
        codec.encode(it.It.model_construct({"text"}, text="\ud800"))
    with pytest.raises(InvalidMessage):
        codec.encode(it.It.model_construct({"text"}, text=object()))
    for wrong in (1, None, "abcd"):
        with pytest.raises(pydantic.ValidationError):
            it.It(text=wrong)

    assert ("/text", "maxLength") == (long.value.error.pointer, long.value.error.keyword)
    assert ("/text", "type") == (null.value.error.pointer, null.value.error.keyword)


def test_infinity_is_rejected_where_any_value_is_allowed(tmp_path: Path) -> None:
    it = generated_module(tmp_path, {"type": "object", "properties": {"any": {}}})

    with pytest.raises(InvalidMessage):
        Codec(endpoint(it)).encode(it.It(any=[math.inf]))


def test_error_has_a_pointer_and_a_keyword_but_no_value(tmp_path: Path) -> None:
    it = generated_module(tmp_path, {**OBJECT, "properties": {"text": {"type": "string"}}})

    with pytest.raises(InvalidFrame) as caught:
        Codec(endpoint(it), side="client").decode('{"type": "it", "data": {"text": 12345}}')

    assert ("/text", "type", "string") == (
        caught.value.error.pointer,
        caught.value.error.keyword,
        caught.value.error.expected,
    )
    assert "12345" not in f"{caught.value.error}"
    assert caught.value.__cause__ is None


def test_property_may_have_the_name_of_a_model_attribute(tmp_path: Path) -> None:
    it = generated_module(tmp_path, {**OBJECT, "properties": {"class": {"type": "string"}, "copy": {"type": "string"}}})
    codec = Codec(endpoint(it))

    assert b'{"type":"it","data":{"class":"a","copy":"b"}}' == codec.encode(it.It(class_="a", copy_="b"))


HOSTILE = [
    '""" + boom() + """',
    "'''\nboom()\n'''",
    '"); boom() #',
    "{{ boom() }}",
    "{% raw %}",
    "\\",
    "\N{LINE SEPARATOR}boom()",
    "__import__('os')",
]
INJECTIONS = {
    "customTypePath": "os.system",
    "customBasePath": "os.system",
    "x-python-import": {"module": "os", "name": "system"},
    "x-python-type": "os.system('x')",
    "x-enum-varnames": ["boom()"],
    "default_factory": "os.system",
    "title": "Boom",
    "$comment": "boom()",
    "examples": ["boom()"],
    "readOnly": True,
    "contentMediaType": "boom",
}


@pytest.mark.parametrize("text", [HOSTILE[0], *(pytest.param(text, marks=pytest.mark.slow) for text in HOSTILE[1:])])
def test_text_of_a_schema_never_becomes_code(tmp_path: Path, text: str) -> None:
    inner = {
        "type": "object",
        "description": text,
        "properties": {
            text: {"const": text, "description": text, "title": text},
            "d": {"type": "string", "default": text},
        },
        "patternProperties": {"^x": {"enum": [text, "y"]}},
        "required": [text],
        "title": text,
        "$comment": text,
        **INJECTIONS,
    }
    document = payload(
        {"$ref": "#/$defs/In"},
        description=text,
        **{
            "$defs": {
                "In": inner,
                "All": {
                    "anyOf": [
                        {"$ref": "#/$defs/In"},
                        {"enum": [text, 1]},
                        {**INJECTIONS, "type": "array", "items": {"const": text, **INJECTIONS}},
                    ]
                },
            }
        },
    )
    document["serverMessages"]["all"] = {"description": text, "payload": {"$ref": "#/$defs/All"}, "deprecated": True}

    paths = write(tmp_path, {"test.json": document}, models="pydantic")

    code = paths["test"].read_text(encoding="utf-8")
    before, _, after = code.partition("_SCHEMA: typing.Final")
    assert "os.system" not in before + after.partition('"""\n\nTEST')[2]
    lint(paths["test"].parent)
    typecheck(paths["test"])
    it = generated_module(tmp_path / "run", {"$ref": "#/$defs/In"}, In=inner)
    assert {text: text} == round_trip(it, {text: text})[1]


def test_unknown_keywords_are_not_passed_to_the_generator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inputs: list[str] = []
    generate = datamodel_code_generator.generate

    def recording(schema: str, **options: Any) -> Any:
        inputs.append(schema)
        return generate(schema, **options)

    monkeypatch.setattr(datamodel_code_generator, "generate", recording)

    generated_module(
        tmp_path,
        {
            "type": "object",
            "properties": {"evil": {"type": "string", "description": "evil", **INJECTIONS}},
            **INJECTIONS,
        },
    )

    (schema,) = inputs
    assert {"type", "properties", "required", "additionalProperties", "f0"} >= {
        *keywords(json.loads(schema)["$defs"]["D0"])
    }
    assert "evil" not in schema


def keywords(value: Any) -> list[str]:
    return (
        [name for key, member in value.items() for name in (key, *keywords(member))]
        if isinstance(value, Mapping)
        else []
    )


def test_warning_of_the_generator_is_a_problem_with_its_location(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generate = datamodel_code_generator.generate

    def warning(schema: str, **options: Any) -> Any:
        if '"number"' in schema:
            warnings.warn("numbers are hard", UserWarning, stacklevel=2)
        return generate(schema, **options)

    monkeypatch.setattr(datamodel_code_generator, "generate", warning)
    schema = {"type": "object", "properties": {"a": {"$ref": "#/$defs/Bad"}}}

    with pytest.raises(SchemaProblems) as caught:
        generated_module(
            tmp_path, schema, Good={"type": "string"}, Bad={"type": "object", "properties": {"n": {"type": "number"}}}
        )

    (problem,) = caught.value.problems
    assert ("no_pydantic_model", "/$defs/Bad") == (problem.code, problem.pointer)
    assert problem.got == "UserWarning: numbers are hard"
    assert problem.file.endswith("schemas/test.json")
    assert problem.column > 1


@pytest.mark.slow
def test_demo_passes_the_type_checker_with_models(tmp_path: Path) -> None:
    for name in ("schemas", "examples"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("web", "__pycache__"))
    settings = read_settings(
        tmp_path, {name: tmp_path / name for name in ("schemas", "python")} | {"models": "pydantic"}
    )
    generate(replace(settings, python=tmp_path / "generated", client=tmp_path / "client"))

    command = [sys.executable, "-m", "mypy", "--strict", "generated", "examples"]
    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, "MYPYPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout
    assert "tornado_ws.models.Model" in (tmp_path / "generated/chat.py").read_text(encoding="utf-8")


def test_setting_and_option_select_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("schemas").mkdir()
    Path("schemas/test.json").write_text(json.dumps(payload({"type": "object"})), encoding="utf-8")
    Path("pyproject.toml").write_text('[tool.tornado-ws]\nmodels = "pydantic"\n', encoding="utf-8")

    assert 0 == main([])
    assert "tornado_ws.models.payload" in Path("generated/test.py").read_text(encoding="utf-8")
    assert 0 == main(["--check"])
    assert 1 == main(["--check", "--models", "msgspec"])


def test_explain_reports_that_models_are_validated_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("schemas").mkdir()
    Path("schemas/test.json").write_text(json.dumps(payload({"type": "string"})), encoding="utf-8")

    assert 0 == main(["--explain", "--models", "pydantic"])

    assert "the schema validates each message as a whole" in capsys.readouterr().out.splitlines()[0]


def test_error_for_a_wrong_type_contains_no_value(tmp_path: Path) -> None:
    record = generated_module(tmp_path / "a", {"type": "object", "properties": {"a": {"type": "integer"}}}).It
    root = generated_module(tmp_path / "b", {"type": "array", "items": {"type": "integer"}}).It

    for wrong in (lambda: record(a="secret"), lambda: root(["secret"])):
        with pytest.raises(pydantic.ValidationError) as caught:
            wrong()
        assert "valid integer" in str(caught.value)
        assert "secret" not in str(caught.value)


def test_constructor_rejects_a_text_without_a_match_of_its_pattern(tmp_path: Path) -> None:
    properties = {
        "code": {"type": "string", "pattern": r"^\d{3}$", "maxLength": 5},
        "word": {"type": "string", "pattern": r"^\p{L}+$"},
        "class": {"type": "string", "pattern": "^a"},
    }
    it = generated_module(tmp_path, {"type": "object", "properties": properties, "required": ["class"]})

    assert ("123", "1") == (it.It(code="123", class_="a").code, it.It(word="1", class_="a").word)
    for code in ("12", "12345", "\u0661\u0662\u0663", "123\n"):
        with pytest.raises(pydantic.ValidationError):
            it.It(code=code, class_="a")
    with pytest.raises(InvalidMessage):
        Codec(endpoint(it)).encode(it.It(word="1", class_="a"))


def test_bounds_of_a_number_are_those_of_both_of_its_types(tmp_path: Path) -> None:
    number = {"type": "number", "minimum": 0.5, "exclusiveMaximum": 3, "multipleOf": 0.5}
    it = generated_module(tmp_path, {"type": "object", "properties": {"a": number}})

    assert [(1, int), (1.0, float), (0.5, float)] == [(one, type(it.It(a=one).a)) for one in (1, 1.0, 0.5)]
    for wrong in (0, 0.4, 3, 3.0, True, "1"):
        with pytest.raises(pydantic.ValidationError):
            it.It(a=wrong)


def test_alias_is_an_argument_beside_the_bounds(tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {"a-b": {"type": "integer", "minimum": 1}}, "required": ["a-b"]}

    path = write(tmp_path, {"test.json": payload(schema)}, models="pydantic")["test"]

    annotation = 'int, pydantic.Field(ge=1, validation_alias="a-b", serialization_alias="a-b")'
    assert annotation in " ".join(path.read_text(encoding="utf-8").split())


def test_values_that_were_not_validated_are_judged_by_the_schema(tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "integer"}}}}
    it = generated_module(tmp_path, schema)
    codec, message = Codec(endpoint(it)), it.It(a=[1])

    message.a.append("x")

    with pytest.raises(InvalidMessage, match="/a/1"):
        codec.encode(message)
    with pytest.raises(InvalidMessage):
        codec.encode(it.It.model_construct(a=object()))
