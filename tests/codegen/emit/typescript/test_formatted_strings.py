"""TypeScript types of strings with a format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...support.generated import Client, payload, read, typecheck

DATE_TIME = {"type": "string", "format": "date-time"}
UUID = {"type": "string", "format": "uuid"}
EVENT = {
    "type": "object",
    "properties": {
        "at": DATE_TIME,
        "id": {"$ref": "#/$defs/Id"},
        "ids": {"type": "array", "items": UUID},
        "maybe": {"type": ["string", "null"], "format": "date"},
        "mail": {"type": "string", "format": "email"},
        "keys": {"type": "object", "propertyNames": UUID, "additionalProperties": DATE_TIME},
        "name": {"$ref": "#/$defs/Formatted"},
    },
    "required": ["at", "id"],
}
DEFINITIONS = {"Id": UUID, "Formatted": {"type": "string"}}
USES = """
import type { Id, It } from './test/messages.js';

const id: Id = '8c0e0f5a-3a3b-4a0e-9d5e-2f1f3c1f7b11';
const it: It = { at: new Date().toISOString(), id, ids: [id], maybe: null, keys: { [id]: '2026-01-02T03:04:05Z' } };
export const at: string = it.at;
export const isEqual: boolean = it.at === '2026-01-02T03:04:05Z' && it.id.length > 0;
// @ts-expect-error: a UUID is not a time
export const wrong: It = { at: id, id };
"""


def generate(folder: Path, files: Any, **options: Any) -> Path:
    client = Client(folder / "client")
    client.add(read(folder / "schemas", files, **options))
    return client.folder


def test_strings_with_a_format_accept_every_string_except_another_format(tmp_path: Path) -> None:
    files = {"test.json": payload(EVENT, **{"$defs": DEFINITIONS})}
    client = generate(tmp_path, files, formats=True, typed_formats=True)
    (client / "uses.ts").write_text(USES, encoding="utf-8")

    module = (client / "test/messages.ts").read_text(encoding="utf-8")

    typecheck(client)
    assert "import type { Formatted as Formatted_ } from '../runtime/formats.js';" in module
    assert "readonly at: Formatted_<'date-time'>;" in module
    assert "export type Id = Formatted_<'uuid'>;" in module
    assert "readonly maybe?: Formatted_<'date'> | null;" in module
    assert "readonly mail?: Formatted_<'email'>;" in module
    assert "readonly keys?: { readonly [key: string]: Formatted_<'date-time'> };" in module


def test_shared_types_have_formats(tmp_path: Path) -> None:
    files: dict[str, Any] = {
        name: payload({"type": "array", "items": {"$ref": "shared.json#/$defs/Order"}})
        for name in ("one.json", "two.json")
    }
    files["shared.json"] = {"$defs": {"Order": {"type": "object", "properties": {"id": UUID}}}}
    client = generate(tmp_path, files, formats=True, typed_formats=True)

    typecheck(client)
    assert "readonly id?: Formatted<'uuid'>;" in (client / "shared.ts").read_text(encoding="utf-8")
    assert "Formatted" not in (client / "one/messages.ts").read_text(encoding="utf-8")


def test_strings_are_strings_without_typed_formats(tmp_path: Path) -> None:
    client = generate(tmp_path, {"test.json": payload(EVENT, **{"$defs": DEFINITIONS})}, formats=True)

    assert "readonly at: string;" in (client / "test/messages.ts").read_text(encoding="utf-8")


def test_format_of_names_alone_needs_no_type(tmp_path: Path) -> None:
    schema = {"type": "object", "propertyNames": UUID, "additionalProperties": {"type": "integer"}}
    client = generate(tmp_path, {"test.json": payload(schema)}, formats=True, typed_formats=True)

    typecheck(client)
    assert "Formatted" not in (client / "test/messages.ts").read_text(encoding="utf-8")
