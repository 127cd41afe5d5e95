from __future__ import annotations

from pathlib import Path

from codegen.source.diagnostics import Problem
from codegen.source.load import META_SCHEMA, Documents, load

from ..support.folders import folder


def only(documents: Documents) -> Problem:
    (problem,) = documents.problems
    return problem


def test_documents_come_by_path_with_those_of_folders_below(tmp_path: Path) -> None:
    folder(tmp_path / "schemas", b={}, a={})
    folder(tmp_path / "schemas" / "shared", common={})
    (tmp_path / "schemas" / "c.yaml").write_text("a: 1")
    (tmp_path / "schemas" / "d.yml").write_text("a: 1")

    documents = load(tmp_path / "schemas").documents

    assert ["a.json", "b.json", "c.yaml", "d.yml", "shared/common.json"] == [str(each.path) for each in documents]


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    schemas = folder(tmp_path, **{META_SCHEMA.removesuffix(".json"): "not JSON", ".hidden": "not JSON"})
    (schemas / "README.md").write_text("# Schemas")
    folder(schemas / ".git", config="not JSON")

    assert Documents(documents=(), problems=(), unreadable=()) == load(schemas)


def test_document_knows_its_name_and_what_headers_call_it(tmp_path: Path) -> None:
    (document,) = load(folder(tmp_path / "schemas", chat={}), source="api/schemas").documents

    assert "chat" == document.name
    assert "api/schemas/chat.json" == document.source
    assert f"{tmp_path.as_posix()}/schemas/chat.json" == document.text.file


def test_position_is_that_of_the_value_or_of_its_key(tmp_path: Path) -> None:
    (document,) = load(folder(tmp_path, chat='{\n  "kind": "ephemeral"\n}')).documents

    assert (2, 11) == document.line_and_column("/kind")
    assert (2, 3) == document.line_and_column("/kind", key=True)
    assert (1, 1) == document.line_and_column("")


def test_position_of_what_is_not_there_is_that_of_what_holds_it(tmp_path: Path) -> None:
    (document,) = load(folder(tmp_path, chat='{\n  "params": {}\n}')).documents

    assert (2, 13) == document.line_and_column("/params/required/0")


def test_folder_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    problem = only(load(tmp_path / "nowhere"))

    assert ("no_schemas", "no folder is here") == (problem.code, problem.message)
    assert "python -m codegen init" in str(problem)


def test_file_in_place_of_the_folder_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "schemas").touch()

    assert "this is no folder" == only(load(tmp_path / "schemas")).message


def test_file_that_is_not_utf8_is_refused_at_the_byte(tmp_path: Path) -> None:
    problem = only(load(folder(tmp_path, chat='{\n  "é": "'.encode() + b'\xff"}')))

    assert ("invalid_utf8", 2, 9, "byte 0xff") == (problem.code, problem.line, problem.column, problem.got)


def test_utf16_is_refused(tmp_path: Path) -> None:
    assert "invalid_utf8" == only(load(folder(tmp_path, chat="{}".encode("utf-16")))).code


def test_byte_order_mark_is_refused_and_the_rest_is_read(tmp_path: Path) -> None:
    documents = load(folder(tmp_path, chat=b"\xef\xbb\xbf{}"))

    assert "byte_order_mark" == only(documents).code
    assert {} == documents.documents[0].root


def test_empty_file_is_refused(tmp_path: Path) -> None:
    documents = load(folder(tmp_path, chat=" \n"))

    assert "empty_file" == only(documents).code
    assert ["chat.json"] == [str(path) for path in documents.unreadable]


def test_file_that_cannot_be_opened_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "gone.json").symlink_to(tmp_path / "nowhere.json")

    problem = only(load(tmp_path))

    assert "the file cannot be read: No such file or directory [unreadable_file]" in str(problem)


def test_one_broken_file_does_not_hide_the_others(tmp_path: Path) -> None:
    documents = load(folder(tmp_path, a="{", b={}, c="[", d={}))

    assert ["b.json", "d.json"] == [str(each.path) for each in documents.documents]
    assert ["a.json", "c.json"] == [Path(problem.file).name for problem in documents.problems]
