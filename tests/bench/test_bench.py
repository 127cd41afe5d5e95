"""The clients of the benchmarks against our own server, with small counts."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator

import pytest

from bench import report
from bench.cpu import cpu_seconds, resident
from bench.environment import generate
from bench.load.crowd import UGLY, come_and_go, crowd
from bench.load.echoes import load_echoes
from bench.load.fanout import COMPRESSED, fan_out
from bench.load.frames import client_frame, payload, split
from bench.load.link import LinkError
from bench.load.paced import pace
from bench.load.wires import PLAIN
from bench.peers import PEERS, Peer
from bench.server import Server, ServerFailed


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    generate()
    with Server(PEERS["ours"], arguments=("asyncio", "compressed")) as server:
        yield server


@pytest.mark.slow
def test_echoes_are_counted_and_cost_time(server: Server) -> None:
    echoed = load_echoes(server.port, server.pid, PLAIN, connections=4, in_flight=3, seconds=0.2)

    assert echoed.messages > 0
    assert echoed.messages % 12 == 0
    assert echoed.microseconds > 0


@pytest.mark.slow
def test_answer_that_is_no_echo_is_refused(server: Server) -> None:
    with pytest.raises(LinkError, match=r"expected .*echo.*, got .*unknown_message"):
        load_echoes(server.port, server.pid, PLAIN, path="/say", connections=1, in_flight=1, seconds=0.1)


@pytest.mark.slow
def test_path_without_a_socket_is_refused(server: Server) -> None:
    with pytest.raises(LinkError, match=r"expected the upgrade, got .*404"):
        load_echoes(server.port, server.pid, PLAIN, path="/nothing", connections=1, in_flight=1, seconds=0.1)


@pytest.mark.slow
@pytest.mark.parametrize("in_flight", [1, 8])
def test_messages_to_all_reach_all(server: Server, in_flight: int) -> None:
    fanned = fan_out(server.port, server.pid, PLAIN, connections=5, in_flight=in_flight, seconds=0.2)

    assert fanned.deliveries > 0
    assert fanned.per_cpu_second > 0


@pytest.mark.slow
def test_compressed_messages_are_unpacked_and_compared(server: Server) -> None:
    fanned = fan_out(
        server.port, server.pid, PLAIN, connections=3, in_flight=2, seconds=0.1, size=1000, headers=COMPRESSED
    )

    assert fanned.deliveries > 0


@pytest.mark.slow
def test_those_who_read_get_every_message_in_order(server: Server) -> None:
    paced = pace(server.port, server.pid, PLAIN, readers=3, stopped=0, rate=100, seconds=0.3, size=2000)

    assert paced.wanted == paced.delivered == 90
    assert 0 < paced.latency(50) <= paced.latency(99)


@pytest.mark.slow
def test_those_who_do_not_read_are_cut_and_learn_it(server: Server) -> None:
    paced = pace(server.port, server.pid, PLAIN, readers=3, stopped=2, rate=400, seconds=2, size=10_000)

    assert paced.wanted == paced.delivered
    assert paced.codes == [3008, 3008]


@pytest.mark.slow
@pytest.mark.parametrize("compressed", [False, True])
def test_crowd_stays_connected(server: Server, compressed: bool) -> None:
    with crowd(server.port, 3, compressed=compressed):
        assert resident(server.pid) > 0


@pytest.mark.slow
def test_ugly_ends_hurt_nobody_else(server: Server) -> None:
    come_and_go(server.port, len(UGLY))

    echoed = load_echoes(server.port, server.pid, PLAIN, connections=1, in_flight=1, seconds=0.1)
    assert echoed.messages > 0
    assert "Traceback" not in server.log()


def test_program_that_ends_is_told_with_its_words() -> None:
    peer = dataclasses.replace(PEERS["ours"], program="nothing.py")

    with pytest.raises(ServerFailed, match=r"ended with 2:\n.*nothing.py"), Server(peer):
        pass


@pytest.mark.parametrize("peer", PEERS.values(), ids=PEERS)
def test_each_peer_has_its_program(peer: Peer) -> None:
    assert peer.file.is_file()


@pytest.mark.parametrize("size", [0, 125, 126, 65535, 65536])
def test_frames_of_every_size_are_split(size: int) -> None:
    content = bytes(size)
    frame = client_frame(content, mask=bytes(4))
    head = len(frame) - size - 4
    from_server = bytes((frame[0], frame[1] & 0x7F)) + frame[2:head] + content

    frames, rest = split(from_server * 2 + from_server[:1])

    assert frames == [from_server, from_server]
    assert payload(frames[0]) == content
    assert rest == from_server[:1]


def test_message_has_the_size_that_was_asked_for() -> None:
    assert len(PLAIN.message("echo", 0)) == 80
    assert len(PLAIN.message("echo", 123, 10_000)) == 10_000


def test_own_processor_time_grows() -> None:
    before = cpu_seconds(os.getpid())
    while cpu_seconds(os.getpid()) == before:
        pass

    assert cpu_seconds(os.getpid()) > before


def test_table_of_bars_says_which_are_met() -> None:
    text = report.bars([("growth", "under 3", "2", True), ("codes", "all", "none", False)])

    assert text.splitlines()[2:] == ["| growth | under 3 | 2 | yes |", "| codes | all | none | no |"]


def test_page_has_a_part_for_each_benchmark() -> None:
    page = report.PAGE.read_text(encoding="utf-8")

    for name in ("machine", "echo", "fanout", "outbox", "memory", "drain"):
        assert f"<!-- begin: {name} -->" in page
