"""Dashboard for Grafana: its queries read exported metrics and labels."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.docs.pages import ROOT
from tests.support.lab import Lab
from tornado_ws import MemoryBackplane, WebSocketController
from tornado_ws.histogram import Histogram
from tornado_ws.prometheus import SocketsCollector

DASHBOARD: dict[str, Any] = json.loads((ROOT / "docs/how-to/grafana-dashboard.json").read_text(encoding="utf-8"))
METRIC = re.compile(r"\btornado_ws_\w+")
SELECTOR = re.compile(r"(tornado_ws_\w+)\{([^}]*)\}")
GROUPING = re.compile(r"by \(([^)]*)\)")
LABELS_OF_PROMETHEUS = {"instance", "le"}


class Remote(MemoryBackplane):
    """Backplane with a server."""

    @property
    def latency(self) -> Histogram:
        return Histogram()


def exported() -> dict[str, set[str]]:
    """Return the labels of each exported metric, by name."""
    sockets = WebSocketController(backplane=Remote())
    sockets.persistent(Lab)
    labels: dict[str, set[str]] = {}
    for metric in SocketsCollector([sockets], Histogram()).collect():
        for sample in metric.samples:
            labels.setdefault(sample.name, set()).update(sample.labels)
    return labels


EXPORTED = exported()


def queries() -> Iterator[str]:
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            yield target["expr"]
    for variable in DASHBOARD["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["definition"]


@pytest.mark.parametrize("query", [*queries()])
def test_query_reads_exported_metrics_by_their_labels(query: str) -> None:
    names = METRIC.findall(query)

    assert names
    assert {*names} <= EXPORTED.keys()
    for name, selector in SELECTOR.findall(query):
        assert {part.partition("=")[0] for part in selector.split(",")} <= EXPORTED[name] | LABELS_OF_PROMETHEUS
    for labels in GROUPING.findall(query):
        for name in names:
            assert {*re.split(r", ?", labels)} <= EXPORTED[name] | LABELS_OF_PROMETHEUS


def unit_of(query: str) -> str:
    """Return Grafana's unit of the values of a query, by the functions and the metric in it."""
    [metric] = METRIC.findall(query)
    if "histogram_quantile(" in query:
        assert metric.endswith("_seconds_bucket")
        return "s"
    if metric.endswith("_total"):
        return "ops" if "rate(" in query else "short"
    if metric in ("tornado_ws_backplane_up", "tornado_ws_draining"):
        return "bool_yes_no"
    return "bytes" if metric.endswith("_bytes") else "short"


@pytest.mark.parametrize("panel", DASHBOARD["panels"], ids=lambda panel: panel["title"])
def test_all_queries_of_a_panel_have_its_unit(panel: dict[str, Any]) -> None:
    unit = panel["fieldConfig"]["defaults"]["unit"]

    assert {unit} == {unit_of(target["expr"]) for target in panel["targets"]}


def test_every_metric_is_on_the_dashboard() -> None:
    shown = {name for query in queries() for name in METRIC.findall(query)}

    assert set() == {re.sub("_(count|sum)$", "_bucket", name) for name in EXPORTED} - shown


def test_panels_do_not_overlap() -> None:
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in DASHBOARD["panels"]]

    assert len({*places}) == len(places) == len({panel["id"] for panel in DASHBOARD["panels"]})
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in DASHBOARD["panels"])
