"""Generated Python: golden cases, and the modules that print them."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegen import keywords, model
from codegen.emit.python import Models, emit
from codegen.emit.python.annotations import AnnotationBuilder
from codegen.emit.python.constraints import constrained
from codegen.emit.python.defaults import default
from codegen.emit.python.literals import comment, docstring, json_document, literal
from codegen.emit.python.python_identifiers import field_names, is_plain, message_class_name, parameter
from codegen.emit.python.python_printer import (
    LINE_WIDTH,
    annotated_assignment,
    call,
    format_node,
    keyword,
    single_line,
    subscript,
    display_width,
    union_of,
)
from codegen.emit.templates import Code
from codegen.identifiers import Name
from codegen.schema.resolve import resolve
from codegen.source.load import load
from tornado_ws.validation.codec import Codec

from ..support.generated import ROOT
from ..support.package import endpoint, lint, run, typecheck

METHODS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
GOLDEN = sorted(path.parent for path in (ROOT / "tests/golden").glob("*/schemas"))


FOLDERS: dict[str, Models] = {"python": "msgspec", "models": "pydantic"}
"""Folder of the golden modules, with the library of their message classes."""


def generated(case: Path, models: Models) -> dict[str, str]:
    """Return the modules generated from the schemas of a golden case, by name."""
    schemas = resolve(load(case / "schemas", source="schemas"))
    assert () == schemas.problems
    endpoints = [keywords.build(document, schemas.documents) for document in schemas.endpoints]
    return {output.path.as_posix(): output.text for output in emit(endpoints, models=models)}


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case.name)
def test_golden_folder(case: Path, folder: str) -> None:
    """Compare the generated modules with the golden ones; ``GOLDEN=1`` updates them."""
    actual = generated(case, FOLDERS[folder])
    if os.environ.get("GOLDEN"):
        (case / folder).mkdir(exist_ok=True)
        for name, text in actual.items():
            (case / folder / name).write_text(text, encoding="utf-8")

    expected = {path.name: path.read_text(encoding="utf-8") for path in (case / folder).iterdir() if path.is_file()}

    assert expected == actual


def test_docstrings_describe_replies_and_items(tmp_path: Path) -> None:
    answer = {"type": "integer", "description": "What it was.\nIn metres."}
    asks = {"ask": {"description": "Ask.", "reply": answer}, "pull": {"stream": answer}}
    (tmp_path / "it.json").write_text(json.dumps({"kind": "persistent", "path": "/it", "clientMessages": asks}))
    schemas = resolve(load(tmp_path))
    (output,) = (
        each for each in emit([keywords.build(schemas.endpoints[0], schemas.documents)]) if each.path.stem == "it"
    )

    methods = {
        node.name: ast.get_docstring(node) for node in ast.walk(ast.parse(output.text)) if isinstance(node, METHODS)
    }

    assert "Ask.\n\nReturns:\n    What it was.\n    In metres." == methods["on_ask"] == methods["Ask"]
    assert "Handle ``pull``.\n\nYields:\n    What it was.\n    In metres." == methods["on_pull"]


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case.name)
def test_golden_modules_can_be_imported_and_decoded(case: Path, folder: str) -> None:
    for path in sorted((case / folder).glob("[!_]*.py")):
        stated = endpoint(run(path))

        assert Codec(stated).endpoint is Codec(stated, side="client").endpoint


@pytest.mark.slow
def test_golden_modules_pass_linter_formatter_and_mypy() -> None:
    folders = [case / folder for case in GOLDEN for folder in FOLDERS]
    for folder in folders:
        lint(folder)
    typecheck(*(path for folder in folders for path in folder.glob("[!_]*.py")))


@pytest.mark.slow
def test_golden_modules_pass_pyright(tmp_path: Path) -> None:
    included = [str(case / folder) for case in GOLDEN for folder in FOLDERS]
    settings = {
        "include": included,
        "strict": included,
        "venvPath": str(ROOT),
        "venv": ".venv",
        "extraPaths": [str(ROOT)],
    }
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "-p", str(tmp_path)]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout[-4000:]


class TestPrinter:
    def test_short_call_stays_on_one_line(self) -> None:
        assert format_node(call("f", Code("a"), keyword("b", Code("1")))) == "f(a, b=1)"

    def test_long_call_has_a_line_for_each_item(self) -> None:
        text = format_node(subscript("x", *(Code("a" * 50) for _ in range(3))), indent=4)

        assert text.split("\n") == ["x[", *[f"        {'a' * 50},"] * 3, "    ]"]

    def test_long_union_is_parenthesized(self) -> None:
        union = union_of(*(Code(f"{'A' * 50}{at}") for at in range(3)))

        assert annotated_assignment("x", union).startswith("x: (\n    AAA")
        assert format_node(subscript("list", union)).startswith("list[\n    AAA")

    def test_union_has_each_member_once_and_none_last(self) -> None:
        assert (
            single_line(union_of(Code("None"), Code("int"), union_of(Code("str"), Code("int")))) == "int | str | None"
        )

    def test_wide_characters_take_two_columns(self) -> None:
        assert display_width("a長") == 3


class TestLiterals:
    @given(st.text())
    def test_literal_evaluates_to_its_text(self, text: str) -> None:
        code = literal(text)

        assert ast.literal_eval(code) == text
        assert "\n" not in code
        assert all(character.isprintable() for character in code)

    @given(st.text())
    def test_comment_has_one_line(self, text: str) -> None:
        assert ast.parse(comment(text)).body == []
        assert len(comment(text).splitlines()) == 1

    @given(st.text(), st.integers(0, 2))
    def test_docstring_is_a_valid_literal(self, text: str, depth: int) -> None:
        code = docstring(text, indent=4 * depth)

        assert isinstance(ast.literal_eval(code), str)
        assert all(unicodedata.category(character) != "Cf" for character in code)

    def test_docstring_contains_its_text(self) -> None:
        assert docstring('  Say "hi" \n\n  twice  ') == '"""Say "hi"\n\ntwice\n"""'
        assert docstring('end"') == '"""end" """'

    @settings(max_examples=40)
    @given(st.dictionaries(st.text(), st.text() | st.lists(st.text() | st.dictionaries(st.text(), st.text()))))
    def test_document_evaluates_to_its_value(self, value: dict[str, object]) -> None:
        assert json.loads(ast.literal_eval(json_document(value))) == value

    @pytest.mark.slow
    @settings(max_examples=15, deadline=None)
    @given(st.lists(st.text(st.characters(codec="utf-8")), min_size=40, max_size=40))
    def test_formatter_does_not_change_docstrings(self, texts: list[str]) -> None:
        classes = "".join(
            f"\n\nclass A{at}:\n    {docstring(text, indent=4)}\n" for at, text in enumerate(texts) if text.strip()
        )
        source = f'"""Some."""\n{classes}'

        done = subprocess.run(
            [sys.executable, "-m", "ruff", "format", "--no-cache", "--line-length", str(LINE_WIDTH), "-"],
            input=source,
            capture_output=True,
            text=True,
            check=True,
        )

        assert done.stdout == source


