"""Two controllers, as in two processes, with a real Redis between them."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import time
from collections.abc import Iterator

import msgspec
import pytest

from tests.support.issuing import UseFrom
from tests.support.lab import Done, Echo, Job, JobTicket, Lab, Noise, Note, Price, Said, Say
from tornado_ws import CloseCode, ConfigurationError, WebSocketController
from tornado_ws.channels.redis import RedisBackplane
from tornado_ws.channels.tickets import Grant
from tornado_ws.errors import BackplaneDown, TooManyTickets

pytestmark = pytest.mark.slow  # it needs a program that `make quick` does not install

ROOM = {"room": "a"}
GRANT = Grant(endpoint="export", data=msgspec.Raw(b"1"))


class Server:
    """A Redis of our own that keeps nothing on disk."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError("redis-server does not listen")

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def two(app, make_sockets, server, io_loop, request) -> Iterator[tuple[WebSocketController, WebSocketController]]:
    """Return two controllers of one application."""
    prefix = request.node.name
    one, other = (
        make_sockets(backplane=RedisBackplane(server.url, prefix=prefix), connect_path=path)
        for path in ("/one/c/", "/other/c/")
    )
    app.add_handlers(".*", [*one.persistent(Lab), *one.ephemeral(Job)])
    app.add_handlers(".*", [*other.persistent(Lab, path="/other/{room}"), *other.ephemeral(Job)])
    yield one, other
    for sockets in (one, other):
        io_loop.run_sync(sockets.context.backplane.stop)


@pytest.mark.gen_test
async def test_rooms_and_broadcasts_reach_the_connections_of_all_processes(two, connect):
    one, other = two

    async with (
        connect(Lab, ROOM) as ann,
        connect(Lab, url="/other/a", timeout=3) as bob,
        connect(Lab, url="/other/b") as eve,
    ):
        await one.room(Lab, "a").send(Note("to the room"))
        for client in (ann, bob):
            assert Note("to the room") == await client.expect(Note)
        await other.broadcast(Lab, Note("to all"))
        await one.broadcast(Lab, Noise("volatile"))

        for client in (ann, bob, eve):
            assert Note("to all") == await client.expect(Note)
            assert Noise("volatile") == await client.expect(Noise)
            await client.expect_nothing()


@pytest.mark.gen_test
async def test_one_connection_is_reached_wherever_it_is_and_can_be_left_out(two, connect):
    one, other = two

    async with connect(Lab, ROOM) as ann, connect(Lab, url="/other/a") as bob:
        of_ann, of_bob = one.connections[0], other.connections[0]
        await one.send_to(Lab, of_bob.connection_id, Note("bob"))
        assert Note("bob") == await bob.expect(Note)
        await other.broadcast(Lab, Note("not ann"), exclude=[of_ann])
        await other.broadcast(Lab, Price(symbol="x", value=1))

        assert Note("not ann") == await bob.expect(Note)
        await ann.expect(Price)
        await ann.expect_nothing()


@pytest.mark.gen_test
async def test_a_predicate_cannot_travel(two):
    with pytest.raises(TypeError, match="filter= cannot reach the connections of other processes; use a room"):
        await two[0].broadcast(Lab, Note("a"), filter=lambda connection: True)


@pytest.mark.gen_test
async def test_what_one_sends_arrives_in_order_also_where_some_of_it_is_kept(two, connect):
    one, _ = two

    async with connect(Lab, ROOM) as ann, connect(Lab, url="/other/a", timeout=3) as bob:
        for number in range(5):
            await one.room(Lab, "a").send(Said(text=str(number)))
            await one.room(Lab, "a").send(Note(str(number)))

        for client in (ann, bob):
            order = []
            for number in range(5):
                assert Said(text=str(number)) == await client.expect(Said)
                assert Note(str(number)) == await client.expect(Note)
                order.append(client.seq)
            assert order == sorted(order)


@pytest.mark.gen_test
async def test_who_has_seen_nothing_yet_resumes_from_where_it_came_in(two, connect):
    _, other = two

    async with connect(Lab, ROOM) as bob:
        await bob.send(Say(text="before"))
        await bob.expect(Said)
        async with connect(Lab, url="/other/a", timeout=3) as ann:
            assert ann.hello.seq == ann.seq == bob.seq
        await other.room(Lab, "a").send(Said(text="missed"))

        async with connect(Lab, ROOM) as back:
            assert await back.resume(ann.hello.epoch, ann.seq)
            assert Said(text="missed") == await back.expect(Said)
            await back.expect_nothing()


