"""Loader for schema files."""

from __future__ import annotations

from pathlib import Path

from codegen.source.diagnostics import Problem
from codegen.source.load import META_SCHEMA, Documents, load

from ..support.folders import folder


def only(documents: Documents) -> Problem:
    (problem,) = documents.problems
    return problem


def test_documents_of_all_subfolders_are_sorted_by_path(tmp_path: Path) -> None:
    folder(tmp_path / "schemas", b={}, a={})
    folder(tmp_path / "schemas" / "shared", common={})
    (tmp_path / "schemas" / "c.yaml").write_text("a: 1")
    (tmp_path / "schemas" / "d.yml").write_text("a: 1")

    documents = load(tmp_path / "schemas").documents

    assert ["a.json", "b.json", "c.yaml", "d.yml", "shared/common.json"] == [
        str(document.path) for document in documents
    ]


def test_other_files_are_ignored(tmp_path: Path) -> None:
    schemas = folder(tmp_path, **{META_SCHEMA.removesuffix(".json"): "not JSON", ".hidden": "not JSON"})
    (schemas / "README.md").write_text("# Schemas")
    folder(schemas / ".git", config="not JSON")

    assert Documents(documents=(), problems=(), unreadable=()) == load(schemas)


def test_document_has_a_name_and_a_path_for_headers(tmp_path: Path) -> None:
    (document,) = load(folder(tmp_path / "schemas", chat={}), source="api/schemas").documents

    assert "chat" == document.name
    assert "api/schemas/chat.json" == document.source
    assert f"{tmp_path.as_posix()}/schemas/chat.json" == document.text.file


def test_position_of_a_value_and_of_its_key(tmp_path: Path) -> None:
    (document,) = load(folder(tmp_path, chat='{\n  "kind": "ephemeral"\n}')).documents

    assert (2, 11) == document.line_and_column("/kind")
    assert (2, 3) == document.line_and_column("/kind", key=True)
    assert (1, 1) == document.line_and_column("")


def test_position_of_a_missing_value_is_that_of_its_parent(tmp_path: Path) -> None:
    (document,) = load(folder(tmp_path, chat='{\n  "params": {}\n}')).documents

    assert (2, 13) == document.line_and_column("/params/required/0")


def test_missing_folder_is_rejected(tmp_path: Path) -> None:
    problem = only(load(tmp_path / "nowhere"))

    assert ("no_schemas", "schemas folder not found") == (problem.code, problem.message)
    assert "python -m codegen init" in str(problem)


def test_file_in_place_of_the_folder_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "schemas").touch()

    assert "schemas folder is a file" == only(load(tmp_path / "schemas")).message


def test_invalid_utf8_is_rejected_at_its_byte(tmp_path: Path) -> None:
    problem = only(load(folder(tmp_path, chat='{\n  "é": "'.encode() + b'\xff"}')))

    assert ("invalid_utf8", 2, 9, "byte 0xff") == (problem.code, problem.line, problem.column, problem.got)


def test_utf16_is_rejected(tmp_path: Path) -> None:
    assert "invalid_utf8" == only(load(folder(tmp_path, chat="{}".encode("utf-16")))).code


def test_byte_order_mark_is_rejected_and_the_rest_is_parsed(tmp_path: Path) -> None:
    documents = load(folder(tmp_path, chat=b"\xef\xbb\xbf{}"))

    assert "byte_order_mark" == only(documents).code
    assert {} == documents.documents[0].root


def test_empty_file_is_rejected(tmp_path: Path) -> None:
    documents = load(folder(tmp_path, chat=" \n"))

    assert "empty_file" == only(documents).code
    assert ["chat.json"] == [str(path) for path in documents.unreadable]


def test_unreadable_file_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "gone.json").symlink_to(tmp_path / "nowhere.json")

    problem = only(load(tmp_path))

    assert "cannot read the file: No such file or directory [unreadable_file]" in str(problem)


def test_broken_files_do_not_hide_the_others(tmp_path: Path) -> None:
    documents = load(folder(tmp_path, a="{", b={}, c="[", d={}))

    assert ["b.json", "d.json"] == [str(document.path) for document in documents.documents]
    assert ["a.json", "c.json"] == [Path(problem.file).name for problem in documents.problems]
