"""Settings of linters and formatters in the client folder."""

from __future__ import annotations

from codegen.emit import MARK
from codegen.emit.typescript import emit_common


def test_settings_have_the_header_of_generated_files() -> None:
    files = {output.path.as_posix(): output.text for output in emit_common(())}

    assert {"eslint.config.mjs", "prettier.config.mjs"} == set(files)
    assert all(text.startswith(f"// {MARK}") for text in files.values())
