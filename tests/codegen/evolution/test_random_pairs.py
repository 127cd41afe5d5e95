"""Random pairs of schemas: values of the sender attack the verdict that the receiver accepts all."""

from __future__ import annotations

import copy
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from codegen.evolution.keyword_changes import Wording
from codegen.evolution.schema_comparison import SchemaComparison
from codegen.evolution.schemas import Schemas
from codegen.keywords.vocabulary import DIALECT, walk
from tests.codegen.support.random_schemas import schemas
from tests.codegen.support.schema_instances import SchemaInstances

BASE = "https://example.org/pair"
VALUE = "/$defs/Value"
BOUNDS = ("minimum", "maximum", "exclusiveMaximum", "minLength", "maxLength", "minItems", "maxItems")
ATTACKS = 60
"""Values of each of two sources that are tried for one pair."""
PAIRS = 200


def document_of(schema: Any) -> dict[str, Any]:
    return {"$schema": DIALECT, "$id": BASE, "$defs": {"Value": schema}}


def change(rng: random.Random, schema: Any) -> Any:
    """Return a copy of a schema after up to three changes, as people make them, or by chance."""
    root = {"schema": copy.deepcopy(schema)}
    for _ in range(rng.randrange(1, 4)):
        if not isinstance(root["schema"], dict):
            return schemas(rng)
        node = rng.choice([visit.schema for visit in walk(root["schema"], BASE)])
        declared = list(node.get("properties", {}))
        match rng.randrange(10):
            case 0 if "required" in node:
                node["required"] = node["required"][:-1]
            case 1 if declared:
                node["required"] = sorted({*node.get("required", ()), rng.choice(declared)})
            case 2 if declared:
                del node["properties"][rng.choice(declared)]
            case 3:
                node.setdefault("properties", {})[rng.choice("abcd")] = schemas(rng, 3)
            case 4:
                node["additionalProperties"] = rng.choice([False, True, schemas(rng, 3)])
            case 5:
                for keyword in {"anyOf", "oneOf"} & node.keys():
                    node[keyword] = [*node[keyword][: rng.choice((1, 9))], *rng.choice([[], [schemas(rng, 2)]])]
            case 6:
                node.update({keyword: node[keyword] + 1 for keyword in BOUNDS if keyword in node})
            case 7 if "enum" in node:
                node["enum"] = [*node["enum"][: rng.choice((1, 9))], "added"]
            case 8 if node:
                del node[rng.choice(list(node))]
            case 9:
                inner = copy.deepcopy(node)
                node.clear()
                node[rng.choice(["allOf", "anyOf"])] = [inner, *rng.choice([[], [schemas(rng, 2)]])]
    return root["schema"]


def pairs() -> Iterator[tuple[int, Any, Any]]:
    """Yield pairs of valid schemas, with the number of each."""
    for seed in range(100 * PAIRS):
        rng = random.Random(seed)
        old = schemas(rng)
        new = change(rng, old)
        if old == new or isinstance(old, bool) or isinstance(new, bool):
            continue
        if all(jsonschema_rs.meta.is_valid(document_of(one)) for one in (old, new)):
            yield seed, old, new


def rejected_values(rng: random.Random, sender: dict[str, Any], receiver: dict[str, Any]) -> tuple[int, list[Any]]:
    """Return the number of values that the sender may send, and those among them that the receiver rejects."""
    sends, accepts = (
        jsonschema_rs.validator_for({**document, "$ref": f"#{VALUE}"}).is_valid for document in (sender, receiver)
    )
    sources = [SchemaInstances(document, rng) for document in (sender, receiver)]
    sent = [value for _ in range(ATTACKS) for source in sources if sends(value := source.make(VALUE))]
    return len(sent), [value for value in sent if not accepts(value)]


@pytest.mark.usefixtures("unmeasured")
def test_receiver_accepts_all_values_if_the_verdict_is_compatible() -> None:
    tally: Counter[str] = Counter()
    for seed, old, new in pairs():
        versions = [Schemas(document_of(one), formats=False) for one in (old, new)]
        sender = versions[0].closed([VALUE])
        found = SchemaComparison(sender, versions[1], Wording(sender_is_old=True)).reasons(VALUE, VALUE)
        sent, rejected = rejected_values(random.Random(seed), dict(sender.document), document_of(new))
        verdict = (
            "breaking" if any(one.verdict == "breaking" for one in found) else "unknown" if found else "compatible"
        )
        tally[verdict] += sent > 0
        tally[f"{verdict}, and a value is rejected"] += bool(rejected)

        assert verdict != "compatible" or not rejected, (seed, old, new, rejected[:3])
        if tally["compatible"] == PAIRS:
            break

    assert tally["compatible"] == PAIRS
    assert tally["breaking, and a value is rejected"] > 0.8 * tally["breaking"]
    assert tally["unknown"] < 0.1 * tally["breaking"]
