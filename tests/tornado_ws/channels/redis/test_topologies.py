"""Sentinels and clusters, while two processes talk."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import msgspec
import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from tests.support.receivers import LOBBY, Receiver, kept, publication
from tests.support.redis_server import RedisCluster, RedisServer, SentinelService, hash_slot, running
from tests.support.two_processes import BOUNDS, TwoProcesses, repeatedly, until
from tornado_ws.channels import Channel, TicketGrant
from tornado_ws.channels.redis import RedisBackplane
from tornado_ws.errors import BackplaneDown

pytestmark = pytest.mark.slow

GRANT = TicketGrant(endpoint="export", data=msgspec.Raw(b"1"))
ROOMS = [Channel("chat", str(number)) for number in range(30)]


@pytest.fixture(scope="module")
def cluster() -> Iterator[RedisCluster]:
    """Start a cluster of three servers."""
    with running(RedisCluster()) as cluster:
        yield cluster


@pytest.fixture
def two(cluster, io_loop, request) -> Iterator[TwoProcesses]:
    """Return two processes at the cluster."""
    two = TwoProcesses(cluster.url, prefix=request.node.name)
    yield two
    io_loop.run_sync(two.stop)


def slot_of(backplane: RedisBackplane, channel: Channel) -> int:
    return hash_slot(backplane.history.keys(channel).position)


def place_of(backplane: RedisBackplane, channel: Channel) -> tuple[str, int]:
    place = backplane.client._driver.place_of(backplane.history.keys(channel).position)
    assert place is not None
    return place


# Cluster.


@pytest.mark.gen_test
async def test_cluster_serves_channels_of_all_slots(two):
    one, other = two.backplanes
    for channel in ROOMS:
        await one.follow(channel, BOUNDS)
        await other.follow(channel, BOUNDS)

    await asyncio.gather(
        *(two.backplanes[at % 2].publish(kept(b"%d" % at, channel=ROOMS[at % 30])) for at in range(300))
    )
    await one.publish(publication(channel=ROOMS[0]))

    await until(lambda: all(300 == len(receiver.kept) for receiver in two.receivers))
    await until(lambda: two.receivers[1].plain)
    assert 0 == two.resets
    for receiver in two.receivers:
        receiver.check()
    assert 3 == len({place_of(one, channel) for channel in ROOMS})
    assert one.client.sharded
    assert one.healthy
    start = two.receivers[0].runs[ROOMS[3]][0][0].position
    assert 9 == len(await other.missed(ROOMS[3], start))


@pytest.mark.gen_test
async def test_cluster_issues_and_redeems_tickets(two):
    one, other = two.backplanes

    keys = await asyncio.gather(*(one.tickets.issue(GRANT, client=str(at), ttl=10, limit=3) for at in range(100)))

    assert [GRANT] * 100 == await asyncio.gather(*(other.tickets.redeem(key) for key in keys))


@pytest.mark.gen_test
async def test_moved_slot_loses_nothing(cluster, two):
    await two.start()
    await two.until_talking()
    slot = slot_of(two.backplanes[0], LOBBY)

    for _ in range(3):
        await asyncio.to_thread(cluster.move, slot)
        await two.until_talking()

    await two.finish()
    assert 0 == two.resets
    assert [] == two.failed


@pytest.mark.faults
@pytest.mark.gen_test
async def test_slots_that_move_all_the_time_lose_nothing_in_silence(cluster, two):
    await two.start(interval=0)
    await two.until_talking()
    slot = slot_of(two.backplanes[0], LOBBY)

    for _ in range(20):
        await asyncio.to_thread(cluster.move, slot)
        await asyncio.sleep(0.2)

    await two.finish()
    assert 0 == two.resets


@pytest.mark.gen_test
async def test_paused_server_of_a_cluster_stops_only_its_channels(cluster, two):
    one, _ = two.backplanes
    for channel in ROOMS:
        await one.follow(channel, BOUNDS)
    paused = cluster.servers[1]
    places = {channel: place_of(one, channel) for channel in ROOMS}
    there = next(channel for channel, place in places.items() if place[1] == paused.port)
    elsewhere = next(channel for channel, place in places.items() if place[1] != paused.port)

    paused.pause()
    try:
        await until(lambda: not one.healthy)
        await one.publish(kept(channel=elsewhere))
        await until(lambda: not _up(one, paused.port))
        with pytest.raises(BackplaneDown):
            await asyncio.wait_for(one.publish(kept(channel=there)), 0.2)
    finally:
        paused.resume()

    await until(lambda: one.healthy)
    await one.publish(kept(channel=there))
    await until(lambda: 2 == len(two.receivers[0].kept))


def _up(backplane: RedisBackplane, port: int) -> bool:
    return backplane.client._router._batchers["127.0.0.1", port].up


@pytest.mark.gen_test
async def test_absent_cluster_is_reported(io_loop, caplog):
    backplane = RedisBackplane("redis+cluster://127.0.0.1:1,127.0.0.1:2")
    backplane.attach(Receiver())

    await asyncio.wait_for(backplane.follow(LOBBY, BOUNDS), 4)

    assert "commands: no server of the cluster answers: connection refused" in caplog.text
    with pytest.raises(BackplaneDown, match="no server of the cluster answers"):
        await backplane.publish(kept())
    await backplane.stop()


@pytest.mark.gen_test
async def test_server_that_is_no_cluster_is_reported(redis_server, caplog):
    backplane = RedisBackplane(f"redis+cluster://127.0.0.1:{redis_server.port}")
    backplane.attach(Receiver())

    await asyncio.wait_for(backplane.follow(LOBBY, BOUNDS), 4)

    assert "no server of the cluster answers: Cluster mode is not enabled on this node" in caplog.text
    await backplane.stop()


# Sentinels.


@pytest.mark.faults
@pytest.mark.gen_test(timeout=60)
async def test_failover_that_loses_the_last_writes_is_noticed(request):
    with running(SentinelService()) as service:
        two = TwoProcesses(service.url, prefix=request.node.name)
        await two.start()
        await two.until_talking()
        await two.stop_talking()
        one = two.backplanes[0]
        before = one.position(LOBBY)
        await until(lambda: _offset(service.master) == _offset(service.replica))

        service.master.execute("ACL", "SETUSER", "default", "-psync", "-sync")
        service.master.execute("CLIENT", "KILL", "TYPE", "replica")
        for _ in range(20):
            await two.publish(one)
        lost = one.position(LOBBY)
        assert before.seq + 20 == lost.seq
        service.master.kill()

        await until(lambda: not one.healthy)
        with pytest.raises(BackplaneDown):
            await one.publish(kept())
        await until(lambda: all(backplane.healthy for backplane in two.backplanes), within=40)
        for backplane in two.backplanes * 15:
            await two.publish(backplane)
        await two.finish()
        assert two.resets >= 2
        assert await one.missed(LOBBY, lost) is None
        await two.stop()


def _fails_over(service: SentinelService) -> bool:
    try:
        return bool(service.sentinels[0].execute("SENTINEL", "FAILOVER", service.NAME) == b"OK")
    except ResponseError:  # the sentinel does not know the state of the replica yet
        return False


def _is_master(server: RedisServer) -> bool:
    try:
        return b"role:master" in server.execute("INFO", "replication")
    except (OSError, RedisConnectionError):  # the sentinel ends all connections
        return False


def _offset(server: RedisServer) -> bytes:
    info: bytes = server.execute("INFO", "replication")
    name = b"slave_repl_offset:" if b"slave_repl_offset:" in info else b"master_repl_offset:"
    return info.split(name)[1].split(b"\r\n")[0]


@pytest.mark.faults
@pytest.mark.gen_test(timeout=60)
async def test_ordered_failover_loses_nothing_in_silence(request):
    with running(SentinelService()) as service:
        two = TwoProcesses(service.url, prefix=request.node.name)
        await two.start()
        await two.until_talking()

        await until(lambda: _fails_over(service))
        await until(lambda: _is_master(service.replica))
        await until(lambda: not _is_master(service.master))
        await repeatedly(lambda: None, 5, 0.1)
        await two.until_talking(100)

        await two.finish()
        await two.stop()


@pytest.mark.gen_test
async def test_absent_service_is_reported(caplog):
    with running(RedisServer(sentinel="")) as sentinel:
        backplane = RedisBackplane(f"redis+sentinel://127.0.0.1:{sentinel.port},127.0.0.1:1/other")
        backplane.attach(Receiver())

        await asyncio.wait_for(backplane.follow(LOBBY, BOUNDS), 4)

        assert "commands: no sentinel has a master for 'other'" in caplog.text
        await backplane.stop()
