"""Detection of misspelled keywords."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema_specifications
import pytest

from codegen.schema.drafts import Draft, keywords
from codegen.schema.metaschema import check
from codegen.schema.near_misses import intended_keyword

from ..support import official
from ..support.folders import COUNTER, EXPORT, document

LATEST = Draft.DRAFT202012


def misspellings(path: Path, content: Any) -> list[str]:
    """Return the pointers to all misspelled keywords."""
    return [problem.pointer for problem in check(document(path, content)) if problem.code == "misspelled_keyword"]


@pytest.mark.parametrize(
    ("name", "keyword"),
    [
        ("maxLenght", "maxLength"),
        ("maxlength", "maxLength"),
        ("max_length", "maxLength"),
        ("min-items", "minItems"),
        ("requird", "required"),
        ("requierd", "required"),
        ("Required", "required"),
        ("additionalproperties", "additionalProperties"),
        ("additionalPropertys", "additionalProperties"),
        ("aditionalProprties", "additionalProperties"),
        ("patern", "pattern"),
        ("propertys", "properties"),
        ("propertis", "properties"),
        ("unevaluatedProperites", "unevaluatedProperties"),
        ("uniqueItem", "uniqueItems"),
        ("minimun", "minimum"),
        ("formats", "format"),
        ("descripton", "description"),
        ("readonly", "readOnly"),
        ("tpye", "type"),
        ("types", "type"),
        ("typ", "type"),
        ("Types", "type"),
        ("enums", "enum"),
        ("item", "items"),
        ("itmes", "items"),
        ("cosnt", "const"),
        ("oneof", "oneOf"),
        ("allOff", "allOf"),
        ("NOT", "not"),
        ("ref", "$ref"),
        ("$reff", "$ref"),
        ("$Ref", "$ref"),
        ("defs", "$defs"),
        ("$def", "$defs"),
        ("definitons", "definitions"),
        ("dynamicRef", "$dynamicRef"),
    ],
)
def test_near_miss_is_mapped_to_the_intended_keyword(name: str, keyword: str) -> None:
    assert keyword == intended_keyword(name, LATEST)


@pytest.mark.parametrize(
    "name",
    [
        # OpenAPI
        *("discriminator", "example", "externalDocs", "nullable", "xml", "propertyName"),
        # editors
        *("allowComments", "allowTrailingCommas", "defaultSnippets", "deprecationMessage", "doNotSuggest"),
        *("enumDescriptions", "enumItemLabels", "enumSortTexts", "errorMessage", "markdownDescription"),
        *("markdownEnumDescriptions", "patternErrorMessage", "suggestSortText"),
        # Ajv, forms and generators
        *(
            "allRequired",
            "anyRequired",
            "bsonType",
            "customBasePath",
            "customTypePath",
            "enumNames",
            "existingJavaType",
        ),
        *("formatMaximum", "formatMinimum", "headerTemplate", "instanceof", "javaType", "kind", "links", "metadata"),
        *(
            "options",
            "patternRequired",
            "prohibited",
            "propertyOrder",
            "regexp",
            "selectCases",
            "transform",
            "tsEnumNames",
        ),
        *("tsType", "typeof", "ui:widget", "uniqueItemProperties", "$async", "$data", "$merge", "$patch", "$static"),
        # drafts before draft-04, and JSON Type Definition
        *("disallow", "divisibleBy", "extends", "maxDecimal", "minimumCanEqual", "optional", "requires"),
        *("elements", "mapping", "optionalProperties", "values"),
        # other words
        *("allow", "comment", "cost", "ease", "formal", "group", "icon", "label", "multiple", "name", "note", "notes"),
        *("number", "order", "schema", "since", "tape", "tags", "titles", "typed", "unit", "when", "where", "writer"),
        *("dtype", "href", "_enum", "//type", "x-maxLenght", "X-Typ", "", "größe", "类型"),
    ],
)
def test_annotation_is_not_a_misspelling(name: str) -> None:
    assert all(intended_keyword(name, draft) is None for draft in Draft)


def test_very_long_name_is_rejected_without_comparison() -> None:
    assert None is intended_keyword("maxLength" * 100_000, LATEST)


@pytest.mark.parametrize("draft", Draft)
def test_keywords_of_each_draft_are_those_of_its_meta_schema(draft: Draft) -> None:
    found = _declared_keywords(draft.uri) | _declared_keywords(f"{draft.uri}#")
    known = keywords(draft)
    later = {"$comment", "$defs", "$vocabulary", "contentEncoding", "contentMediaType", "deprecated", "examples"}
    deprecated = {"$recursiveAnchor", "$recursiveRef", "dependencies"} if draft is LATEST else set()

    assert found - deprecated <= known
    assert known - found <= later | {"$ref", "definitions", "readOnly", "writeOnly"}


def _declared_keywords(uri: str) -> set[str]:
    """Return the properties of a meta-schema and of its parts."""
    schema = jsonschema_specifications.REGISTRY.get(uri)
    if schema is None:
        return set()
    base = uri.rpartition("/")[0]
    parts = [f"{base}/{part['$ref']}" for part in schema.contents.get("allOf", ())]
    return {*schema.contents["properties"]}.union(*map(_declared_keywords, parts))


def test_keyword_of_any_draft_is_not_a_misspelling() -> None:
    for keyword in set().union(*map(keywords, Draft)):
        assert all(intended_keyword(keyword, draft) is None for draft in Draft)


@pytest.mark.parametrize(
    ("name", "keyword", "draft", "other"),
    [
        ("dependancies", "dependencies", Draft.DRAFT7, LATEST),
        ("unevaluateditems", "unevaluatedItems", LATEST, Draft.DRAFT7),
    ],
)
def test_name_is_only_compared_with_keywords_of_its_draft(name: str, keyword: str, draft: Draft, other: Draft) -> None:
    assert keyword == intended_keyword(name, draft)
    assert intended_keyword(name, other) is None


def test_problem_has_position_expectation_and_hint(tmp_path: Path) -> None:
    content = '{\n  "kind": "ephemeral",\n  "$defs": {\n    "Line": {"type": "string", "maxLenght": 500}\n  }\n}'

    (problem,) = check(document(tmp_path, content))

    location, _, text = str(problem).partition(": /")
    assert location.endswith("counter.json:4:32")
    assert (
        "$defs/Line/maxLenght: misspelled keyword: expected a keyword of 2020-12 or a name with the prefix x-, "
        'got "maxLenght" [misspelled_keyword]\n  hint: did you mean maxLength? if not: accept = ["maxLenght"]'
    ) == text


WRONG: Any = {"maxLenght": 3}
MAPS = "$defs", "definitions", "dependentSchemas", "patternProperties", "properties"
LISTS = "allOf", "anyOf", "oneOf", "prefixItems"
SINGLE = "additionalProperties", "contains", "contentSchema", "else", "if", "items", "not", "propertyNames", "then"


@pytest.mark.parametrize(
    ("schema", "pointer"),
    [
        *((({keyword: {"a/b": WRONG}}, f"/{keyword}/a~1b/maxLenght")) for keyword in MAPS),
        *((({keyword: [{}, WRONG]}, f"/{keyword}/1/maxLenght")) for keyword in LISTS),
        *(
            (({keyword: WRONG}, f"/{keyword}/maxLenght"))
            for keyword in (*SINGLE, "unevaluatedItems", "unevaluatedProperties")
        ),
    ],
)
@pytest.mark.parametrize("parent", ["/ticket", "/$defs/A", "/serverMessages/done/payload"])
def test_subschemas_are_checked(parent: str, schema: Any, pointer: str, tmp_path: Path) -> None:
    changes: dict[str, Any] = {
        "/ticket": {"ticket": schema},
        "/$defs/A": {"$defs": {"A": schema}},
        "/serverMessages/done/payload": {"serverMessages": {"done": {"payload": schema}}},
    }

    assert [parent + pointer] == misspellings(tmp_path, EXPORT | changes[parent])


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"maxLenght": {}, "requird": {"type": "string"}}},
        {"patternProperties": {"typ": {}}, "dependentSchemas": {"item": {}}, "$defs": {"propertys": {}}},
        {"dependentRequired": {"typ": ["enums"]}, "required": ["typ"]},
        {"const": WRONG, "default": WRONG, "enum": [WRONG], "examples": [WRONG]},
        {"x-own": WRONG, "example": WRONG, "externalDocs": {"typ": 1}, "discriminator": {"propertyName": "typ"}},
    ],
)
def test_values_other_than_schemas_may_have_any_names(schema: Any, tmp_path: Path) -> None:
    assert [] == misspellings(tmp_path, COUNTER | {"$defs": {"Count": {}, "A": schema}})


def test_schemas_are_compared_with_the_keywords_of_their_own_draft(tmp_path: Path) -> None:
    content = {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "definitons": {},
        "definitions": {
            "A": {"consts": 1, "dependancies": {}},
            "B": {"$schema": "https://json-schema.org/draft/2020-12/schema", "consts": 1, "dependancies": {}},
        },
    }

    assert ["/definitons", "/definitions/A/dependancies", "/definitions/B/consts"] == misspellings(tmp_path, content)


def test_misspelling_is_reported_together_with_other_problems(tmp_path: Path) -> None:
    for content in (EXPORT | {"$defs": {"A": {"type": "strin"} | WRONG}}, {"$defs": {"A": {"type": "strin"} | WRONG}}):
        assert ["/$defs/A/maxLenght"] == misspellings(tmp_path, content)


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["", "optional", "optional/format"])
@pytest.mark.parametrize("draft", [*official.EARLIER_DRAFTS, "draft2020-12"])
def test_official_suite_has_no_misspellings(draft: str, folder: str, tmp_path: Path) -> None:
    schemas = [case.schema for case in official.cases(draft, folder=folder) if isinstance(case.schema, dict)]
    dated = schemas if draft == "draft2020-12" else [official.dated(schema, draft) for schema in schemas]

    assert dated
    assert [] == [found for schema in dated for found in misspellings(tmp_path, schema)]


@pytest.mark.slow
def test_remote_documents_of_the_suite_have_no_misspellings(tmp_path: Path) -> None:
    documents = [
        each for draft in (*official.EARLIER_DRAFTS, "draft2020-12") for each in official.remotes(draft).values()
    ]

    assert [] == [found for each in documents for found in misspellings(tmp_path, each)]


def test_accepted_name_is_an_annotation(tmp_path: Path) -> None:
    content = {"maxLenght": 1, "properties": {"a": {"maxLenght": 1, "minLenght": 1}}}

    problems = check(document(tmp_path, content), {"maxLenght"})

    assert ["/properties/a/minLenght"] == [problem.pointer for problem in problems]
