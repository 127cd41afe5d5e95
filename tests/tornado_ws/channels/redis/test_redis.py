"""Two controllers, as in two processes, connected by a Redis server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import msgspec
import pytest

from tests.support.issuing import UseFrom
from tests.support.lab import Done, Echo, Job, JobTicket, Lab, Noise, Note, Price, Said, Say
from tests.support.redis_server import RedisServer
from tornado_ws import CloseCode, WebSocketController
from tornado_ws.channels import TicketGrant
from tornado_ws.channels.redis import RedisBackplane
from tornado_ws.errors import BackplaneDown

pytestmark = pytest.mark.slow  # needs redis-server, which `make quick` does not install

ROOM = {"room": "a"}
GRANT = TicketGrant(endpoint="export", data=msgspec.Raw(b"1"))


@pytest.fixture
def two(app, make_sockets, redis_server, io_loop, request) -> Iterator[tuple[WebSocketController, WebSocketController]]:
    """Return two controllers that serve the same endpoints at different paths."""
    prefix = request.node.name
    one, other = (
        make_sockets(backplane=RedisBackplane(redis_server.url, prefix=prefix), connect_path=path)
        for path in ("/one/c/", "/other/c/")
    )
    app.add_handlers(".*", [*one.persistent(Lab), *one.ephemeral(Job)])
    app.add_handlers(".*", [*other.persistent(Lab, path="/other/{room}"), *other.ephemeral(Job)])
    yield one, other
    for sockets in (one, other):
        io_loop.run_sync(sockets.context.backplane.stop)


@pytest.mark.gen_test
async def test_rooms_and_broadcasts_reach_connections_of_all_processes(two, connect):
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
async def test_one_connection_of_another_process_can_be_addressed_or_excluded(two, connect):
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
async def test_filter_cannot_be_sent_to_other_processes(two):
    with pytest.raises(TypeError, match="filter= cannot reach the connections of other processes; use a room"):
        await two[0].broadcast(Lab, Note("a"), filter=lambda connection: True)


@pytest.mark.gen_test
async def test_kept_and_other_messages_of_one_sender_arrive_in_order(two, connect):
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
async def test_new_client_resumes_from_the_number_in_hello(two, connect):
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
async def test_client_resumes_at_another_process(two, connect):
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
async def test_one_time_url_of_one_process_is_valid_once_at_another(app, two, connect, http_client, http_port):
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
async def test_processes_work_alone_while_redis_is_down_and_reconnect_afterwards(
    app, make_sockets, connect, caplog, until
):
    server = RedisServer()
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
                await one.context.backplane.tickets.issue(GRANT, client="ann", ttl=10, limit=2)

            server.start()
            await until(lambda: one.summary()["backplane"] and other.summary()["backplane"])
            await ann.send(Say(text="3"))
            assert Said(text="3") == await bob.expect(Said)
            assert not await ann.resume(epoch, seq)
    finally:
        for sockets in (one, other):
            await sockets.context.backplane.stop()
        server.stop()
    assert "disconnected from Redis" in caplog.text
