"""Two controllers, as in two processes, connected by a Redis server."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

import msgspec
import pytest

from tests.support.issuing import UseFrom
from tests.support.lab import Done, Echo, Job, JobTicket, Lab, Noise, Note, Price, Said, Say
from tests.support.receivers import BOUNDS, LOBBY, Receiver, publication
from tests.support.redis_server import RedisServer, running
from tornado_ws import CloseCode, WebSocketController
from tornado_ws.channels import Position, TicketGrant
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
        connect(Lab, url="/other/a") as bob,
        connect(Lab, url="/other/b") as eve,
    ):
        for client in (ann, bob, eve):
            await _room(client)
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
        await _room(ann)
        await _room(bob)
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

    async with connect(Lab, ROOM) as ann, connect(Lab, url="/other/a") as bob:
        for client in (ann, bob):
            await _room(client)
        for number in range(5):
            await one.room(Lab, "a").send(Said(text=str(number)))
            await one.room(Lab, "a").send(Note(str(number)))

        for client in (ann, bob):
            for number in range(5):
                assert Said(text=str(number)) == await client.expect(Said)
                assert Note(str(number)) == await client.expect(Note)
        assert ann.positions == bob.positions


@pytest.mark.gen_test
async def test_client_resumes_at_another_process(two, connect):
    _, other = two

    async with connect(Lab, ROOM) as bob:
        await _room(bob)
        async with connect(Lab, ROOM) as ann:
            await ann.joined(2)
            await bob.send(Say(text="1"))
            await ann.expect(Said)
            positions = ann.positions
        for text in "23":
            await bob.send(Say(text=text))
            await bob.expect(Said)
        await other.room(Lab, "a").send(Said(text="4"))
        await other.room(Lab, "b").send(Said(text="elsewhere"))

        async with connect(Lab, url="/other/a") as ann:
            state = await _room(ann)
            assert await ann.resume(positions[state.channel], ch=state.ch)
            assert ["2", "3", "4"] == [(await ann.expect(Said)).text for _ in range(3)]
            await ann.expect_nothing()
            assert not await ann.resume(Position("another", 1, "x"), ch=state.ch)


@pytest.mark.gen_test
async def test_many_clients_resume_at_once_without_a_command_to_redis(two, connect, redis_server):
    one, _ = two
    async with contextlib.AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(connect(Lab, ROOM)) for _ in range(50)]
        states = [await _room(client) for client in clients]
        starts = [state.position for state in states]
        for number in range(3):
            await one.room(Lab, "a").send(Said(text=str(number)))
        for client in clients:
            for _ in range(3):
                await client.expect(Said)
        scripts = _calls(redis_server, "evalsha")

        recovered = await asyncio.gather(
            *(client.resume(start, ch=state.ch) for client, start, state in zip(clients, starts, states, strict=True))
        )

        assert [True] * 50 == recovered
        assert scripts == _calls(redis_server, "evalsha")


@pytest.mark.gen_test
async def test_one_time_url_of_one_process_is_valid_once_at_another(app, two, connect, http_client, http_port):
    one, _ = two
    make = {"use": lambda handler: one.use(handler, Job, JobTicket(job=7))}
    app.add_handlers(".*", [("/use", UseFrom, make)])
    answer = await http_client.fetch(f"http://127.0.0.1:{http_port}/use", method="POST", body="")
    url = answer.body.decode().replace("/one/c/", "/other/c/")

    async def race() -> bool:
        async with connect(Job, url=url) as client:
            try:
                await client.expect(Done)
            except AssertionError:
                await client.expect_close(CloseCode.INVALID_TICKET)
                return False
            return True

    assert sum(await asyncio.gather(*(race() for _ in range(20)))) == 1


@pytest.mark.gen_test
async def test_user_is_disconnected_in_all_processes(app, make_sockets, connect, until):
    class User(Lab):
        def get_current_user(self) -> str:
            return self.params.room if hasattr(self, "params") else self.path_args[0]

    with running(RedisServer()) as server:
        one, other = (make_sockets(backplane=RedisBackplane(server.url)) for _ in range(2))
        app.add_handlers(".*", [*one.persistent(User), *other.persistent(User, path="/other/{room}")])
        async with (
            connect(User, {"room": "ann"}) as tab,
            connect(User, url="/other/ann") as phone,
            connect(User, url="/other/bob") as bob,
        ):
            await one.disconnect(user="ann")
            for client in (tab, phone):
                await client.expect_close(CloseCode.UNAUTHORIZED)
            assert await bob.request(Echo("still here")) == "still here"

            server.execute("CLIENT", "KILL", "TYPE", "pubsub")
            await one.disconnect(user="bob")  # while the other process subscribes again
            await bob.expect_close(CloseCode.UNAUTHORIZED)
            async with connect(User, url="/other/bob") as again:
                assert await again.request(Echo("signed in again")) == "signed in again"

                server.pause()
                with pytest.raises(BackplaneDown, match="only the connections of this process were closed"):
                    await other.disconnect(user="bob")
                await again.expect_close(CloseCode.UNAUTHORIZED)
                server.resume()
        for sockets in (one, other):
            await sockets.context.backplane.stop()


@pytest.mark.gen_test
async def test_processes_go_on_alone_while_redis_is_away_and_lose_nothing_in_silence(app, make_sockets, connect, until):
    with running(RedisServer()) as server:
        one, other = (
            make_sockets(backplane=RedisBackplane(server.url), connect_path=path) for path in ("/one/c/", "/other/c/")
        )
        app.add_handlers(".*", [*one.persistent(Lab), *other.persistent(Lab, path="/other/{room}")])
        async with connect(Lab, ROOM) as ann, connect(Lab, url="/other/a") as bob:
            for client in (ann, bob):
                await _room(client)
            await ann.send(Say(text="1"))
            for client in (ann, bob):
                assert Said(text="1") == await client.expect(Said)

            server.pause()
            await until(lambda: not one.summary()["backplane"] and not other.summary()["backplane"])
            with pytest.raises(BackplaneDown):
                await one.room(Lab, "a").send(Said(text="uncertain"))  # it may arrive, since Redis has received it
            with pytest.raises(BackplaneDown):
                await one.room(Lab, "a").send(Said(text="refused"))
            await one.room(Lab, "a").send(Note("alone"))
            assert Note("alone") == await ann.expect(Note)
            assert await ann.request(Echo("still served")) == "still served"
            async with connect(Lab, ROOM) as eve:  # joins, although the position cannot be read
                await one.room(Lab, "a").send(Note("newcomer"))
                assert Note("newcomer") == await eve.expect(Note)
                server.resume()
                await until(lambda: one.summary()["backplane"] and other.summary()["backplane"])
                await ann.send(Say(text="2"))
                for client in (ann, bob, eve):
                    said = await client.expect(Said)
                    assert Said(text="2") == (await client.expect(Said) if said == Said(text="uncertain") else said)
            assert one.summary()["counters"]["unshared"] >= 2
            assert 0 == one.summary()["counters"]["resets"]

            server.kill()
            server.start()
            await until(lambda: all(state.resets for client in (ann, bob) for state in client.channels.states))
            await ann.send(Say(text="3"))
            for client in (ann, bob):
                assert Said(text="3") == await client.expect(Said)
            assert ann.positions == bob.positions
        for sockets in (one, other):
            await sockets.context.backplane.stop()


async def _room(client):
    """Return the state of the room, which a client joins after the endpoint's own channel."""
    await client.joined(2)
    return client.channels.states[-1]


def _calls(server: RedisServer, command: str) -> bytes:
    statistics: bytes = server.execute("INFO", "commandstats")
    return statistics.split(b"cmdstat_%b:calls=" % command.encode())[1].split(b",")[0]


@pytest.mark.gen_test
async def test_message_without_a_number_during_a_renewal_leads_to_another_one(monkeypatch, until):
    backplane = RedisBackplane("redis://127.0.0.1:1", outage="local")
    backplane.attach(Receiver())
    renewed = []

    async def fail(message):
        raise BackplaneDown("no server")

    async def renew(channel, epoch):
        renewed.append(channel)
        if len(renewed) == 1:
            await backplane.publish(publication(history=BOUNDS))
        return Position("f", 0, "")

    monkeypatch.setattr(backplane.history, "publish_kept", fail)
    monkeypatch.setattr(backplane.history, "renew", renew)
    await backplane.publish(publication(history=BOUNDS))
    backplane._up()
    await until(lambda: backplane._renewal is None)

    assert [LOBBY, LOBBY] == renewed
    await backplane.stop()
