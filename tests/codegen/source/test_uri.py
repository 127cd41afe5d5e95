"""URI references, compared with the schema validator."""

from __future__ import annotations

import jsonschema_rs
import pytest

from codegen.source.uri import encode, fragment_of, resolve, to_fragment

BASE = "https://example.org/a/b;c?d"


@pytest.mark.parametrize(
    ("reference", "encoded"),
    [
        ("common.json#/$defs/A", "common.json#/$defs/A"),
        ("#/$defs/A<B>", "#/$defs/A%3CB%3E"),
        ("#/$defs/Größe", "#/$defs/Gr%C3%B6%C3%9Fe"),
        ("#/$defs/a b|c[d]{e}\"f^g`h\\i", "#/$defs/a%20b%7Cc%5Bd%5D%7Be%7D%22f%5Eg%60h%5Ci"),
        ("#/$defs/100%", "#/$defs/100%25"),
        ("#/$defs/a%20b", "#/$defs/a%20b"),
        ("#a#b", "#a%23b"),
        ("..\\..\\x", "..%5C..%5Cx"),
        ("a\0b\nc", "a%00b%0Ac"),
        ("1a:b", "1a%3Ab"),
        ("http://[::1]:80/x?y#z", "http://[::1]:80/x?y#z"),
        ("urn:example:a", "urn:example:a"),
    ],
)  # fmt: skip
def test_characters_that_a_uri_cannot_contain_are_encoded(reference: str, encoded: str) -> None:
    assert encoded == encode(reference) == encode(encoded)


@pytest.mark.parametrize(
    "reference",
    [
        *("g:h", "g", "./g", "g/", "/g", "//g", "?y", "g?y", ";x", "", ".", "./", "..", "../", "../g", "../.."),
        *("../../g", "../../../g", "/./g", "/../g", "g.", "..g", "./../g", "./g/.", "g/./h", "g/../h", "http:g"),
        *("a//b", "..//x", "urn:x:y", "a b", "a\\b", "1a:b"),
    ],
)  # fmt: skip
def test_references_are_resolved_as_by_the_schema_validator(reference: str) -> None:
    address = resolve(BASE, encode(reference))
    schema = {"$id": BASE, "properties": {"it": {"$ref": encode(reference)}}}
    registry = jsonschema_rs.Registry([(address, {"type": "object", "minProperties": 1})])

    validator = jsonschema_rs.Draft202012Validator(schema, registry=registry, offline=True)

    assert not validator.is_valid({"it": {}}) or address == BASE
    assert validator.is_valid({"it": {"it": {"a": 1}}})


def test_relative_reference_is_resolved_against_any_scheme() -> None:
    assert ("urn:b", "urn:a:b") == (resolve("urn:a:b", "b"), resolve("urn:a:b", "#c"))


def test_fragment_is_decoded_and_encoded() -> None:
    assert "/a b/ö%" == fragment_of("x#" + to_fragment("/a b/ö%"))
    assert "" == fragment_of("x")
