"""Collector for prometheus_client, which reads the counters of controllers when Prometheus asks for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from ..histogram import Histogram
from ..server.controller import WebSocketController
from ..server.endpoint_server import EndpointServer

__all__ = ["SocketsCollector"]

Labels: TypeAlias = tuple[str, ...]
Numbers: TypeAlias = Mapping[Labels, float]
Histograms: TypeAlias = Mapping[Labels, list[Histogram]]


class SocketsCollector(Collector):
    """Metrics of controllers. Labels have only values from schemas and from this package, never data of clients."""

    def __init__(self, controllers: Iterable[WebSocketController], loop_lag: Histogram) -> None:
        """Create a collector, and count messages from now on.

        Args:
            controllers: Controllers; the numbers of endpoints with equal names are added.
            loop_lag: Delays of callbacks of the event loop.
        """
        self._controllers = tuple(controllers)
        self._loop_lag = loop_lag
        for sockets in self._controllers:
            sockets.measure()

    def _servers(self) -> list[EndpointServer[Any]]:
        return [server for sockets in self._controllers for server in sockets.endpoint_servers]

    def describe(self) -> Iterable[Metric]:
        """Return the metrics, so that a registry finds duplicate names."""
        return self.collect()

    def collect(self) -> Iterable[Metric]:
        """Yield all metrics."""
        yield _gauge("connections", "Open connections.", ("endpoint",), self._connections())
        if any(server.presence is not None for server in self._servers()):
            yield _gauge("presence_devices", "Tracked devices of this process.", ("endpoint",), self._devices())
        text = "Handshakes: admitted, or the cause of the refusal."
        yield _counter("handshakes", text, ("endpoint", "outcome"), self._handshakes())
        text = "Messages, requests, replies and items; a broadcast counts once for each recipient."
        yield _counter("messages", text, ("endpoint", "message", "direction"), self._messages())
        text = "Error frames: refused messages, failed requests and exceptions (internal)."
        yield _counter("errors", text, ("endpoint", "code"), self._errors())
        text = "Time from the call of a method to its end, without streams."
        yield _histogram("handler_seconds", text, ("endpoint", "message"), self._handler_times())
        queues = self._write_queues()
        text = "Size of the frames that wait for slow clients."
        yield _gauge("write_queue_bytes", text, ("endpoint",), {labels: sum(sizes) for labels, sizes in queues.items()})
        text = "Size of the largest write queue of one client."
        largest = {labels: max(sizes, default=0) for labels, sizes in queues.items()}
        yield _gauge("write_queue_largest_bytes", text, ("endpoint",), largest)
        yield from self._limits()
        yield from self._backplanes()
        text = "Delay of callbacks of the event loop."
        yield _histogram("loop_lag_seconds", text, (), {(): [self._loop_lag]})

    def _connections(self) -> Numbers:
        return _added(((server.endpoint.name,), len(server.registry.members(None))) for server in self._servers())

    def _devices(self) -> Numbers:
        return _added(
            ((server.endpoint.name,), found.connected) for server in self._servers() if (found := server.presence)
        )

    def _handshakes(self) -> Numbers:
        return _added(
            ((server.endpoint.name, outcome), number)
            for server in self._servers()
            for outcome, number in {"admitted": 0, **server.handshakes}.items()
        )

    def _messages(self) -> Numbers:
        return _added(self._each_message())

    def _each_message(self) -> Iterator[tuple[Labels, float]]:
        for server in self._servers():
            endpoint = server.endpoint.name
            for name, number in server.sent().items():
                yield (endpoint, name, "sent"), number
            if server.statistics is not None:
                for name, received in server.statistics.received.items():
                    yield (endpoint, name, "received"), received.count

    def _errors(self) -> Numbers:
        return _added(
            ((server.endpoint.name, code), number)
            for server in self._servers()
            for code, number in {"internal": 0, "invalid_message": 0, **server.errors}.items()
        )

    def _handler_times(self) -> Histograms:
        times: dict[Labels, list[Histogram]] = {}
        for server in self._servers():
            if server.statistics is not None:
                for message in server.endpoint.client:
                    if message.stream is None:
                        labels = server.endpoint.name, message.name
                        times.setdefault(labels, []).append(server.statistics.received[message.name].times)
        return times

    def _write_queues(self) -> Mapping[Labels, list[int]]:
        sizes: dict[Labels, list[int]] = {}
        for server in self._servers():
            found = sizes.setdefault((server.endpoint.name,), [])
            found += [one.connection.write_queue_bytes for one in server.registry if one.connection is not None]
        return sizes

    def _limits(self) -> Iterator[Metric]:
        counters = [sockets.context.counters for sockets in self._controllers]
        text = "Messages that slow clients do not receive: volatile ones, and those that a newer one replaces."
        dropped, replaced = sum(one.dropped for one in counters), sum(one.coalesced for one in counters)
        yield _counter("messages_dropped", text, ("reason",), {("slow",): dropped, ("replaced",): replaced})
        cut: Numbers = {
            ("too_slow",): sum(one.too_slow for one in counters),
            ("unresponsive",): sum(one.unresponsive for one in counters),
            ("protocol_error",): sum(one.protocol_errors for one in counters),
        }
        yield _counter("connections_cut", "Connections that the server has cut.", ("reason",), cut)
        text = "Channels that returning clients resume: with all messages, or without some that are no longer kept."
        recovered, lost = sum(one.recovered for one in counters), sum(one.unrecovered for one in counters)
        yield _counter("resumes", text, ("outcome",), {("recovered",): recovered, ("lost",): lost})
        draining = any(sockets.context.draining for sockets in self._controllers)
        yield _gauge("draining", "1 while the server shuts down.", (), {(): draining})

    def _backplanes(self) -> Iterator[Metric]:
        backplanes = [sockets.context.backplane for sockets in self._controllers]
        healthy = all(backplane.healthy for backplane in backplanes)
        yield _gauge("backplane_up", "1 while all backplanes can be reached.", (), {(): healthy})
        latencies = [latency for backplane in backplanes if (latency := backplane.latency) is not None]
        times: Histograms = {(): latencies} if latencies else {}
        yield _histogram("backplane_seconds", "Time of a pipeline of commands to the backplane.", (), times)
        events = ((((event,), number) for event, number in backplane.counters().items()) for backplane in backplanes)
        numbers = _added(event for each in events for event in each)
        yield _counter("backplane_events", "Events of the backplane, such as outages.", ("event",), numbers)


def _added(numbers: Iterable[tuple[Labels, float]]) -> Numbers:
    total: dict[Labels, float] = {}
    for labels, number in numbers:
        total[labels] = total.get(labels, 0) + number
    return total


def _gauge(name: str, text: str, labels: Labels, numbers: Numbers) -> Metric:
    family = GaugeMetricFamily(f"tornado_ws_{name}", text, labels=labels)
    for values, number in numbers.items():
        family.add_metric(values, number)
    return family


def _counter(name: str, text: str, labels: Labels, numbers: Numbers) -> Metric:
    family = CounterMetricFamily(f"tornado_ws_{name}", text, labels=labels)
    for values, number in numbers.items():
        family.add_metric(values, number)
    return family


def _histogram(name: str, text: str, labels: Labels, histograms: Histograms) -> Metric:
    family = HistogramMetricFamily(f"tornado_ws_{name}", text, labels=labels)
    for values, parts in histograms.items():
        total = Histogram()
        for part in parts:
            total.add(part)
        family.add_metric(values, total.cumulative(), total.total)
    return family
