"""Functions of ``runtime/formats.ts``, compared with jsonschema-rs."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from codegen.keywords.regex_support import FORMATS
from tornado_ws.validation.codec import Codec
from tornado_ws.validation.payload import PayloadCodec
from tornado_ws.validation.schema_validator import SchemaValidator

from ...support.generated import Client, payload, read, typecheck
from ...support.mutants import mutants, sound
from ...support.official import cases
from ...support.package import accepts, emit, endpoint, run, sends

EDGE_CASES = {
    "date": (
        "2024-02-29",
        "2023-02-29",
        "1900-02-29",
        "2000-02-29",
        "0000-01-01",
        "2024-13-01",
        "2024-00-10",
        "24-01-01",
    ),
    "time": (
        "23:59:60Z",
        "22:59:60Z",
        "00:29:60+00:30",
        "08:29:60-15:30",
        "12:00:00.1z",
        "12:00:00",
        "24:00:00Z",
        "1:2:3Z",
    ),
    "date-time": ("2024-02-29T00:00:00Z", "2024-02-29t00:00:00z", "2024-02-29 00:00:00Z", "2024-02-30T00:00:00Z", "T"),
    "duration": (
        "P1W",
        "P1W2D",
        "P1DT",
        "PT1H2S",
        "P1Y2D",
        "P",
        "PT",
        "P1Y2M3DT4H5M6S",
        "P1D2M",
        "P1.5D",
        "PT1M",
        "P1M",
    ),
    "email": (
        *("a@b", "a <b@c.de>", " <a@b>", '"a b"@c', '""@a', '"', '"@a', "a@[1.2.3.4]", "a@[IPv6:::1]", "a@[ipv6:x]"),
        *(
            "a..b@c",
            ".a@b",
            "a@b.",
            "a@-b",
            "é@b",
            "a@xn--zca.de",
            "a@b@c",
            "<a@b>",
            "x <a@b",
            "a@b_c",
            "a@" + "b" * 64,
        ),
        *("x" * 64 + "@a", "x" * 65 + "@a", '"a\\"b"@c', '"a\\"@c', '"\\a"@b', '"a\tb"@c', "a@[1.2.3]", "a@"),
    ),
    "hostname": (
        *("a", "a.b", "a.", ".a", "-a", "a-", "a--b", "ab--c", "xn--", "xn---", "xn--a", "xn--zca", "XN--zca", "a_b"),
        *(
            "a" * 63,
            "a" * 64,
            ".".join(["a" * 63] * 4),
            ".".join(["a" * 62] * 4),
            "",
            "xn--X",
            "xn--ihqwcrb4cv8a8dqg056pqjye",
        ),
    ),
    "ipv4": ("1.2.3.4", "01.2.3.4", "1.2.3", "1.2.3.4.", "256.1.1.1", "1.2.3.4.5", "0.0.0.0", "1..2.3"),
    "ipv6": (
        *(
            "::",
            "::1",
            "1::",
            "1:2:3:4:5:6:7:8",
            "1:2:3:4:5:6:7::",
            "::2:3:4:5:6:7:8",
            "1::2::3",
            ":1",
            "1:",
            "12345::",
        ),
        *(
            "::1.2.3.4",
            "1:2:3:4:5:6:1.2.3.4",
            "1:2:3:4:5:6:7:1.2.3.4",
            "::01.2.3.4",
            "1.2.3.4",
            "::1%eth0",
            ":::",
            "1:2",
        ),
        *("1:2:3:4::5:6:7:8", "1.2.3.4::", "g::"),
    ),
    "json-pointer": ("", "/", "/a~0b", "/a~2", "/~", "a", "//", "/a/b~1"),
    "regex": (
        "a",
        "(",
        "[a",
        "(?<n>a)",
        "\\d",
        "\\-",
        "a{2,1}",
        "(?=a)",
        "\\p{L}",
        "\\z",
        "",
        "\\\\-",
        "[\\-a]",
        "\\_",
    ),
    "uri": (
        *(
            "a:",
            "a:b",
            "http://a",
            "http://a b",
            "http://[::1]/",
            "http://[v1.a]",
            "http://[x]",
            "http://a:80/?q#f",
            "//a",
        ),
        *(
            "http://a@b@c",
            "http://a:b@c",
            "http://a:x",
            "a:%zz",
            "a:%20",
            "a:\\",
            "1a:b",
            "a",
            "urn:x:y",
            "http://é",
            "a:#b#c",
        ),
        *("http://", "http:///a", "a://b?c", "a://[::1]x", "a:[b]", "a://u@[::1]:9"),
    ),
    "uuid": (
        "2eb8aa08-aa98-11ea-b4aa-73b441d16380",
        "2EB8AA08-AA98-11EA-B4AA-73B441D16380",
        "2eb8aa08aa9811eab4aa73b441d16380",
        "2eb8aa08-aa98-11ea-b4aa-73b441d1638",
        "{2eb8aa08-aa98-11ea-b4aa-73b441d16380}",
    ),
}


@pytest.mark.parametrize("format_", sorted(FORMATS))
def test_browser_and_server_accept_the_same_texts(tmp_path: Path, format_: str) -> None:
    client, rng = Client(tmp_path / "client"), random.Random(6)
    endpoints = read(tmp_path / "schemas", {"test.json": payload({"format": format_})}, formats=True)
    client.add(endpoints)
    loaded = endpoint(run(emit(tmp_path / "generated", endpoints)["test"]))
    received, sent_payload = Codec(loaded, side="client"), loaded.server[0].payload
    assert sent_payload is not None
    sent = PayloadCodec(sent_payload, SchemaValidator(loaded.schema, formats=loaded.formats))
    suite = [
        test
        for case in cases(folder="optional/format")
        if isinstance(case.schema, dict) and case.schema.get("format") == format_
        for test in case.tests
    ]
    values: list[Any] = [*(test["data"] for test in suite), *EDGE_CASES[format_]]
    values += [mutant for value in values for mutant in sound(mutants(value, rng, 5))]
    for value in values:
        client.queue("test", value)

    found = client.results()

    different = [
        (value, issue)
        for value, issue in zip(values, found, strict=True)
        if not (accepts(received, value) is sends(sent, value) is (issue is None))
    ]
    assert [] == different
    assert [] == [test for test in suite if accepts(received, test["data"]) is not test["valid"]]
    assert {"pointer": "", "keyword": "format", "expected": format_} in found
    assert len(suite) >= 9


def test_formats_are_annotations_by_default(tmp_path: Path) -> None:
    client = Client(tmp_path / "client")

    client.add(read(tmp_path / "schemas", {"test.json": payload({"format": "date"})}))
    client.queue("test", "no date")

    assert [None] == client.results()


def test_only_used_formats_are_imported(tmp_path: Path) -> None:
    client = Client(tmp_path / "client")
    schema = {"type": "object", "properties": {"a": {"format": "date-time"}, "b": {"format": "json-pointer"}}}

    client.add(read(tmp_path / "schemas", {"test.json": payload(schema)}, formats=True))

    text = (client.folder / "test/messages.ts").read_text(encoding="utf-8")
    assert "import { dateTime, jsonPointer } from '../runtime/formats.js';" in text
    assert json.dumps("date-time").replace('"', "'") in text
    typecheck(client.folder)
