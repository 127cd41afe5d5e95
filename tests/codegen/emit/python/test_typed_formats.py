"""msgspec types of strings with a format."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest

from codegen import model
from codegen.emit.python.formatted_literals import formatted
from codegen.emit.python.python_printer import single_line
from tornado_ws import InvalidFrame, InvalidMessage
from tornado_ws.validation.codec import Codec

from ...support.generated import payload
from ...support.package import endpoint, lint, run, typecheck, write

ID = "8c0e0f5a-3a3b-4a0e-9d5e-2f1f3c1f7b11"


def text(format_: str, **keywords: Any) -> dict[str, Any]:
    return {"type": "string", "format": format_, **keywords}


def closed(name: str, schema: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {name: schema}, "additionalProperties": False}


EVENT = {
    "type": "object",
    "properties": {
        "at": text("date-time"),
        "day": text("date", default="2026-01-01"),
        "time": {"type": ["string", "null"], "format": "time"},
        "id": {"$ref": "#/$defs/Id"},
        "ids": {"type": "array", "items": text("uuid", maxLength=40)},
        "uuid": text("uuid"),
        "datetime": text("date-time", default="2026-01-02t03:04:05.5+02:00"),
        "leap": text("date-time", default="2016-12-31T23:59:60Z"),
        "lasts": text("duration"),
        "short": text("date-time", maxLength=20),
        "upper": text("uuid", pattern="^[0-9A-F-]+$"),
        "digits": text("date", pattern="^[0-9-]+$"),
        "either": {"anyOf": [text("date"), text("uuid")], "default": "2026-01-01"},
        "any": {"anyOf": [{"$ref": "#/$defs/Id"}, text("date-time"), closed("a", text("date")), closed("a", {})]},
        "one": {"anyOf": [{"$ref": "#/$defs/Id"}, closed("a", text("date")), closed("a", {"type": "integer"})]},
        "number": {"anyOf": [text("date-time"), {"type": "integer"}], "default": "2026-01-02T03:04:05Z"},
        "keys": {"type": "object", "propertyNames": text("uuid"), "additionalProperties": text("date-time")},
        "kind": {"enum": ["2026-01-01"], "format": "date"},
    },
    "additionalProperties": text("uuid"),
}
PARAMS = {
    "type": "object",
    "properties": {"since": text("date-time"), "id": text("uuid"), "n": {"anyOf": [text("date"), {"type": "integer"}]}},
}
TICKET = {"type": "object", "properties": {"until": text("date-time")}, "required": ["until"]}
FILES = {
    "test.json": payload(EVENT, **{"$defs": {"Id": text("uuid")}, "params": PARAMS, "ticket": TICKET}),
}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("typed")
    return write(folder, FILES, formats=True, typed_formats=True)["test"]


@pytest.fixture(scope="module")
def it(path: Path) -> ModuleType:
    return run(path)


def received(it: ModuleType, **data: Any) -> Any:
    return Codec(endpoint(it), side="client").decode(json.dumps({"type": "it", "data": data})).data


def sent(it: ModuleType, **data: Any) -> Any:
    return json.loads(Codec(endpoint(it)).encode(it.It(**data)))["data"]


def test_module_is_accepted_by_linter_and_type_checker(path: Path) -> None:
    lint(path.parent)
    typecheck(path)


def test_strings_with_a_format_have_its_type(it: ModuleType) -> None:
    data = received(it, at="2026-01-02T03:04:05Z", day="2026-01-02", time="10:00:00+02:00", id=ID, ids=[ID], uuid=ID)

    assert datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC) == data.at
    assert (date(2026, 1, 2), time(10, tzinfo=timezone(timedelta(hours=2)))) == (data.day, data.time)
    assert (UUID(ID), [UUID(ID)], UUID(ID)) == (data.id, data.ids, data.uuid_)


def test_strings_whose_text_matters_stay_strings(it: ModuleType) -> None:
    values = {"lasts": "P1M", "short": "2026-01-02t03:04:05z", "upper": ID.upper(), "kind": "2026-01-01"}

    data = received(it, **values, digits="2026-01-01", keys={ID.upper(): "2026-01-02T03:04:05Z"})

    assert values == {name: getattr(data, name) for name in values}
    assert date(2026, 1, 1) == data.digits
    assert {ID.upper(): datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)} == data.keys
    assert values == {name: value for name, value in sent(it, **values).items() if name in values}


def test_several_strings_in_a_union_are_strings(it: ModuleType) -> None:
    assert "2026-01-02" == received(it, either="2026-01-02").either
    assert "2026-01-02T03:04:05Z" == received(it, any="2026-01-02T03:04:05Z").any
    assert (UUID(ID), 5) == (received(it, one=ID).one, received(it, one={"a": 5}).one.a)
    assert date(2026, 1, 1) == received(it, one={"a": "2026-01-01"}).one.a


def test_additional_properties_have_the_type_of_their_format(it: ModuleType) -> None:
    data = received(it, x=ID)

    assert {"x": UUID(ID)} == data.additional_properties
    assert ID == sent(it, additional_properties={"x": UUID(ID)})["x"]


def test_defaults_are_values_of_the_type(it: ModuleType) -> None:
    assert date(2026, 1, 1) == it.It().day
    assert datetime(2026, 1, 2, 3, 4, 5, 500000, timezone(timedelta(hours=2))) == it.It().datetime_
    assert datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC) == it.It().number
    assert {"day": "2026-01-01", "datetime": "2026-01-02T03:04:05.500000+02:00", "number": "2026-01-02T03:04:05Z"} == (
        sent(it)
    )


@pytest.mark.parametrize(
    ("value", "format_", "code"),
    [
        ("2026-01-02T03:04:05-01:30", "date-time", "tzinfo=datetime.timezone(datetime.timedelta(minutes=-90))"),
        ("10:00:00.25z", "time", "datetime.time(10, 0, 0, 250000, tzinfo=datetime.UTC)"),
        (ID.upper(), "uuid", f'uuid.UUID("{ID}")'),
    ],
)
def test_default_is_the_same_value_in_code(value: str, format_: str, code: str) -> None:
    node = formatted(value, format_)

    assert node is not None
    assert code in single_line(node)


def test_text_that_no_value_has_is_not_a_default() -> None:
    assert formatted("0000-01-01", "date") is None


@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        ({"at": datetime(2026, 1, 1)}, "/at"),
        ({"time": time(10)}, "/time"),
        ({"day": datetime(2026, 1, 1, tzinfo=UTC)}, "/day"),
        ({"additional_properties": {"x": "no"}}, ""),  # the name is not declared
    ],
)
def test_value_whose_text_has_another_format_is_not_sent(it: ModuleType, data: Any, pointer: str) -> None:
    with pytest.raises(InvalidMessage) as raised:
        sent(it, **data)

    assert (pointer, "format") == (raised.value.error.pointer, raised.value.error.keyword)


def test_valid_text_that_the_type_cannot_represent_is_rejected_with_its_pointer(it: ModuleType) -> None:
    for data, pointer in (
        ({"at": "2016-12-31T23:59:60Z"}, "/at"),
        ({"time": "23:59:60Z"}, "/time"),
        ({"day": "0000-01-01"}, "/day"),
        ({"keys": {ID: "0000-01-01T00:00:00Z"}}, "/keys"),
    ):
        with pytest.raises(InvalidFrame) as raised:
            received(it, **data)

        error = raised.value.error
        assert ("invalid_message", pointer) == (error.code, error.pointer)
        assert "expected a value that its type can represent" == error.message


def test_text_that_only_msgspec_accepts_is_rejected(it: ModuleType) -> None:
    for name, value in (("at", "2026-01-02T03:04:05"), ("uuid", ID.replace("-", "")), ("ids", [ID.replace("-", "")])):
        with pytest.raises(InvalidFrame) as raised:
            received(it, **{name: value})

        assert "format" == raised.value.error.keyword


def test_fractions_of_a_second_have_the_precision_of_the_type(it: ModuleType) -> None:
    assert 123457 == received(it, at="2026-01-02T03:04:05.123456789Z").at.microsecond


def test_parameters_and_tickets_have_types_of_formats(it: ModuleType) -> None:
    codec = Codec(endpoint(it))

    params = codec.params({"since": "2026-01-02T03:04:05Z", "id": ID, "n": "2026-01-02"})

    assert (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), UUID(ID)) == (params.since, params.id)
    assert (date(2026, 1, 2), 2026) == (params.n, codec.params({"n": "2026"}).n)
    with pytest.raises(InvalidFrame):
        codec.params({"since": "2026-01-02 03:04:05Z"})
    ticket = it.TestTicket(until=datetime(2026, 1, 1, tzinfo=UTC))
    assert ticket == codec.decode_ticket(codec.encode_ticket(ticket))


class Instant(datetime):
    """Like the classes of pandas and pendulum."""


def test_subclasses_of_datetime_are_sent(it: ModuleType) -> None:
    assert "2026-01-01T00:00:00Z" == sent(it, at=Instant(2026, 1, 1, tzinfo=UTC))["at"]


def test_field_may_have_the_name_of_a_module_without_typed_formats(tmp_path: Path) -> None:
    files = {"test.json": payload({"type": "object", "properties": {"uuid": text("uuid"), "datetime": text("date")}})}
    (path,) = write(tmp_path, files, formats=True).values()

    lint(path.parent)
    assert (ID, "2026-01-01") == (run(path).It(uuid=ID, datetime="2026-01-01").uuid, "2026-01-01")


def test_shared_definition_has_the_type_of_its_format(tmp_path: Path) -> None:
    order = {
        "type": "object",
        "properties": {"id": text("uuid"), "at": text("date-time", default="2026-01-02T03:04:05Z")},
    }
    files: dict[str, Any] = {
        name: payload({"type": "object", "properties": {"order": {"$ref": "shared.json#/$defs/Order"}}})
        for name in ("one.json", "two.json")
    }
    files["shared.json"] = {"$defs": {"Order": order}}

    paths = write(tmp_path, files, formats=True, typed_formats=True)

    lint(paths["one"].parent)
    typecheck(*paths.values())
    it = run(paths["one"])
    codec = Codec(endpoint(it), side="client")
    assert UUID(ID) == codec.decode(json.dumps({"type": "it", "data": {"order": {"id": ID}}})).data.order.id


@pytest.mark.parametrize(
    ("keywords", "format_"),
    [
        ({}, "date-time"),
        ({"max_length": 31}, None),
        ({"min_length": 20, "max_length": 32}, "date-time"),
        ({"min_length": 21}, None),
        ({"pattern": "Z$"}, None),
    ],
)
def test_format_has_a_type_if_each_of_its_texts_is_valid(keywords: Any, format_: str | None) -> None:
    constraints = model.Constraints(format="date-time", **keywords)

    assert format_ == model.typed_format(model.Scalar(type="string", constraints=constraints))
