"""Parser for the output of datamodel-code-generator."""

from __future__ import annotations

import pytest

from codegen.emit.python.pydantic.output_types import UnexpectedOutput, parse_types
from codegen.emit.python.python_printer import single_line


def test_types_of_aliases_are_returned() -> None:
    text = "D0 = TypeAliasType('D0', int | None)\n\nD1 = TypeAliasType('D1', Literal['a', -1])"

    types = parse_types(text)

    assert {"D0": "int | None", "D1": 'typing.Literal["a", -1]'} == {
        name: single_line(node) for name, node in types.items()
    }


@pytest.mark.parametrize(
    "text",
    [
        "import os",
        "from os import system",
        "class D0(BaseModel):\n    pass",
        "D0 = TypeAliasType('D0', int | boom())",
        "D0 = TypeAliasType('D0', os.system)",
        "D0 = TypeAliasType('D0', list[boom()])",
        "D0 = boom()",
        "D0 = TypeAliasType('D0', Unknown)",
        "D0 = TypeAliasType('D0', Literal[b'x'])",
    ],
)
def test_parser_accepts_only_types(text: str) -> None:
    with pytest.raises(UnexpectedOutput):
        parse_types(text)
