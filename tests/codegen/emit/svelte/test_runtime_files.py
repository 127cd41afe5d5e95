"""Runtime files that codegen copies to each client."""

from __future__ import annotations

from pathlib import Path

from codegen.emit import MARK, svelte

RUNTIME = Path(svelte.__file__).parent / "runtime"


def test_runtime_files_are_copied_with_a_header() -> None:
    outputs = svelte.emit_common([])

    written = {output.path.name: output.text for output in outputs if output.path.parts[0] == "runtime"}
    assert {file.name for file in RUNTIME.iterdir()} == set(written)
    for name, text in written.items():
        head, rules, body = text.split("\n", 2)
        assert MARK in head
        assert rules == ("<!-- eslint-disable -->" if name.endswith(".svelte") else "/* eslint-disable */")
        assert (RUNTIME / name).read_text() == body