class TestIdentifiers:
    def test_usable_names_of_properties_are_kept(self) -> None:
        names = field_names(["a", "class", "int", "Line", "_x", "1", "a-b", "a_b", "größe"], taken=["Line"])

        assert names == {
            "a": "a",
            "class": "class_",
            "int": "int_",
            "Line": "Line_",
            "_x": "f_x",
            "1": "f_1",
            "a-b": "a_b_",
            "a_b": "a_b",
            "größe": "gro_udf_e",
        }

    @given(st.lists(st.text(), unique=True))
    def test_fields_have_distinct_names(self, fields: list[str]) -> None:
        names = field_names(fields, taken=["A"])

        assert list(names) == fields
        assert len({*names.values()}) == len(fields)

    @given(st.text())
    def test_msgspec_accepts_plain_names(self, name: str) -> None:
        def define() -> None:
            msgspec.defstruct("It", [("a", int, msgspec.field(name=name))])

        if is_plain(name):
            define()
        else:
            with pytest.raises(ValueError, match="must not contain"):
                define()

    def test_client_message_is_prefixed_if_it_differs_from_a_server_message(self) -> None:
        one = model.Message(name="it", payload=None)
        other = model.Message(
            name="it",
            payload=model.Payload(type=model.Anything(), check=model.Always(verdict=True), pointer="/$defs/It"),
        )

        assert message_class_name(one, [other]) == "ClientIt"
        assert message_class_name(one, [one]) == "It"

    def test_parameter_is_never_called_self(self) -> None:
        assert parameter(model.Message(name="self", payload=None)) == "self_"
        assert parameter(model.Message(name="a-b.c", payload=None)) == "a_b_c"


