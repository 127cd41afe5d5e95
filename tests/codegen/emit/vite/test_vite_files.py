"""Files of the Vite plugin; ``tests/client/test_vite.py`` runs them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from codegen.emit import MARK, vite
from codegen.emit.results import Route

CHAT = Route(kind="persistent", path="/chat/{room}", source="schemas/chat.json")
EXPORT = Route(kind="ephemeral", path=None, source="schemas/export.json")


def emitted(*routes: Route) -> dict[str, str]:
    return {output.path.as_posix(): output.text for output in vite.emit_common(routes)}


def test_plugin_is_copied_with_a_header() -> None:
    files = emitted(CHAT)
    here = Path(vite.__file__).parent

    scripts = {path.relative_to(here).as_posix() for path in here.glob("runtime/*.js")}
    assert {*scripts, "vite.d.ts", "vite.js"} == set(files)
    assert all(MARK in text.split("\n")[0] for text in files.values())
    assert all(files[name].endswith((here / name).read_text()) for name in (*scripts, "vite.d.ts"))
    assert all("// @ts-nocheck" in files[name] for name in scripts)


def test_module_lists_the_paths_of_the_endpoints() -> None:
    text = emitted(CHAT, replace(CHAT, path="/news"))["vite.js"]

    assert "\tpaths: [\n\t\t'/chat/{room}',\n\t\t'/news',\n\t],\n" in text


def test_module_lists_the_path_of_one_time_urls() -> None:
    text = emitted(EXPORT, EXPORT)["vite.js"]

    assert "\tpaths: [\n\t\t'/_/connect/{key}',\n\t],\n" in text


def test_module_contains_the_folder_of_the_schemas() -> None:
    outputs = emitted(replace(CHAT, source="protocol/inner/chat.json"), replace(CHAT, source="protocol/b.json"))

    assert "\tschemas: 'protocol',\n" in outputs["vite.js"]
