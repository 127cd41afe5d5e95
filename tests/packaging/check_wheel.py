"""Contents of the wheel in ``dist``; `make compiled` builds it, and runs these tests."""

from __future__ import annotations

import sys
import zipfile

from tests.support.layers import ROOT


def test_wheel_contains_both_packages_and_their_data() -> None:
    wheels = list((ROOT / "dist").glob("*.whl"))
    assert len(wheels) == 1
    with zipfile.ZipFile(wheels[0]) as archive:
        names = set(archive.namelist())

    if sys.platform == "linux":
        assert "manylinux_2_17" in wheels[0].name
    for folder in ("tornado_ws", "codegen"):
        sources = [path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
        missing = {path.relative_to(ROOT).as_posix() for path in sources} - names
        assert {name for name in missing if not name.endswith((".pyc", ".so"))} == set()
    assert not [name for name in names if name.startswith(("tests/", "bench/", "examples/", "docs/"))]
    assert [name for name in names if name.startswith("tornado_ws/session/session") and "so" in name.split(".")]