class TestConstraints:
    @pytest.mark.parametrize(
        ("kind", "limits", "code"),
        [
            ("string", model.Limits(pattern="^a", format="date"), "str"),
            ("string", model.Limits(min_length=0, max_length=3), "typing.Annotated[str, msgspec.Meta(max_length=3)]"),
            ("integer", model.Limits(minimum=0.5, maximum=2.5), "typing.Annotated[str, msgspec.Meta(ge=1, le=2)]"),
            ("integer", model.Limits(minimum=1, exclusive_minimum=1), "typing.Annotated[str, msgspec.Meta(gt=1)]"),
            ("integer", model.Limits(minimum=2**60, multiple_of=1), "str"),
            ("integer", model.Limits(multiple_of=2.0), "typing.Annotated[str, msgspec.Meta(multiple_of=2)]"),
            ("number", model.Limits(maximum=0.5, multiple_of=2), "typing.Annotated[str, msgspec.Meta(le=0.5)]"),
        ],
    )
    def test_only_constraints_that_msgspec_enforces_exactly(self, kind: str, limits: model.Limits, code: str) -> None:
        assert single_line(constrained(Code("str"), limits, kind=kind)) == code


class TestDefaults:
    @pytest.mark.parametrize(
        ("value", "type_", "code"),
        [
            (5, model.Scalar(kind="integer"), "5"),
            (5.0, model.Scalar(kind="integer"), "5"),
            (0, model.Scalar(kind="integer", limits=model.Limits(minimum=1)), None),
            ("x", model.Scalar(kind="string", limits=model.Limits(pattern="^x")), None),
            ("x", model.Enumeration(values=("x", "y")), '"x"'),
            (True, model.Enumeration(values=(1,)), None),
            ([], model.Array(item=model.Anything()), None),
            (None, model.Union(members=(model.Scalar(kind="null"), model.Scalar(kind="string"))), "None"),
        ],
    )
    def test_only_valid_scalars_are_defaults(self, value: object, type_: model.Type, code: str | None) -> None:
        assert default(model.Field(name="it", type=type_, required=False, default=value), {}) == code


class TestUnions:
    def annotation(self, *members: model.Type) -> str:
        types = AnnotationBuilder(self.definitions, {one.name: Name(one.name) for one in self.definitions}, [])
        return single_line(types.annotation(model.Union(members=members), "Hint"))

    text = model.Scalar(kind="string", limits=model.Limits(max_length=3))
    number = model.Scalar(kind="number")
    tagged = tuple(
        model.Record(
            name=name,
            fields=(model.Field(name="kind", type=model.Enumeration(values=(name,)), required=True),),
            closed=False,
            tag=("kind", name),
        )
        for name in ("Cat", "Dog")
    )
    plain = tuple(model.Record(name=name, fields=(), closed=True) for name in ("One", "Two"))
    both = model.Alias(name="Both", type=model.Union(members=(model.Ref(name="One"), text)))
    definitions: tuple[model.Definition, ...] = (*tagged, *plain, both)

    def test_decodable_union_is_a_python_union(self) -> None:
        null = model.Scalar(kind="null")

        assert self.annotation(self.number, null, model.Ref(name="One")) == "float | One | None"
        assert self.annotation(model.Ref(name="Cat"), model.Ref(name="Dog")) == "Cat | Dog"

    def test_wider_type_replaces_narrower_ones(self) -> None:
        assert self.annotation(self.text, model.Scalar(kind="string")) == "str"
        assert self.annotation(self.text, model.Enumeration(values=("abcd",))) == "str"
        assert self.annotation(self.number, model.Enumeration(values=(1, None))) == "float | None"

    def test_ambiguous_union_gets_a_name(self) -> None:
        assert self.annotation(model.Ref(name="One"), model.Ref(name="Two")) == "Hint"
        assert self.annotation(model.Ref(name="Cat"), model.Ref(name="One")) == "Hint"
        assert self.annotation(model.Array(item=self.number), model.Array(item=self.text)) == "Hint"
        assert self.annotation(model.Ref(name="Both"), model.Map(key=self.text, value=self.text)) == "Hint"

    def test_union_with_anything_is_any(self) -> None:
        assert self.annotation(self.number, model.Anything()) == "typing.Any"
