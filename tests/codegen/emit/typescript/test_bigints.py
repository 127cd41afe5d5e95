"""Types and imports of endpoints with integers beyond 2^53."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from codegen.emit import typescript

from ...support.generated import Client, payload, read, typecheck

INT64 = {"type": "integer", "minimum": -(2**63), "maximum": 2**63 - 1}


def _module(folder: Path, schema: Any, *, bigint: bool = True) -> str:
    files = {"test.json": payload({"$ref": "it.json"}), "it.json": schema}
    return "".join(output.text for output in typescript.emit(read(folder, files, bigint=bigint)))


@pytest.mark.parametrize(
    ("schema", "type_"),
    [
        (INT64, "bigint"),
        ({"type": "integer", "format": "uint64"}, "bigint"),
        ({"type": "integer", "exclusiveMaximum": 2**53 + 1}, "bigint"),
        ({"type": "integer", "exclusiveMaximum": 2**53}, "number"),
        ({"type": "integer", "minimum": 0}, "number"),
        ({"type": "number", "maximum": 2**63}, "number"),
        ({"type": ["integer", "null"], "maximum": 2**63}, "bigint | null"),
        ({"enum": [1, 2**53 + 1, "a", True]}, "1n | 9007199254740993n | 'a' | true"),
        ({"enum": [1, "a"]}, "1 | 'a'"),
        ({"anyOf": [INT64, {"type": "number"}]}, "bigint | number"),
    ],
)
def test_integer_with_a_bound_or_constant_beyond_the_exact_ones_is_a_bigint(
    tmp_path: Path, schema: Any, type_: str
) -> None:
    assert f"export type It = {type_};\n" in _module(tmp_path, schema)


@pytest.mark.parametrize(
    ("schema", "bigint"),
    [(INT64, False), ({"type": "integer", "maximum": 2**53 - 1}, True), ({"type": "number", "maximum": 1e300}, True)],
)
def test_other_endpoints_do_not_import_the_modules_for_bigint(tmp_path: Path, schema: Any, bigint: bool) -> None:
    module = _module(tmp_path, schema, bigint=bigint)

    assert "exact-values.js" not in module
    assert "exact-validators.js" not in module


def test_generated_module_with_every_kind_of_type_compiles(tmp_path: Path) -> None:
    tree = {"type": "object", "properties": {"id": INT64, "kids": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}}}
    properties = {
        "closed": {**tree, "additionalProperties": False},
        "rest": {"type": "object", "properties": {"n": {"type": "number"}}, "additionalProperties": INT64},
        "map": {"type": "object", "additionalProperties": INT64, "propertyNames": {"enum": ["a", "b"]}},
        "tuple": {"type": "array", "prefixItems": [INT64, {"type": "boolean"}], "items": {"$ref": "#/$defs/Decoder"}},
        "union": {"anyOf": [{"$ref": "#/$defs/Tree"}, {"$ref": "#/$defs/Decoder"}, INT64, {"type": "number"}]},
        "constant": {"enum": [2**53 + 1, 1, [1], {"a": None}]},
        "__proto__": INT64,
    }
    document = payload(
        {"type": "object", "properties": properties, "required": ["map"]},
        **{"$defs": {"Tree": tree, "Decoder": {"type": "integer", "multipleOf": 2**53 + 1}}},
    )
    client = Client(tmp_path / "client")
    client.add(read(tmp_path / "schemas", {"decode-tree.json": document, "list.json": document}, bigint=True))
    (tmp_path / "client/use.ts").write_text(
        "import type { DecodeTreeProtocol } from './decode-tree/messages.js';\n"
        "declare const it: DecodeTreeProtocol['server']['it'];\n"
        "export const id: bigint | undefined = it.closed?.id;\n"
        "export const part: bigint | undefined = it.map.a;\n"
        "// @ts-expect-error\n"
        "export const wrong: number | undefined = it.closed?.id;\n"
    )

    typecheck(tmp_path / "client")
