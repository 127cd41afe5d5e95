"""TypeScript modules: golden cases, imports and names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from codegen import keywords, model
from codegen.emit import typescript
from codegen.schema.resolve import resolve
from codegen.source.load import load

from ...support.generated import Client, payload, read, typecheck

GOLDEN = Path(__file__).parents[3] / "golden"
CASES = sorted(path.parent.name for path in GOLDEN.glob("*/schemas"))


def golden(case: str) -> dict[str, str]:
    """Return the modules of a golden case, by path."""
    schemas = resolve(load(GOLDEN / case / "schemas", source="schemas"))
    assert () == schemas.problems
    options = model.Options(bigint=case == "bigints")
    built = [keywords.build(endpoint, schemas.documents, options) for endpoint in schemas.endpoints]
    endpoints = keywords.share(built, schemas.documents, options)
    return {str(output.path): output.text for output in typescript.emit(endpoints)}


@pytest.mark.parametrize("case", CASES)
def test_golden_modules(case: str) -> None:
    client = GOLDEN / case / "client"
    modules = golden(case)
    if "UPDATE_GOLDEN" in os.environ:  # update the golden files
        for name, text in modules.items():
            (client / name).parent.mkdir(parents=True, exist_ok=True)
            (client / name).write_text(text, encoding="utf-8")

    found = (*client.rglob("messages.ts"), *client.glob("shared.ts"))
    expected = {str(path.relative_to(client)): path.read_text("utf-8") for path in found}

    assert expected == modules


@pytest.mark.parametrize("version", [pytest.param(6, marks=pytest.mark.slow), 7])
def test_golden_modules_pass_the_compiler(tmp_path: Path, version: int) -> None:
    for case in CASES:
        client = Client(tmp_path / case)
        for name, text in golden(case).items():
            path = client.folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")

    typecheck(tmp_path, version=version)


def module(folder: Path, schema: Any, *, name: str = "test", **others: Any) -> str:
    """Return the module for a payload."""
    (output,) = typescript.emit(read(folder, {f"{name}.json": payload(schema, **others)}))
    return output.text


def test_output_is_deterministic(tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {str(at): {"type": "string"} for at in range(9)}, "required": ["3", "1"]}

    one, other = module(tmp_path / "a", schema), module(tmp_path / "b", schema)

    assert one.split("\n")[1:] == other.split("\n")[1:]


def test_only_used_functions_are_imported(tmp_path: Path) -> None:
    text = module(tmp_path, {"type": "string"})

    assert "import { string } from '../runtime/validators.js';" in text
    assert "formats" not in text
    assert "linear" not in text


def test_endpoint_may_have_the_name_of_a_function_or_keyword(tmp_path: Path) -> None:
    names = ("string", "all", "export", "linear", "null-x", "date")
    properties = {"a": {"type": "string", "pattern": "^(a+)+$", "format": "date"}}
    document = payload({"type": "object", "properties": properties, "required": ["a"]})
    client = Client(tmp_path / "client")

    client.add(read(tmp_path / "schemas", {f"{name}.json": document for name in names}))
    for name in names:
        client.queue(name, {"a": "aa"})
        client.queue(name, {"a": 1})

    typecheck(client.folder)
    assert [None, {"pointer": "/a", "keyword": "type", "expected": "string"}] * len(names) == client.results()


def test_constant_arrays_may_be_items(tmp_path: Path) -> None:
    constant = {"const": [1, "a"]}
    properties = {
        "list": {"type": "array", "items": constant},
        "nested": {"type": "array", "items": {"type": "array", "items": {"enum": [[]]}}},
        "rest": {"type": "array", "prefixItems": [constant], "items": {"const": []}},
        "objects": {"type": "array", "items": {"const": {"a": [1]}}},
    }
    client = Client(tmp_path / "client")

    client.add(read(tmp_path / "schemas", {"test.json": payload({"type": "object", "properties": properties})}))

    typecheck(client.folder)


def test_definition_may_have_the_name_of_a_type(tmp_path: Path) -> None:
    names = ("Validator", "Endpoint", "Array", "Record", "Object", "Set", "String", "Promise")
    own = {name: {"type": "object", "properties": {"again": {"$ref": f"#/$defs/{name}"}}} for name in names}
    properties = {name: {"$ref": f"#/$defs/{name}"} for name in names} | {"many": {"type": "array"}}
    client = Client(tmp_path / "client")

    document = payload({"type": "object", "properties": properties}, **{"$defs": own})
    client.add(read(tmp_path / "schemas", {"test.json": document}))
    client.queue("test", {name: {"again": {}} for name in names})

    typecheck(client.folder)
    assert [None] == client.results()


def test_objects_with_kept_properties_have_an_index_signature(tmp_path: Path) -> None:
    base = {"type": "object", "properties": {"id": {"type": "integer"}}}
    definitions = {
        "Base": base,
        "Closed": base | {"additionalProperties": False},
        "Derived": {"allOf": [{"$ref": "#/$defs/Base"}], "properties": {"name": {"type": "string"}}},
        "Sealed": {
            "allOf": [{"$ref": "#/$defs/Base"}],
            "properties": {"name": {"type": "string"}},
            "unevaluatedProperties": False,
        },
        "Strings": base | {"properties": {"a": {"type": "string"}}, "additionalProperties": {"type": "string"}},
    }
    either = {"anyOf": [{"$ref": f"#/$defs/{name}"} for name in definitions]}
    files = {"test.json": payload(either, unknown="keep", **{"$defs": definitions})}
    client = Client(tmp_path / "client")

    client.add(read(tmp_path / "schemas", files))

    text = (client.folder / "test/messages.ts").read_text(encoding="utf-8")
    open_types = {name for name in definitions if "[key: string]: unknown;" in interface(text, name)}
    typecheck(client.folder)
    assert {"Base", "Derived"} == open_types


def interface(text: str, name: str) -> str:
    """Return the declaration of an interface."""
    return text.partition(f"export interface {name} ")[2].partition("}")[0]


def test_index_signature_includes_the_types_of_declared_properties(tmp_path: Path) -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"type": "boolean"}},
        "required": ["a"],
        "additionalProperties": {"type": "string"},
    }
    client = Client(tmp_path / "client")

    client.add(read(tmp_path / "schemas", {"test.json": payload(schema)}))

    typecheck(client.folder)
    text = (client.folder / "test/messages.ts").read_text("utf-8")
    assert "readonly [key: string]: string | number | boolean | undefined;" in text


def test_enumerated_names_are_keys(tmp_path: Path) -> None:
    schema = {"type": "object", "additionalProperties": {"type": "integer"}}
    found = module(
        tmp_path / "schemas",
        {
            "type": "object",
            "properties": {
                "one": {**schema, "propertyNames": {"enum": ["a", "b"]}},
                "other": {**schema, "propertyNames": {"$ref": "#/$defs/Side"}},
            },
        },
        **{"$defs": {"Side": {"enum": ["left", "right"]}}},
    )

    assert "readonly one?: { readonly [key in 'a' | 'b']?: number };" in found
    assert "readonly other?: { readonly [key in Side]?: number };" in found


def test_recursive_validators_are_declared_after_their_dependencies(tmp_path: Path) -> None:
    definitions = {
        "A": {"type": "object", "properties": {"b": {"$ref": "#/$defs/B"}}},
        "B": {"type": "array", "items": {"$ref": "#/$defs/A"}},
    }

    text = module(tmp_path, {"$ref": "#/$defs/A"}, **{"$defs": definitions})

    assert "const validateB: Validator = all(array, items(lazy(() => validateA)));" in text
    assert text.index("const validateB") < text.index("const validateA")
    assert "data: limitDepth(validateA)" in text


def test_endpoint_may_have_the_name_of_a_validator(tmp_path: Path) -> None:
    definitions = {"Line": {"type": "object", "properties": {"text": {"type": "string"}}}}
    client = Client(tmp_path / "client")

    document = payload({"$ref": "#/$defs/Line"}, **{"$defs": definitions})
    client.add(read(tmp_path / "schemas", {"validate-line.json": document}))
    client.queue("validate-line", {"text": 1})

    typecheck(client.folder)
    assert [{"pointer": "/text", "keyword": "type", "expected": "string"}] == client.results()


def test_properties_may_have_any_name(tmp_path: Path) -> None:
    names = [
        *("a-b", "0", "1a", "", " ", "'", '"', "\\", "\n", "\u2028", "${x}", "`", "*/", "</script>", "😀", "é", "//"),
        *("class", "default", "await", "__proto__", "constructor", "prototype", "[x]", "a.b", "/**", "toString"),
    ]
    properties = {name: {"type": "integer", "description": name} for name in names}
    schema = {"type": "object", "properties": properties, "required": names, "additionalProperties": False}
    client = Client(tmp_path / "client")

    client.add(read(tmp_path / "schemas", {"test.json": payload(schema)}))
    client.queue("test", dict.fromkeys(names, 1))
    client.queue("test", {**dict.fromkeys(names, 1), "other": 1})
    client.queue("test", dict.fromkeys(names[:-1], 1))

    typecheck(client.folder)
    fits, other, missing = client.results()
    assert fits is None
    assert {"pointer": "", "keyword": "additionalProperties"} == other
    assert {"pointer": "", "keyword": "required", "expected": names[-1]} == missing
