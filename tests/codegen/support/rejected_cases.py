"""Cases of the official test suite that codegen rejects."""

from __future__ import annotations

__all__ = ["CODES", "EARLIER", "NOT_SAVED", "VOCABULARY", "WITHOUT_REMOTES"]

WITHOUT_REMOTES = {
    ("dynamicRef", "$ref and $dynamicAnchor are independent of order - $defs first"),
    ("dynamicRef", "$ref and $dynamicAnchor are independent of order - $ref first"),
    ("dynamicRef", "$ref to $dynamicRef finds detached $dynamicAnchor"),
    ("dynamicRef", "strict-tree schema, guards against misspelled properties"),
    ("dynamicRef", "tests for implementation dynamic anchor and reference link"),
    ("refRemote", "$ref to $ref finds detached $anchor"),
    ("refRemote", "Location-independent identifier in remote ref"),
    ("refRemote", "anchor within remote ref"),
    ("refRemote", "base URI change"),
    ("refRemote", "base URI change - change folder"),
    ("refRemote", "base URI change - change folder in subschema"),
    ("refRemote", "fragment within remote ref"),
    ("refRemote", "ref within remote ref"),
    ("refRemote", "remote HTTP ref with different $id"),
    ("refRemote", "remote HTTP ref with different URN $id"),
    ("refRemote", "remote HTTP ref with nested absolute ref"),
    ("refRemote", "remote ref"),
    ("refRemote", "remote ref with ref to defs"),
    ("refRemote", "retrieved nested refs resolve relative to their URI not $id"),
    ("refRemote", "root ref in remote ref"),
}
"""Cases with references to documents outside the folder."""

NOT_SAVED = {
    ("refRemote", "remote HTTP ref with different $id"),
    ("refRemote", "remote HTTP ref with different URN $id"),
}
"""Cases with references to a document by a URI that it does not declare."""

VOCABULARY = {
    ("vocabulary", "ignore unrecognized optional vocabulary"),
    ("vocabulary", "schema that uses custom metaschema with with no validation vocabulary"),
}
"""Cases in custom dialects."""

EARLIER = {
    ("anchor", "Location-independent identifier with absolute URI"),
    ("refRemote", "$ref to $ref finds location-independent $id"),
    ("refRemote", "remote ref with ref to definitions"),
}
"""Such cases in earlier drafts."""

CODES = {"unresolved_reference", "remote_reference", "unsupported_dialect"}
"""Codes of the problems with these cases."""
