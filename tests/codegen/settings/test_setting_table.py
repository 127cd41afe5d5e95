"""Table of settings."""

from __future__ import annotations

import pytest

from codegen.settings.setting_table import SETTINGS, settings_help


@pytest.mark.parametrize("name", SETTINGS)
def test_default_of_a_setting_is_valid(name: str) -> None:
    assert SETTINGS[name].is_valid(SETTINGS[name].default)


def test_help_contains_each_setting_with_its_default() -> None:
    lines = settings_help().splitlines()

    assert [*SETTINGS] == [line.split()[0] for line in lines]
    assert '  models = "msgspec"                     library' in settings_help()
    assert all(len(line) <= 100 for line in lines)
