"""Definitions that all endpoints share."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from codegen import keywords, model
from codegen.contract import contract
from codegen.schema.resolve import resolve
from codegen.source.load import load

from ..support.generated import Files, payload, read
from ..support.models import TEXT, member, record

MONEY = {"type": "object", "properties": {"amount": {"type": "integer"}}, "required": ["amount"]}
AT_HOME = "https://tornado-ws.invalid"


def refer(target: str) -> dict[str, Any]:
    """Return an endpoint document that refers to a schema."""
    return payload({"type": "array", "items": {"$ref": target}})


def shared(folder: Path, files: Files) -> dict[str, dict[str, str]]:
    """Return the shared names of each endpoint, by local name."""
    return {endpoint.name: {**endpoint.shared} for endpoint in read(folder, files)}


def definitions(folder: Path, files: Files) -> tuple[model.Definition, ...]:
    """Return the shared definitions of a folder."""
    return model.shared_definitions(read(folder, files))


def names(found: Mapping[str, Mapping[str, str]]) -> dict[str, list[str]]:
    return {endpoint: sorted(shared) for endpoint, shared in found.items()}


def test_schema_of_a_file_without_kind_is_one_definition(tmp_path: Path) -> None:
    common = {"$defs": {"Price": {"type": "object", "properties": {"sum": {"$ref": "money.json"}}}}}
    files = {"deep/common.json": common, "deep/money.json": MONEY, "a.json": refer("deep/common.json#/$defs/Price")}

    endpoints = read(tmp_path, files | {"b.json": refer("deep/money.json")})

    assert [{"Price": "Price", "Money": "Money"}, {"Money": "Money"}] == [{**one.shared} for one in endpoints]
    assert ["Price", "Money"] == [one.name for one in model.shared_definitions(endpoints)]
    assert record(endpoints[0], "Money") == record(endpoints[1], "Money")


def test_second_user_changes_no_shared_definition(tmp_path: Path) -> None:
    common = {
        "$defs": {"Money": MONEY, "Price": {"type": "object", "properties": {"money": {"$ref": "#/$defs/Money"}}}}
    }
    files = {"common.json": common, "b.json": refer("common.json#/$defs/Price")}

    alone = definitions(tmp_path / "alone", files)
    together = definitions(tmp_path / "together", files | {"a.json": refer("common.json#/$defs/Money")})

    assert ["Money", "Price"] == [one.name for one in alone]
    assert alone == together


def test_use_of_an_equal_name_changes_no_shared_name(tmp_path: Path) -> None:
    files = {f"{name}.json": {"$defs": {"Money": MONEY, "Other": MONEY}} for name in ("euro", "dollar")}
    files |= {"a.json": refer("euro.json#/$defs/Money"), "b.json": refer("dollar.json#/$defs/Other")}

    before = shared(tmp_path / "before", files)
    after = shared(tmp_path / "after", files | {"c.json": refer("dollar.json#/$defs/Money")})

    assert before["a"] == after["a"]
    assert before["b"] == after["b"]
    assert not {*after["a"].values()} & {*after["c"].values()}


def test_only_used_definitions_are_shared(tmp_path: Path) -> None:
    files = {"common.json": {"$defs": {"Money": MONEY, "Unused": MONEY}}, "a.json": refer("common.json#/$defs/Money")}

    assert ["Money"] == [one.name for one in definitions(tmp_path, files)]


def test_definition_of_an_endpoint_is_shared_if_another_file_refers_to_it(tmp_path: Path) -> None:
    own = {"Line": {"type": "object", "properties": {"by": {"$ref": "#/$defs/Author"}}}, "Author": MONEY, "Own": MONEY}
    message = {"payload": {"anyOf": [{"$ref": f"#/$defs/{name}"} for name in own]}}
    chat = {"kind": "ephemeral", "serverMessages": {"it": message}, "$defs": own}
    common = {"type": "object", "properties": {"line": {"$ref": "chat.json#/$defs/Line"}}}

    alone = read(tmp_path / "alone", {"chat.json": chat})
    log, chat_together = sorted(
        read(tmp_path / "together", {"chat.json": chat, "common.json": common, "log.json": refer("common.json")}),
        key=lambda one: one.name != "log",
    )

    assert {} == alone[0].shared
    assert {"Line": "Line", "Author": "Author"} == chat_together.shared
    assert {"Common": "Common", "Line": "Line", "Author": "Author"} == log.shared
    assert record(log, "Line") == record(chat_together, "Line")
    assert f"{AT_HOME}/chat.json#/$defs/Line" == record(log, "Line").pointer
    assert contract(alone[0]) == contract(chat_together)


def test_definition_of_the_endpoint_keeps_its_name(tmp_path: Path) -> None:
    chat = payload({"$ref": "common.json#/$defs/Money"}, **{"$defs": {"Money": TEXT}})
    chat["serverMessages"]["own"] = {"payload": {"$ref": "#/$defs/Money"}}

    (endpoint,) = read(tmp_path, {"chat.json": chat, "common.json": {"$defs": {"Money": MONEY}}})

    ((local, common),) = endpoint.shared.items()
    assert "Money" == common
    assert "Money" != local
    assert model.Scalar(type="string") == next(one for one in endpoint.definitions if one.name == "Money").type  # type: ignore[union-attr]
    assert endpoint.server[0].payload is not None
    assert model.Ref(name=local) == endpoint.server[0].payload.type


def test_equal_names_in_several_files_are_distinct(tmp_path: Path) -> None:
    files = {f"{name}.json": {"$defs": {"Money": MONEY | {"title": name}}} for name in ("c", "d")}

    found = shared(tmp_path, files | {f"{name}.json": refer(f"{to}.json#/$defs/Money") for name, to in ("ac", "bd")})

    assert found["a"].keys() == {*found["a"].values()}
    assert found["b"].keys() == {*found["b"].values()}
    assert not {*found["a"].values()} & {*found["b"].values()}


def test_type_that_depends_on_the_endpoint_is_not_shared(tmp_path: Path) -> None:
    tree = {
        "$id": "tree",
        "$dynamicAnchor": "node",
        "type": "object",
        "properties": {"children": {"type": "array", "items": {"$dynamicRef": "#node"}}},
    }
    node = {"$dynamicAnchor": "node", "$ref": "tree", "properties": {"name": TEXT}}
    own = payload({"$ref": "tree"}, **{"$defs": {"Own": node}})

    found = shared(tmp_path, {"a.json": refer("tree"), "own.json": own, "tree.json": tree})

    assert ["Tree"] == names(found)["a"]
    assert [] == names(found)["own"]


def test_endpoint_with_other_options_shares_nothing(tmp_path: Path) -> None:
    files = {"money.json": MONEY, "a.json": refer("money.json"), "b.json": refer("money.json")}
    read(tmp_path, files)
    schemas = resolve(load(tmp_path))
    options = model.Options()
    other = model.Options(formats=True)
    built = [
        keywords.build(document, schemas.documents, chosen)
        for document, chosen in zip(schemas.endpoints, (options, other), strict=True)
    ]

    endpoints = keywords.share(built, schemas.documents, options)

    assert [{"Money": "Money"}, {}] == [{**one.shared} for one in endpoints]


def test_union_of_one_endpoint_tags_the_records_of_all(tmp_path: Path) -> None:
    common = {"$defs": {"Card": member("card"), "Cash": member("cash")}}
    union = {"oneOf": [{"$ref": "common.json#/$defs/Card"}, {"$ref": "common.json#/$defs/Cash"}]}
    files = {"common.json": common, "a.json": refer("common.json#/$defs/Card"), "b.json": payload(union)}

    a, b = read(tmp_path, files)

    assert ("kind", "card") == record(a, "Card").tag
    assert record(a, "Card") == record(b, "Card")


def test_record_has_one_tag_in_all_endpoints(tmp_path: Path) -> None:
    def both(first: str, second: str, value: str) -> dict[str, Any]:
        properties = {first: {"const": value}, second: {"const": value}}
        return {"type": "object", "properties": properties, "required": [*properties]}

    common = {"$defs": {"Card": both("a", "b", "card"), "Cash": both("a", "c", "cash"), "Coin": both("b", "c", "coin")}}
    unions = {
        name: payload({"oneOf": [{"$ref": f"common.json#/$defs/{one}"} for one in ("Card", other)]})
        for name, other in (("a.json", "Cash"), ("b.json", "Coin"))
    }

    a, b = read(tmp_path, {"common.json": common, **unions})

    assert ("a", "card") == record(a, "Card").tag == record(b, "Card").tag


def test_union_of_one_endpoint_keeps_the_properties_of_records_in_all(tmp_path: Path) -> None:
    open_records = {name: {"type": "object", "properties": {name: TEXT}} for name in ("Left", "Right")}
    union = {"anyOf": [{"$ref": f"common.json#/$defs/{name}"} for name in open_records]}
    files = {
        "common.json": {"$defs": open_records},
        "a.json": refer("common.json#/$defs/Left"),
        "b.json": payload(union),
    }

    a, b = read(tmp_path, files)

    assert record(b, "Left").keeps
    assert record(a, "Left") == record(b, "Left")


def test_recursive_definitions_are_shared(tmp_path: Path) -> None:
    tree = {"type": "object", "properties": {"next": {"$ref": "#"}, "leaf": {"$ref": "#/$defs/Leaf"}}}
    leaf = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"$ref": "#/$defs/Leaf"}}]}
    files = {"tree.json": {**tree, "$defs": {"Leaf": leaf}}}

    found = shared(tmp_path, files | {f"{name}.json": refer("tree.json") for name in "ab"})

    assert {"a": ["Leaf", "Tree"], "b": ["Leaf", "Tree"]} == names(found)


def test_merge_with_a_shared_schema_belongs_to_the_endpoint(tmp_path: Path) -> None:
    both = {"allOf": [{"type": "object", "properties": {"note": TEXT}}, {"$ref": "money.json"}]}
    files = {"money.json": MONEY, "a.json": payload(both), "b.json": refer("money.json")}

    endpoints = read(tmp_path, files)

    own = [one for one in endpoints[0].definitions if one.name not in endpoints[0].shared]
    assert [["note", "amount"]] == [[field.name for field in record(endpoints[0], one.name).fields] for one in own]
    assert ["Money"] == [one.name for one in model.shared_definitions(endpoints)]


@pytest.mark.usefixtures("unmeasured")
def test_time_is_linear_in_the_number_of_definitions(tmp_path: Path) -> None:
    def seconds(count: int) -> float:
        tree = {
            f"D{at}": {
                "type": "object",
                "properties": {
                    side: {"$ref": f"#/$defs/D{2 * at + add if 2 * at + add < count else 0}"}
                    for side, add in (("left", 1), ("right", 2))
                },
            }
            for at in range(count)
        }
        read(tmp_path / str(count), {"tree.json": {"$defs": tree}, "a.json": refer("tree.json#/$defs/D0")})
        schemas = resolve(load(tmp_path / str(count)))
        built = [keywords.build(document, schemas.documents) for document in schemas.endpoints]
        times: list[float] = []
        for _ in range(3):
            started = time.process_time()
            keywords.share(built, schemas.documents, model.Options())
            times.append(time.process_time() - started)
        return min(times)

    assert seconds(400) < 4 * seconds(200)
