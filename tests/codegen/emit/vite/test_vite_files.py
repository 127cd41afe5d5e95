"""Files of the Vite plugin; ``tests/client/test_vite.py`` runs them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from codegen.emit import MARK, vite

from ...support.generated import read

CHAT: dict[str, Any] = {
    "kind": "persistent",
    "path": "/chat/{room}",
    "params": {"type": "object", "properties": {"room": {"type": "string"}}, "required": ["room"]},
}


def emitted(folder: Path, **documents: Any) -> dict[str, str]:
    endpoints = read(folder, {f"{name}.json": document for name, document in documents.items()})
    return {output.path.as_posix(): output.text for output in vite.emit(endpoints)}


def test_plugin_is_copied_with_a_header(tmp_path: Path) -> None:
    files = emitted(tmp_path, chat=CHAT)
    here = Path(vite.__file__).parent

    assert {"runtime/vite.js", "vite.d.ts", "vite.js"} == set(files)
    assert all(MARK in text.split("\n")[0] for text in files.values())
    assert files["runtime/vite.js"].endswith((here / "plugin.js").read_text())
    assert files["vite.d.ts"].endswith((here / "vite.d.ts").read_text())


def test_module_lists_the_paths_of_the_endpoints(tmp_path: Path) -> None:
    text = emitted(tmp_path, chat=CHAT, news={"kind": "persistent", "path": "/news"})["vite.js"]

    assert "\tpaths: [\n\t\t'/chat/{room}',\n\t\t'/news',\n\t],\n" in text


def test_module_lists_the_path_of_one_time_urls(tmp_path: Path) -> None:
    text = emitted(tmp_path, export={"kind": "ephemeral"}, other={"kind": "ephemeral"})["vite.js"]

    assert "\tpaths: [\n\t\t'/_/connect/{key}',\n\t],\n" in text


def test_module_contains_the_folder_of_the_schemas(tmp_path: Path) -> None:
    (endpoint,) = read(tmp_path, {"chat.json": CHAT})
    nested = replace(endpoint, source="protocol/inner/chat.json")

    outputs = {
        output.path.as_posix(): output.text
        for output in vite.emit([nested, replace(endpoint, source="protocol/b.json")])
    }

    assert "\tschemas: 'protocol',\n" in outputs["vite.js"]
