"""Parser for the output of datamodel-code-generator."""

from __future__ import annotations

import pytest

from codegen.emit.python.pydantic.output_types import UnexpectedOutput, parse_types
from codegen.emit.python.python_printer import single_line
from codegen.identifiers import Name


def test_types_of_aliases_and_properties_are_returned() -> None:
    text = "class D0(BaseModel):\n    f0: list[D1] | None = None\n\nD1 = TypeAliasType('D1', Literal['a', -1])"

    generated = parse_types(text, {"D0": Name("Line"), "D1": Name("Mark")})

    assert "list[Mark] | None" == single_line(generated.classes["D0"]["f0"])
    assert 'typing.Literal["a", -1]' == single_line(generated.types["D1"])


@pytest.mark.parametrize(
    "text",
    [
        "import os",
        "from os import system",
        "class D0(BaseModel):\n    f0: str = boom()",
        "class D0(BaseModel):\n    f0: boom()",
        "class D0(BaseModel):\n    f0: os.system",
        "class D0(BaseModel, metaclass=M):\n    pass",
        "@boom\nclass D0(BaseModel):\n    pass",
        "class D0(BaseModel):\n    def f(self): pass",
        "D0 = TypeAliasType('D0', list[boom()])",
        "D0 = boom()",
        "D0 = TypeAliasType('D0', Unknown)",
        "D0 = TypeAliasType('D0', Literal[b'x'])",
    ],
)
def test_parser_accepts_only_types(text: str) -> None:
    with pytest.raises(UnexpectedOutput):
        parse_types(text, {})
