"""Faults of Redis and of the network, while two processes talk. `make faults` runs all of them.

Allowed is: nothing lost, doubled or reordered; or an exception at the publisher, or a reset of the channel.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import msgspec
import pytest

from tests.support.broken_link import BrokenLink, Direction
from tests.support.receivers import LOBBY, Receiver, kept, publication
from tests.support.redis_server import RedisServer, running
from tests.support.two_processes import TwoProcesses, repeatedly, until
from tornado_ws.channels import Channel, Position, TicketGrant
from tornado_ws.endpoint import Replay
from tornado_ws.errors import BackplaneDown

pytestmark = pytest.mark.slow

BOUNDS = Replay(count=1000)
GRANT = TicketGrant(endpoint="export", data=msgspec.Raw(b"1"))


@pytest.fixture
def server() -> Iterator[RedisServer]:
    """Start a server for one test."""
    with running(RedisServer()) as server:
        yield server


@pytest.fixture
def processes(io_loop) -> Iterator[list[TwoProcesses]]:
    """Return a list of processes to stop when the test ends."""
    made: list[TwoProcesses] = []
    yield made
    for one in made:
        io_loop.run_sync(one.stop)


@pytest.fixture
def make(processes, request):
    """Return a factory of two processes."""

    def make(*urls: str, **settings: object) -> TwoProcesses:
        processes.append(TwoProcesses(*urls, prefix=request.node.name, **settings))
        return processes[-1]

    return make


# Connections that end.


@pytest.mark.gen_test
@pytest.mark.parametrize(
    "kinds",
    [
        pytest.param(["pubsub"], marks=pytest.mark.faults),
        pytest.param(["normal"], marks=pytest.mark.faults),
        ["pubsub", "normal"],
    ],
    ids="+".join,
)
async def test_killed_connections_lose_nothing(server, make, kinds: list[str], caplog):
    two = make(server.url)
    await two.start()
    await two.until_talking()

    def kill() -> None:
        for kind in kinds:
            server.execute("CLIENT", "KILL", "TYPE", kind)

    await repeatedly(kill, 2.0, 0.03)

    await two.finish()
    assert 0 == two.resets
    assert [] == two.failed
    assert int(server.execute("INFO", "stats").split(b"total_connections_received:")[1].split()[0]) > 100
    if "pubsub" in kinds:
        assert sum(backplane.counters()["reconnects"] for backplane in two.backplanes) > 10
    assert [] == caplog.records


@pytest.mark.faults
@pytest.mark.gen_test
async def test_connections_killed_in_a_busy_loop_lose_nothing_in_silence(server, make):
    two = make(server.url)
    await two.start(interval=0)
    await two.until_talking()

    await repeatedly(lambda: server.execute("CLIENT", "KILL", "TYPE", "pubsub"), 10.0, 0.001)
    await repeatedly(lambda: server.execute("CLIENT", "KILL", "TYPE", "normal"), 10.0, 0.001)

    await two.finish()
    assert 0 == two.resets


@pytest.mark.gen_test
async def test_messages_during_a_reconnect_are_read_at_once(server, make):
    two = make(server.url)
    await two.start()
    await two.until_talking()
    await two.stop_talking()
    one, other = two.backplanes
    await until(lambda: one.position(LOBBY) == other.position(LOBBY))

    for _ in range(5):
        server.execute("CLIENT", "KILL", "TYPE", "pubsub")
        await two.publish(one)
        await until(lambda: one.position(LOBBY) == other.position(LOBBY), within=1)

    await two.finish()


@pytest.mark.gen_test
async def test_scripts_that_are_forgotten_all_the_time_lose_nothing(server, make):
    two = make(server.url)
    await two.start(interval=0)

    await repeatedly(lambda: server.execute("SCRIPT", "FLUSH"), 1.0, 0.002)

    await two.finish()
    assert [] == two.failed
    assert 0 == two.resets


@pytest.mark.gen_test
async def test_lost_messages_of_pubsub_are_found_by_the_look_at_positions(server, make):
    two = make(server.url)
    await two.start()
    await two.until_talking()
    await two.stop_talking()
    one, other = two.backplanes
    lost = other.client.subscriber
    lost_messages: list[bytes] = []
    lost.on_message = lambda name, payload: lost_messages.append(payload)  # type: ignore[method-assign]

    await two.publish(one)
    began = time.monotonic()
    await until(lambda: one.position(LOBBY) == other.position(LOBBY))

    assert time.monotonic() - began < 4
    assert lost_messages
    assert 0 == two.resets
    del lost.on_message
    await two.finish()


@pytest.mark.faults
@pytest.mark.gen_test
async def test_output_buffer_that_is_cut_loses_nothing(server, make):
    server.execute("CONFIG", "SET", "client-output-buffer-limit", "pubsub 200000 100000 1")
    two = make(server.url)
    await two.start()
    await two.until_talking()
    big = b'"' + b"x" * 50_000 + b'"'

    for _ in range(20):
        await asyncio.gather(*(two.backplanes[0].publish(publication(big)) for _ in range(50)))

    await two.finish()
    assert 0 == two.resets


# A server that does not answer.


@pytest.mark.gen_test
async def test_paused_server_is_noticed_and_nobody_waits_twice(server, make, caplog):
    two = make(server.url)
    await two.start()
    await two.until_talking()
    one = two.backplanes[0]

    server.pause()
    began = time.monotonic()
    try:
        await until(lambda: not any(backplane.healthy for backplane in two.backplanes))
        assert time.monotonic() - began < 3
        await until(lambda: len(two.failed) > 20)
        assert two.longest < 4.5
        asked = time.monotonic()
        for _ in range(50):
            with pytest.raises(BackplaneDown, match=r"no answer within 1\.5 s"):
                await one.publish(kept())
            await one.publish(publication())
        with pytest.raises(BackplaneDown):
            await one.tickets.peek("x")
        await asyncio.wait_for(one.follow(Channel("chat", "new"), BOUNDS), 0.2)
        assert time.monotonic() - asked < 0.5
        assert one.position(Channel("chat", "new")) is None
        assert one.counters()["unshared"] >= 50
        await asyncio.sleep(max(0.0, 4 - (time.monotonic() - began)))
    finally:
        server.resume()

    await two.finish()
    await until(lambda: one.position(Channel("chat", "new")) is not None)
    assert [Channel("chat", "new")] == [channel for channel, _ in two.receivers[0].resets if channel != LOBBY]
    for word in ("the backplane is down: Redis at 127.0.0.1", "the backplane is back after"):
        assert 2 == len([record for record in caplog.records if record.getMessage().startswith(word)]), caplog.text


@pytest.mark.faults
@pytest.mark.gen_test(timeout=60)
@pytest.mark.parametrize("seconds", [0.5, 1.4, 1.7, 4, 10])
async def test_paused_server_loses_nothing_in_silence(server, make, seconds: float):
    two = make(server.url)
    await two.start()
    await two.until_talking()

    server.pause()
    await asyncio.sleep(seconds)
    server.resume()

    await two.finish()
    assert 0 == two.resets
    if seconds < 1.5:
        assert [] == two.failed


@pytest.mark.faults
@pytest.mark.gen_test
async def test_sleeping_server_loses_nothing_in_silence(server, make):
    two = make(server.url)
    await two.start()
    await two.until_talking()

    await asyncio.to_thread(server.execute, "DEBUG", "SLEEP", 4)

    await two.finish()
    assert 0 == two.resets


@pytest.mark.gen_test
async def test_publication_during_a_short_pause_is_neither_lost_nor_doubled(server, make):
    two = make(server.url)
    await two.start()
    await two.until_talking()
    await two.stop_talking()

    server.pause()
    publishing = [asyncio.ensure_future(two.publish(backplane)) for backplane in two.backplanes for _ in range(50)]
    await asyncio.sleep(2.0)  # longer than the time limit of one pipeline, shorter than the deadline
    server.resume()
    await asyncio.gather(*publishing)

    assert [] == two.failed
    await two.finish()
    assert 0 == two.resets


@pytest.mark.gen_test
@pytest.mark.parametrize(
    "directions",
    [["up"], pytest.param(["down"], marks=pytest.mark.faults), pytest.param(["up", "down"], marks=pytest.mark.faults)],
    ids="+".join,
)
async def test_half_open_link_is_noticed_and_loses_nothing_in_silence(server, make, directions: list[Direction]):
    link = BrokenLink(server.port)
    port = await link.start()
    two = make(f"redis://127.0.0.1:{port}/0", server.url)
    await two.start()
    await two.until_talking()

    link.hold(*directions)
    began = time.monotonic()
    await until(lambda: not two.backplanes[0].healthy)
    assert time.monotonic() - began < 3.5
    await until(lambda: not two.backplanes[0].client.up, within=2)
    assert two.backplanes[1].healthy
    link.release()

    await two.finish()
    assert 0 == two.resets
    await two.stop()
    await link.stop()


@pytest.mark.faults
@pytest.mark.gen_test
@pytest.mark.parametrize("delay", [0.05, 0.3])
async def test_slow_link_loses_nothing(server, make, delay: float):
    link = BrokenLink(server.port)
    link.delay = delay
    port = await link.start()
    two = make(f"redis://127.0.0.1:{port}/0", server.url)
    await two.start()
    await two.until_talking(200)

    await two.finish()

    assert 0 == two.resets
    assert [] == two.failed
    assert all(backplane.healthy for backplane in two.backplanes)
    await two.stop()
    await link.stop()


# A server that loses data.


@pytest.mark.gen_test
async def test_restart_without_data_begins_a_new_epoch(server, make):
    two = make(server.url)
    await two.start()
    await two.until_talking()
    old = two.backplanes[0].position(LOBBY)

    server.kill()
    await until(lambda: len(two.failed) > 10)
    server.start()

    await two.finish()
    assert 2 == two.resets
    assert old.epoch != two.backplanes[0].position(LOBBY).epoch
    assert await two.backplanes[0].missed(LOBBY, old) is None


@pytest.mark.faults
@pytest.mark.gen_test
async def test_restarts_with_data_lose_nothing(make):
    with running(RedisServer(persistent=True)) as server:
        two = make(server.url)
        await two.start()
        for _ in range(5):
            await two.until_talking()
            server.restart()

        await two.finish()
        assert 0 == two.resets
        await two.stop()


@pytest.mark.gen_test
@pytest.mark.parametrize("command", ["FLUSHALL", "position", "stream"])
async def test_deleted_data_is_noticed_at_once(server, make, command: str):
    two = make(server.url)
    await two.start()
    await two.until_talking()

    if command == "FLUSHALL":
        server.execute(command)
    else:
        (key,) = server.execute("KEYS", f"*:{command}")
        server.execute("DEL", key)
    await two.until_talking()

    await two.finish()
    if command == "stream":  # numbers go on, and only those who must resume from Redis are reset
        assert 0 == two.resets
    else:
        assert 2 == two.resets


@pytest.mark.gen_test
async def test_flushed_data_is_noticed_without_a_message(server, make):
    two = make(server.url)
    await two.start()
    await two.until_talking()
    await two.stop_talking()

    server.execute("FLUSHALL")
    await until(lambda: two.resets == 2, within=4)

    assert {Position(two.backplanes[0].position(LOBBY).epoch, 0, "")} == {
        position for receiver in two.receivers for _, position in receiver.resets
    }
    await two.finish()


@pytest.mark.gen_test
@pytest.mark.parametrize("parts", ["*", "*:position", "*:stream"])
async def test_numbers_that_go_back_are_noticed(server, make, parts: str):
    """As after a failover that loses the last writes, or a part of them."""
    two = make(server.url)
    await two.start()
    await two.until_talking()
    await two.stop_talking()
    keys = server.execute("KEYS", parts)
    saved = [(key, server.execute("DUMP", key)) for key in keys]
    for backplane in two.backplanes:
        await two.publish(backplane)
    one, other = two.backplanes
    await until(lambda: one.position(LOBBY) == other.position(LOBBY))
    old = one.position(LOBBY)

    for key, value in saved:
        server.execute("RESTORE", key, 0, value, "REPLACE")
    for backplane in two.backplanes:
        await two.publish(backplane)
        await two.publish(backplane)

    await two.finish()
    assert two.resets >= 2
    assert await two.backplanes[0].missed(LOBBY, old) is None


@pytest.mark.gen_test
async def test_full_memory_raises_with_the_reason(server, make, caplog):
    two = make(server.url)
    await two.start()
    await two.until_talking()
    await two.stop_talking()
    one = two.backplanes[0]

    server.execute("CONFIG", "SET", "maxmemory", "1")
    with pytest.raises(BackplaneDown, match="Redis has no memory left, its maxmemory is reached"):
        await one.publish(kept())
    assert not one.healthy
    await one.publish(publication())
    assert "writes: Redis has no memory left" in caplog.text

    server.execute("CONFIG", "SET", "maxmemory", "0")
    await two.finish()
    assert 0 == two.resets


@pytest.mark.faults
@pytest.mark.gen_test
async def test_evicted_keys_lose_nothing_in_silence(make):
    with running(RedisServer("--maxmemory", "3mb", "--maxmemory-policy", "allkeys-random")) as server:
        two = make(server.url)
        await two.start()
        text = b'"' + b"x" * 2000 + b'"'
        for number in range(1000):
            channel = Channel("chat", str(number))
            try:
                await two.backplanes[0].publish(kept(text, channel=channel, history=BOUNDS))
            except BackplaneDown:
                await asyncio.sleep(0.01)
        assert int(server.execute("INFO", "stats").split(b"evicted_keys:")[1].split(b"\r\n")[0]) > 0

        await two.finish()
        await two.stop()


# Start and settings.


@pytest.mark.gen_test
async def test_absent_server_is_used_when_it_comes(make, caplog):
    server = RedisServer()
    two = make(server.url)
    await asyncio.wait_for(two.start(), 4)
    await until(lambda: len(two.failed) > 5)
    assert not any(backplane.healthy for backplane in two.backplanes)
    assert f"the backplane is down: Redis at 127.0.0.1:{server.port}, " in caplog.text

    with running(server):
        await two.until_talking()
        await two.finish()
        assert [1, 1] == [len(receiver.resets) for receiver in two.receivers], "the first position of each process"
        await two.stop()


@pytest.mark.gen_test
async def test_wrong_password_is_logged_and_no_more_than_once(make, caplog):
    with running(RedisServer("--requirepass", "right")) as server:
        two = make(f"redis://:wrong@127.0.0.1:{server.port}/0")
        await asyncio.wait_for(two.start(), 4)
        await until(lambda: len(two.failed) > 5)

        lines = [record.getMessage() for record in caplog.records if "sign-in failed" in record.getMessage()]
        assert 2 == len(lines)
        assert "wrong" not in "".join(lines)
        server_with_password = make(f"redis://:right@127.0.0.1:{server.port}/0")
        await server_with_password.start()
        await server_with_password.finish()
        await server_with_password.stop()


@pytest.mark.gen_test
async def test_databases_do_not_receive_each_others_messages(server, make):
    staging, production = make(server.url), make(server.url.replace("/0", "/1"))
    await staging.start()
    await production.start()
    await production.until_talking()

    await staging.finish()
    await production.finish()

    assert not set(staging.accepted.values()) & set(production.accepted.values())
    assert all(staging.accepted[text] == position for text, position in _places(staging.receivers).items())


@pytest.mark.gen_test
async def test_messages_are_delivered_locally_during_an_outage_if_that_is_set(server, make):
    two = make(server.url, outage="local")
    await two.start()
    await two.until_talking()
    await two.stop_talking()
    one, other = two.backplanes
    epoch = one.position(LOBBY).epoch

    server.pause()
    await until(lambda: not one.healthy)
    plain = len(two.receivers[0].plain)
    assert await one.publish(kept(b'"local"')) is None
    assert b'"local"' == two.receivers[0].plain[plain].text
    assert b'"local"' not in two.receivers[1].order
    assert one.counters()["unshared"] >= 1
    server.resume()

    await until(lambda: two.resets == 2)
    await two.finish()
    assert epoch != other.position(LOBBY).epoch == one.position(LOBBY).epoch


# Many at once.


@pytest.mark.gen_test
async def test_three_hundred_at_once_reach_the_other_process(server, make):
    two = make(server.url)
    for backplane in two.backplanes:
        await backplane.follow(LOBBY, two.bounds)

    await asyncio.gather(*(two.publish(two.backplanes[0]) for _ in range(600)))

    assert 600 == len(two.accepted)
    texts = await two.finish()
    assert [602, 602] == [len(one) for one in texts]
    own = 1
    assert len(server.execute("CLIENT", "LIST").splitlines()) - own <= 2 * 7, "connections of two processes"


@pytest.mark.gen_test
async def test_a_thousand_resumptions_beyond_the_memory_share_readings(server, make):
    two = make(server.url)
    one, other = two.backplanes
    await one.follow(LOBBY, two.bounds)
    start = one.position(LOBBY)
    await asyncio.gather(*(two.publish(one) for _ in range(1000)))
    positions = [start, *two.accepted.values()]
    await other.follow(LOBBY, two.bounds)  # without any message in its memory
    before = other.counters()["readings"]

    began = time.monotonic()
    answers = await asyncio.gather(*(other.missed(LOBBY, position) for position in positions[:1000]))

    assert time.monotonic() - began < 5
    assert [1000 - at for at in range(1000)] == [len(answer) for answer in answers]
    assert other.counters()["readings"] - before <= 2
    two.accepted.clear()  # this process was not there
    await two.finish()


@pytest.mark.gen_test
async def test_resumption_waits_for_a_server_that_is_away(server, make):
    two = make(server.url)
    one, other = two.backplanes
    await one.follow(LOBBY, two.bounds)
    start = one.position(LOBBY)
    await two.publish(one)
    await other.follow(LOBBY, two.bounds)

    server.pause()
    await until(lambda: not other.healthy)
    waiting = asyncio.ensure_future(other.missed(LOBBY, start))
    given_up = asyncio.ensure_future(other.missed(LOBBY, start))
    await asyncio.sleep(0.1)
    given_up.cancel()
    server.resume()

    assert 1 == len(await waiting)
    two.accepted.clear()  # this process was not there
    await two.finish()


@pytest.mark.gen_test
async def test_tickets_at_once_are_all_issued_and_redeemed(server, make):
    one, other = make(server.url).backplanes
    keys = await asyncio.gather(*(one.tickets.issue(GRANT, client=str(at), ttl=10, limit=3) for at in range(300)))
    grants = await asyncio.gather(*(other.tickets.redeem(key) for key in keys))

    assert [GRANT] * 300 == grants


def _places(receivers: list[Receiver]) -> dict[bytes, Position]:
    return {message.text: message.position for receiver in receivers for message in receiver.kept}
