from __future__ import annotations

import json

import pytest

from codegen.schema.metaschema import check, meta_schema
from codegen.source.document import Document
from codegen.source.load import load
from docs.scripts.__main__ import DOCS, PAGES
from docs.scripts.keywords import EXAMPLES
from docs.scripts.listings import ROOT, listing
from docs.scripts.sections import replace, sections


@pytest.mark.slow
@pytest.mark.parametrize(("page", "part"), [(page, part) for page, parts in PAGES.items() for part in parts])
def test_generated_part_is_current(page, part):
    text = (DOCS / page).read_text(encoding="utf-8")

    assert replace(text, part, PAGES[page][part]()) == text, "run python -m docs.scripts"


def test_every_generated_part_has_a_script():
    measured = DOCS / "benchmarks.md"  # written by ``python -m bench``
    marked = {
        (page.relative_to(DOCS).as_posix(), name)
        for page in DOCS.rglob("*.md")
        if page != measured
        for name in sections(page.read_text(encoding="utf-8"))
    }

    assert {(page, part) for page, parts in PAGES.items() for part in parts} == marked


def test_meta_schema_accepts_the_examples_of_keywords(tmp_path):
    schema = json.loads(meta_schema())
    for name, example in EXAMPLES.items():
        value = json.loads(example)
        document = _document(tmp_path, name, value, schema)

        assert [str(problem) for problem in check(document)] == [], name


@pytest.mark.parametrize("path", ["examples/deploy/nginx.conf", "examples/deploy/chat@.service"])
def test_page_contains_the_files_that_the_tests_run(path):
    page = (DOCS / "how-to/production.md").read_text(encoding="utf-8")

    assert listing(path) in page
    assert (ROOT / path).read_text(encoding="utf-8") in page


def test_replace_changes_only_one_part():
    page = "a\n<!-- begin: one -->\nold\n<!-- end -->\nb\n<!-- begin: two -->\nkept\n<!-- end -->\n"

    assert replace(page, "one", "new\n\n") == page.replace("old", "new")


def test_replace_rejects_an_unknown_part():
    with pytest.raises(LookupError, match=r"expected one of the parts \(none\), got 'three'"):
        replace("text", "three", "")


def _document(folder, name: str, value: object, schema) -> Document:
    """Return a document that contains a keyword with a value."""
    endpoint: dict[str, object] = {"kind": "persistent", "path": "/chat"}
    sides = [side for side in ("clientMessages", "serverMessages") if name in _keywords(schema, side)]
    if name in schema["properties"]:
        endpoint[name] = value
    else:
        endpoint[sides[0]] = {"message": {name: value}}
    (folder / "chat.json").write_text(json.dumps(endpoint), encoding="utf-8")
    return load(folder).documents[0]


def _keywords(schema, side: str):
    return schema["$defs"][side]["additionalProperties"]["properties"]
