"""Clients of the benchmarks with our own server, with small counts."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from typing import Literal

import pytest

from bench import report
from bench.cpu import cpu_seconds, resident_bytes
from bench.environment import generate
from bench.load.arrivals import arrive
from bench.load.connection import LoadError
from bench.load.crowd import ENDINGS, connect_and_end, idle_crowd
from bench.load.echoes import load_echoes
from bench.load.fanout import COMPRESSED, fan_out
from bench.load.frames import client_frame, frame_payload, split_frames
from bench.load.paced import pace
from bench.load.protocols import CHANNELS, PLAIN
from bench.load.resumes import resume_all
from bench.peers import PEERS, Peer
from bench.redis_publications import PROGRAMS, measure
from bench.server import Server, ServerFailed


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    generate()
    with Server(PEERS["ours"], arguments=("asyncio", "compressed")) as server:
        yield server


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["not kept", "kept"])
def test_publications_through_redis_are_counted_with_their_processor_time(kind: str) -> None:
    program = dataclasses.replace(PROGRAMS["ours"], arguments=("asyncio",))

    result = measure(program, kind, 2000)

    assert result.published > 100
    assert result.received > 100


@pytest.mark.slow
def test_echoes_are_counted_with_their_processor_time(server: Server) -> None:
    result = load_echoes(server.port, server.pid, PLAIN, connections=4, in_flight=3, seconds=0.2)

    assert result.messages > 0
    assert result.messages % 12 == 0
    assert result.microseconds > 0


@pytest.mark.slow
def test_answer_that_is_not_the_echo_is_an_error(server: Server) -> None:
    with pytest.raises(LoadError, match=r"expected .*echo.*, got .*unknown_message"):
        load_echoes(server.port, server.pid, PLAIN, path="/say", connections=1, in_flight=1, seconds=0.1)


@pytest.mark.slow
def test_path_without_an_endpoint_is_an_error(server: Server) -> None:
    with pytest.raises(LoadError, match=r"expected the upgrade, got .*404"):
        load_echoes(server.port, server.pid, PLAIN, path="/nothing", connections=1, in_flight=1, seconds=0.1)


@pytest.mark.slow
@pytest.mark.parametrize("in_flight", [1, 8])
def test_fan_out_delivers_to_all_connections(server: Server, in_flight: int) -> None:
    result = fan_out(server.port, server.pid, PLAIN, connections=5, in_flight=in_flight, seconds=0.2)

    assert result.deliveries > 0
    assert result.per_cpu_second > 0


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/say", "/archive"])
def test_kept_messages_are_compared_without_their_numbers(server: Server, path: str) -> None:
    result = fan_out(
        server.port, server.pid, CHANNELS, path=path, connections=3, in_flight=2, seconds=0.1, headers=CHANNELS.headers
    )

    assert result.deliveries > 0


@pytest.mark.slow
def test_resuming_clients_recover_their_messages(server: Server) -> None:
    result = resume_all(server.port, server.pid, clients=20, missed=10)

    assert result.recovered == result.clients == 20
    assert 0 < result.seconds < 1


@pytest.mark.slow
def test_compressed_messages_are_decompressed_and_compared(server: Server) -> None:
    result = fan_out(
        server.port, server.pid, PLAIN, connections=3, in_flight=2, seconds=0.1, size=1000, headers=COMPRESSED
    )

    assert result.deliveries > 0


@pytest.mark.slow
def test_readers_receive_every_message_in_order(server: Server) -> None:
    result = pace(server.port, server.pid, PLAIN, readers=3, stopped=0, rate=100, seconds=0.3, size=2000)

    assert result.expected == result.delivered == 90
    assert 0 < result.latency(50) <= result.latency(99)


@pytest.mark.slow
def test_stopped_readers_receive_a_close_code(server: Server) -> None:
    result = pace(server.port, server.pid, PLAIN, readers=3, stopped=2, rate=400, seconds=2, size=10_000)

    assert result.expected == result.delivered
    assert result.codes == [3008, 3008]


@pytest.mark.slow
@pytest.mark.parametrize("compressed", [False, True])
def test_idle_crowd_stays_connected(server: Server, compressed: bool) -> None:
    with idle_crowd(server.port, 3, compressed=compressed):
        assert resident_bytes(server.pid) > 0


@pytest.mark.slow
def test_server_works_after_every_kind_of_ending(server: Server) -> None:
    connect_and_end(server.port, len(ENDINGS))

    result = load_echoes(server.port, server.pid, PLAIN, connections=1, in_flight=1, seconds=0.1)
    assert result.messages > 0
    assert "Traceback" not in server.log()


def test_program_that_exits_is_an_error_with_its_output() -> None:
    peer = dataclasses.replace(PEERS["ours"], program="nothing.py")

    with pytest.raises(ServerFailed, match=r"exited with 2:\n.*nothing.py"), Server(peer):
        pass


@pytest.mark.parametrize("peer", PEERS.values(), ids=PEERS)
def test_program_of_each_peer_exists(peer: Peer) -> None:
    assert peer.file.is_file()


@pytest.mark.parametrize("size", [0, 125, 126, 65535, 65536])
def test_frames_of_every_size_are_split(size: int) -> None:
    content = bytes(size)
    frame = client_frame(content, mask=bytes(4))
    header_size = len(frame) - size - 4
    from_server = bytes((frame[0], frame[1] & 0x7F)) + frame[2:header_size] + content

    frames, rest = split_frames(from_server * 2 + from_server[:1])

    assert frames == [from_server, from_server]
    assert frame_payload(frames[0]) == content
    assert rest == from_server[:1]


def test_message_has_the_given_size() -> None:
    assert len(PLAIN.message("echo", 0)) == 80
    assert len(PLAIN.message("echo", 123, 10_000)) == 10_000


def test_processor_time_increases() -> None:
    before = cpu_seconds(os.getpid())
    while cpu_seconds(os.getpid()) == before:
        pass

    assert cpu_seconds(os.getpid()) > before


def test_table_of_targets_states_which_are_met() -> None:
    text = report.targets([("growth", "under 3", "2", True), ("codes", "all", "none", False)])

    assert text.splitlines()[2:] == ["| growth | under 3 | 2 | yes |", "| codes | all | none | no |"]


def test_page_has_a_section_for_each_benchmark() -> None:
    page = report.PAGE.read_text(encoding="utf-8")

    for name in ("machine", "echo", "fanout", "slow-readers", "memory", "drain"):
        assert f"<!-- begin: {name} -->" in page


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["enter", "announce"])
def test_arrivals_reach_all_watchers(server: Server, kind: Literal["enter", "announce"]) -> None:
    result = arrive(server.port, server.pid, kind, members=120, watchers=3)

    assert (result.members, result.watchers) == (120, 3)
    assert 0 < result.received < 120 * 100
    assert result.microseconds > 0
