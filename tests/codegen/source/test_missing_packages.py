from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from codegen.source.missing_packages import EXTRAS, missing_extra

SETTINGS = Path(__file__).parents[3] / "pyproject.toml"


@pytest.mark.parametrize(
    ("module", "extra"), [("jinja2", "codegen"), ("yaml", "codegen"), ("pydantic.fields", "pydantic")]
)
def test_missing_package_is_named_with_the_command_that_installs_it(module: str, extra: str) -> None:
    package = module.partition(".")[0]

    line = missing_extra(ModuleNotFoundError(name=module))

    assert f"codegen requires {package}; run: pip install 'tornado-ws[{extra}]'" == line


def test_other_modules_have_no_command() -> None:
    assert missing_extra(ModuleNotFoundError(name="codegen.pipeline")) is None
    assert missing_extra(ModuleNotFoundError()) is None


def test_every_package_of_an_extra_is_known() -> None:
    names = {"pyyaml": "yaml", "datamodel-code-generator": "datamodel_code_generator"}
    extras = tomllib.loads(SETTINGS.read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    for extra, packages in EXTRAS.items():
        required = {requirement.split(">")[0].split("=")[0] for requirement in extras[extra]}

        assert {names.get(name, name) for name in required} <= set(packages)
