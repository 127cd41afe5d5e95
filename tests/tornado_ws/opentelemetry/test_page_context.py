from __future__ import annotations

import time

import pytest
from opentelemetry import baggage
from opentelemetry.trace import get_current_span

from tornado_ws.opentelemetry.page_context import page_context

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
VALUE = f"00-{TRACE}-00f067aa0ba902b7-01"


@pytest.mark.parametrize(
    ("headers", "subprotocols", "expected"),
    [
        ({}, [], None),
        ({"Traceparent": VALUE}, [], TRACE),
        ({}, ["tornado-ws.1", f"traceparent.{VALUE}"], TRACE),
        ({}, [f"traceparent.{VALUE}", "traceparent.00-1-1-01"], TRACE),
        ({}, [VALUE], None),
        ({}, ["traceparent."], None),
        ({"traceparent": f"cc-{TRACE}-00f067aa0ba902b7-01-{'x' * 70}"}, [], TRACE),
    ],
)
def test_context_of_the_page_is_in_a_header_or_a_subprotocol(headers, subprotocols, expected) -> None:
    invalid: list[str] = []
    found = get_current_span(page_context(headers, subprotocols, invalid.append)).get_span_context()

    assert (found.is_valid, f"{found.trace_id:032x}" if found.is_valid else None) == (expected is not None, expected)
    assert invalid == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a=1", {"a": "1"}),
        (" a = 1 ;p;q = 2 , b=%20 ,", {"a": "1;p;q=2", "b": ""}),
        ("a=b;" + " \t" * 4090 + "x", {"a": "b;x"}),
        (" " * 4000 + "," + " " * 4000 + ",a=b", {"a": "b"}),
        ("a=" + "x" * 4094, {"a": "x" * 4094}),
        (",".join(f"k{number}={number}" for number in range(180)), {f"k{n}": str(n) for n in range(180)}),
    ],
)
def test_valid_baggage_is_passed_on(value, expected, caplog):
    invalid: list[str] = []
    began = time.perf_counter()

    assert expected == baggage.get_all(page_context({"Baggage": value}, [], invalid.append))
    assert ([], []) == (invalid, caplog.messages)
    assert time.perf_counter() - began < 0.1


def test_valid_state_of_a_vendor_is_passed_on():
    headers = {"traceparent": VALUE, "tracestate": "rojo=00f067, 5t@congo=t61rc-Wk"}

    state = get_current_span(page_context(headers, [], pytest.fail)).get_span_context().trace_state

    assert {"rojo": "00f067", "5t@congo": "t61rc-Wk"} == dict(state)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("traceparent", VALUE + "-" + "x" * 100),
        ("traceparent", "x" * 60_000),
        ("tracestate", "x"),
        ("tracestate", "a=1,a=2"),
        ("tracestate", "a=" + "x" * 257),
        ("tracestate", ",".join(f"a{number}=1" for number in range(33))),
        ("tracestate", "a=1," * 500),
        ("tracestate", "a=ü"),
        ("baggage", "x"),
        ("baggage", "=x"),
        ("baggage", "a b=c"),
        ("baggage", "a=ü"),
        ("baggage", "a=b c"),
        ("baggage", 'a="b"'),
        ("baggage", "a=1;,b=2"),
        ("baggage", ",".join(f"k{number}=1" for number in range(181))),
        ("baggage", "a=" + "x" * 8191),
        ("baggage", "a=" + "x" * 4095),
        ("baggage", "x" * 8000 + "=a"),
        ("baggage", "a=1;" + "x" * 4093),
        ("baggage", "a=" + "x" * 60_000),
        ("baggage", "x," * 4000),
        ("baggage", "a=" + " " * 8000 + '"'),
        ("baggage", "a=1" + ";p " * 2700 + '"'),
    ],
)
def test_malformed_and_long_headers_are_ignored_without_lines_of_opentelemetry(name, value, caplog):
    invalid: list[str] = []
    began = time.perf_counter()

    context = page_context({"traceparent": VALUE, name: value}, [], invalid.append)

    assert ([name], []) == (invalid, caplog.messages)
    assert {} == dict(baggage.get_all(context))
    assert {} == dict(get_current_span(context).get_span_context().trace_state)
    assert time.perf_counter() - began < 1