@pytest.mark.gen_test
async def test_a_client_comes_back_to_another_process_and_is_sent_what_it_missed(two, connect):
    one, other = two

    async with connect(Lab, ROOM) as bob:
        async with connect(Lab, ROOM) as ann:
            await bob.send(Say(text="1"))
            await ann.expect(Said)
            epoch, seq = ann.hello.epoch, ann.seq
        for text in "23":
            await bob.send(Say(text=text))
        await other.room(Lab, "a").send(Said(text="4"))
        await other.room(Lab, "b").send(Said(text="elsewhere"))

        async with connect(Lab, url="/other/a", timeout=3) as ann:
            assert ann.hello.epoch == epoch
            assert await ann.resume(epoch, seq)
            assert ["2", "3", "4"] == [(await ann.expect(Said)).text for _ in range(3)]
            await ann.expect_nothing()
            assert not await ann.resume("another", seq)
    assert one


@pytest.mark.gen_test
async def test_a_one_time_url_made_by_one_process_is_good_at_another_once(app, two, connect, http_client, http_port):
    one, _ = two
    make = {"use": lambda handler: one.use(handler, Job, JobTicket(job=7))}
    app.add_handlers(".*", [("/use", UseFrom, make)])
    answer = await http_client.fetch(f"http://127.0.0.1:{http_port}/use", method="POST", body="")
    url = answer.body.decode().replace("/one/c/", "/other/c/")

    async def race() -> bool:
        async with connect(Job, url=url, timeout=5) as client:
            try:
                await client.expect(Done)
            except AssertionError:
                await client.expect_close(CloseCode.INVALID_TICKET)
                return False
            return True

    assert sum(await asyncio.gather(*(race() for _ in range(20)))) == 1


@pytest.mark.gen_test
async def test_keys_expire_and_are_bounded_per_client(server):
    backplane = RedisBackplane(server.url, prefix="keys")
    first = await backplane.issue(GRANT, client="ann", ttl=10, most=2)
    short = await backplane.issue(GRANT, client="ann", ttl=1.0, most=2)
    with pytest.raises(TooManyTickets) as many:
        await backplane.issue(GRANT, client="ann", ttl=10, most=2)
    assert 0 < many.value.retry_after <= 1.0

    assert await backplane.peek(first) == GRANT
    await asyncio.sleep(1.1)
    assert await backplane.peek(short) is None
    await backplane.issue(GRANT, client="ann", ttl=10, most=2)
    assert await backplane.redeem(first) == GRANT
    assert await backplane.redeem(first) is None
    await backplane.issue(GRANT, client="ann", ttl=10, most=2)
    await backplane.stop()


@pytest.mark.gen_test
async def test_while_redis_is_away_a_process_goes_on_alone_and_then_hears_the_others_again(
    app, make_sockets, connect, caplog, until
):
    server = Server()
    server.start()
    one, other = (
        make_sockets(backplane=RedisBackplane(server.url), connect_path=path) for path in ("/one/c/", "/other/c/")
    )
    try:
        app.add_handlers(".*", [*one.persistent(Lab), *other.persistent(Lab, path="/other/{room}")])

        async with connect(Lab, ROOM, timeout=8) as ann, connect(Lab, url="/other/a", timeout=8) as bob:
            await ann.send(Say(text="1"))
            await ann.expect(Said)
            await bob.expect(Said)
            epoch, seq = ann.hello.epoch, ann.seq

            server.stop()
            await until(lambda: not one.summary()["backplane"] and not other.summary()["backplane"])
            await ann.send(Say(text="2"))
            await one.room(Lab, "a").send(Note("alone"))
            assert Said(text="2") == await ann.expect(Said)
            assert Note("alone") == await ann.expect(Note)
            assert await ann.request(Echo("still served")) == "still served"
            assert not one.summary()["backplane"]
            with pytest.raises(BackplaneDown):
                await one.context.backplane.issue(GRANT, client="ann", ttl=10, most=2)

            server.start()
            await until(lambda: one.summary()["backplane"] and other.summary()["backplane"])
            await ann.send(Say(text="3"))
            assert Said(text="3") == await bob.expect(Said)
            assert not await ann.resume(epoch, seq)
    finally:
        for sockets in (one, other):
            await sockets.context.backplane.stop()
        server.stop()
    assert "backplane is away" in caplog.text


def test_a_url_is_enough_for_the_controller():
    sockets = WebSocketController(backplane="redis://localhost:1/0")

    assert isinstance(sockets.context.backplane, RedisBackplane)


def test_other_urls_are_refused_at_start_up():
    with pytest.raises(ConfigurationError, match="backplane: expected a URL that begins with redis:, got 'amqp://x'"):
        WebSocketController(backplane="amqp://x")
