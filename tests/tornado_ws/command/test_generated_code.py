from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tornado_ws.command import generated_code
from tornado_ws.command.generated_code import _check, _is_stale, warn_if_stale


@pytest.mark.parametrize(
    ("found", "stale"),
    [
        ({"stale": ["generated/chat.py"], "missing": [], "leftOver": []}, True),
        ({"stale": [], "missing": ["generated/chat.py"], "leftOver": []}, True),
        ({"stale": [], "missing": [], "leftOver": ["generated/chat.py"]}, True),
        ({"stale": [], "missing": [], "leftOver": []}, False),
        ({"stale": ["web/chat.ts"], "missing": ["web/index.ts"], "leftOver": []}, False),
        ({"stale": [], "missing": ["generated/__init__.py", "generated/chat.py"], "leftOver": []}, False),
        ({"problems": []}, False),
        ([], False),
    ],
)
def test_modules_are_stale_but_pages_and_missing_packages_are_not(found, stale):
    assert stale == _is_stale(found)


def test_codegen_that_fails_is_not_reported(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(generated_code, "DELAY_SECONDS", 0)
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas/chat.json").write_text("{", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    _check()

    assert caplog.messages == []


@pytest.mark.parametrize(("codegen", "folder"), [(Path(__file__), "other"), (Path("absent"), "schemas")])
def test_without_codegen_or_schemas_nothing_is_compared(codegen, folder, tmp_path, monkeypatch):
    (tmp_path / folder).mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(generated_code, "CODEGEN", codegen)
    before = threading.active_count()

    warn_if_stale()

    assert before == threading.active_count()
