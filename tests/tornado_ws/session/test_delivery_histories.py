"""Random histories of acknowledged messages: lost connections and answers, outages, and the death of processes.

Pages with a few orders each talk to processes that share a store, in virtual time. Sessions, stores and their timing
are the real ones; connections and the server of the store are fakes. Every order must be answered, with the outcome of
its method, and handled exactly once, or once more for each process that died before its outcome was stored. Pages that
name the predecessor of each order keep their order.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import json
import os
import random
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any, Literal

import pytest

from tests.support import orders, virtual_loop
from tests.support.orders import ORDERS, Order, SoldOut
from tornado_ws import COMPILED
from tornado_ws.channels import DeliveryStore, MemoryBackplane
from tornado_ws.channels.redis.redis_deliveries import CLAIM, LEASE, RELEASE, RedisDeliveryStore
from tornado_ws.client.pending_deliveries import Delivery, PendingDeliveries
from tornado_ws.client.timers import LoopTimers
from tornado_ws.errors import BackplaneDown
from tornado_ws.limits import Limits
from tornado_ws.session.deliveries import DeliveryNotes
from tornado_ws.session.session import Session
from tornado_ws.validation.codec import Codec
from tornado_ws.websocket import ConnectionSettings

HISTORIES = int(os.environ.get("DELIVERY_HISTORIES", "2000")) // 10
CODEC = Codec(ORDERS)
CLIENT_CODEC = Codec(ORDERS, side="client")
LONGEST_OUTAGE = LEASE / 2


class FakeRedis:
    """Values that all processes share, with expiry."""

    def __init__(self) -> None:
        self.values: dict[str, tuple[str, float]] = {}
        self.down = False

    def get(self, key: str) -> str | None:
        value, expires_at = self.values.get(key, ("", 0.0))
        return value if expires_at > asyncio.get_running_loop().time() else None

    def set(self, key: str, value: object, milliseconds: object) -> None:
        assert isinstance(milliseconds, int)
        self.values[key] = (str(value), asyncio.get_running_loop().time() + milliseconds / 1000)

    def call(self, *command: object) -> Any:
        match command:
            case "GET", str(key):
                return self.get(key)
            case "SET", str(key), value, "PX", milliseconds:
                return self.set(key, value, milliseconds)
            case "EXISTS", str(key):
                return int(self.get(key) is not None)
            case "DEL", str(key):
                return self.values.pop(key, None)
            case script, str(key), replaced, str(token), milliseconds if script == CLAIM:
                note = self.get(key)
                if note is None or note == replaced:
                    return self.set(key, token, milliseconds)
                return note
            case script, str(key), token if script == RELEASE:
                return self.values.pop(key, None) if self.get(key) == token else None
        raise AssertionError(command)


class FakeClient:
    """Client of one process; commands take time and fail."""

    def __init__(self, redis: FakeRedis, chance: random.Random, faults: float) -> None:
        self.alive = True
        self._redis = redis
        self._chance = chance
        self._faults = faults

    def key(self, category: str, name: str) -> str:
        return f"{category}:{name}"

    async def run_script(self, script: str, keys: tuple[str, ...], *arguments: object) -> Any:
        return await self.execute(script, *keys, *arguments)

    async def execute(self, *command: object) -> Any:
        await self._travel()
        answer = self._redis.call(*command)
        await self._travel()
        return answer

    async def _travel(self) -> None:
        await asyncio.sleep(self._chance.choice((0.0, 0.001, 0.05)))
        if not self.alive or self._redis.down or self._chance.random() < self._faults:
            raise BackplaneDown("fault")


class Connection:
    """Connection between a page and a process; either may lose it."""

    was_clean = False
    closing = False
    last_broadcast_at = 0.0
    settings = ConnectionSettings()

    def __init__(self) -> None:
        self.received: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.open = True

    def send_text(self, text: bytes, volatile: bool = False, latest: str | None = None) -> None:
        if self.open:
            self.received.put_nowait(text)

    def wait_writable(self) -> None:
        return None

    def lose(self) -> None:
        self.open = False
        self.received.put_nowait(None)


class Process:
    """Process with sessions and a store."""

    def __init__(self, history: History, store: DeliveryStore, client: FakeClient | None) -> None:
        self.alive = True
        self.store = store
        self.connections: dict[Connection, Session] = {}
        self.begun: set[str] = set()
        self._history = history
        self._client = client
        self._tasks: set[asyncio.Task[Any]] = set()

    def connect(self, connection: Connection) -> Session:
        hooks = Hooks()
        session = Session(
            hooks,
            self,
            methods={"order": Process.on_order},
            fast_methods={},
            queue_policies=None,
            codec=CODEC,
            limits=Limits(),
            connection=connection,  # type: ignore[arg-type]
            clock=asyncio.get_running_loop().time,
            context=contextvars.copy_context(),
            delivery_notes=notes(self.store),
        )
        session.start()
        self.connections[connection] = session
        return session

    def lose(self, connection: Connection) -> None:
        connection.lose()
        if (session := self.connections.pop(connection, None)) is not None and self.alive:
            session.connection_lost(None, None)

    async def on_order(self, order: Order) -> None:
        history, task = self._history, asyncio.current_task()
        if not self.alive or task is None:
            raise asyncio.CancelledError
        self._tasks.add(task)
        self.begun.add(order.item)
        history.begun[order.item] += 1
        history.sequence.append(order.item)
        await asyncio.sleep(history.duration[order.item])
        history.completed[order.item] += 1
        if history.fails[order.item]:
            raise SoldOut()

    def die(self) -> None:
        """End without a chance to clean up."""
        self.alive = False
        if self._client is not None:
            self._client.alive = False
        self._history.allowed.update(order for order in self.begun if not self._history.is_stored(order))
        for connection in tuple(self.connections):
            connection.lose()
        for task in self._tasks:
            task.cancel()
        self.store.close()


def notes(store: DeliveryStore) -> DeliveryNotes:
    return DeliveryNotes(store=store, endpoint="orders", user=None, limit=1000)


def frame(order: str, after: int | None = None) -> bytes:
    """Return the frame of an order such as ``0-2``: the third order of the first page."""
    page, _, number = order.partition("-")
    text = orders.frame(order, int(number), f"page{page}".ljust(22, "-"))
    return (text if after is None else f'{{"after":{after},{text[1:]}').encode()


class Hooks:
    """Hooks of a session without effect."""

    async def on_connect(self) -> None: ...
    async def on_disconnect(self) -> None: ...
    async def on_error(self, error: Exception) -> None:
        raise AssertionError(error)

    async def on_resume(self, position: object) -> None: ...
    def close(self, code: int | None = None, reason: str | None = None) -> None: ...


class History:
    """One random history."""

    def __init__(self, seed: int, *, shared: bool, page: Literal["unordered", "ordered", "client"]) -> None:
        self.chance = chance = random.Random(seed)
        self.shared = shared
        self.run_page = {
            "unordered": self.run_unordered_page,
            "ordered": self.run_ordered_page,
            "client": self.run_client,
        }[page]
        self.redis = FakeRedis()
        self.faults = chance.choice((0.0, 0.02, 0.2))
        self.pages = [
            [f"{page}-{number}" for number in range(chance.randint(1, 4))] for page in range(chance.randint(1, 3))
        ]
        everything = [order for page in self.pages for order in page]
        self.duration = {order: chance.choice((0.0, 0.0, 0.1, 1.0, 5.0, 40.0)) for order in everything}
        self.fails = {order: chance.random() < 0.2 for order in everything}
        self.begun: Counter[str] = Counter()
        self.sequence: list[str] = []
        """Orders in the sequence in which their methods began."""
        self.completed: Counter[str] = Counter()
        self.allowed: Counter[str] = Counter()
        """Times that an order may be handled again, because a process died."""
        self.answers: dict[str, list[str]] = {order: [] for order in everything}
        self.processes: list[Process] = []
        self.repetitions: list[asyncio.Future[None]] = []

    async def run(self) -> None:
        for _ in range(2 if self.shared else 1):
            self.start_process()
        faults = asyncio.ensure_future(self.make_faults())
        async with asyncio.timeout(3600), asyncio.TaskGroup() as group:
            for page in self.pages:
                group.create_task(self.run_page(page))
        faults.cancel()
        await asyncio.gather(faults, return_exceptions=True)
        await asyncio.sleep(100)  # repetitions that wait end with their connections
        for process in self.processes:
            process.store.close()

    def is_stored(self, order: str) -> bool:
        """Return True if the outcome of an order is stored for all processes."""
        key = notes(self.processes[0].store).key(CODEC.decode(frame(order)))
        note = self.redis.get(f"delivery:{key}")
        return note is not None and not note.startswith("running:")

    def may_lapse(self, order: str) -> bool:
        """Return True if faults may prevent renewals of a lease during an order: its process then counts as dead."""
        return self.shared and self.duration[order] > LEASE

    def start_process(self) -> None:
        client = FakeClient(self.redis, self.chance, self.faults) if self.shared else None
        clock = asyncio.get_running_loop().time
        store: DeliveryStore = (
            MemoryBackplane(clock=clock).deliveries if client is None else RedisDeliveryStore(client, clock=clock)  # type: ignore[arg-type]
        )
        self.processes.append(Process(self, store, client))

    async def make_faults(self) -> None:
        chance = self.chance
        for _ in range(chance.randint(0, 4)):
            await asyncio.sleep(chance.uniform(0, 10))
            fault = chance.choice(("lose", "lose", "outage", "death"))
            alive = [process for process in self.processes if process.alive]
            process = chance.choice(alive)
            if fault == "lose":
                for connection in tuple(process.connections):
                    process.lose(connection)
            elif fault == "outage":
                self.redis.down = True
                await asyncio.sleep(chance.uniform(0, LONGEST_OUTAGE))
                self.redis.down = False
            elif self.shared:
                self.start_process()
                process.die()

    async def run_unordered_page(self, orders_of_page: list[str]) -> None:
        """Send all orders without an answer on each connection, until all are answered."""
        chance = self.chance
        open_orders = dict(enumerate(orders_of_page))
        while open_orders:
            process = chance.choice([process for process in self.processes if process.alive])
            connection = Connection()
            receive = process.connect(connection).receive
            for order in open_orders.values():
                for _ in range(chance.choice((1, 1, 1, 2))):
                    receive(frame(order))
            life = chance.choice((0.01, 1.0, 7.0, 300.0))
            try:
                async with asyncio.timeout(life):
                    while open_orders and (text := await connection.received.get()) is not None:
                        self.receive_answer(json.loads(text), open_orders, receive)
            except TimeoutError:
                pass
            if chance.random() < 0.9:
                process.lose(connection)
            await asyncio.sleep(chance.choice((0.0, 0.5, 3.0)))

    async def run_ordered_page(self, orders_of_page: list[str]) -> None:
        """Send orders in sequence; repeat those that were not handled once all others are answered."""
        chance = self.chance
        open_orders = dict(enumerate(orders_of_page))
        while open_orders:
            process = chance.choice([process for process in self.processes if process.alive])
            connection = Connection()
            receive = process.connect(connection).receive
            try:
                async with asyncio.timeout(chance.choice((0.01, 1.0, 7.0, 300.0))):
                    while open_orders and await self.send_in_sequence(open_orders, connection, receive):
                        pass
            except TimeoutError:
                pass
            if chance.random() < 0.9:
                process.lose(connection)
            await asyncio.sleep(chance.choice((0.0, 0.5, 3.0)))

    async def run_client(self, orders_of_page: list[str]) -> None:
        """Send orders with the real rule of clients for Python, which names the predecessor of each."""
        chance = self.chance
        receive: Callable[[bytes], Any] | None = None

        def write(text: bytes) -> None:
            if receive is not None:
                receive(text)

        deliveries = PendingDeliveries(ORDERS.client, CODEC.application_errors, write=write, timers=LoopTimers())
        for number, order in enumerate(orders_of_page):
            answers = self.answers[order]
            delivery = Delivery(
                id=number,
                message=ORDERS.client[0],
                text=frame(order),
                on_ack=partial(answers.append, "$ack"),
                on_error=lambda error, answers=answers: answers.append(getattr(error, "code", type(error).__name__)),  # type: ignore[misc]
            )
            deliveries.add(delivery)
        while len(deliveries):
            process = chance.choice([process for process in self.processes if process.alive])
            connection = Connection()
            receive = process.connect(connection).receive
            deliveries.open()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(chance.choice((0.01, 1.0, 7.0, 300.0))):
                    while len(deliveries) and (text := await connection.received.get()) is not None:
                        received = CLIENT_CODEC.decode(text)
                        if received.kind == "ack":
                            deliveries.acknowledge(received.re or 0)
                        elif received.kind == "error":
                            deliveries.reject(received.re or 0, received.data)
            receive = None
            deliveries.stop()
            if chance.random() < 0.9:
                process.lose(connection)
            await asyncio.sleep(chance.choice((0.0, 0.5, 3.0)))

    async def send_in_sequence(
        self, open_orders: dict[int, str], connection: Connection, receive: Callable[[bytes], Any]
    ) -> bool:
        """Send some of the open orders, and wait for an answer to each; return False if the connection is lost."""
        numbers = [*open_orders][: self.chance.choice((1, 2, 4))]
        for after, number in zip([None, *numbers], numbers, strict=False):
            receive(frame(open_orders[number], after))
            await asyncio.sleep(self.chance.choice((0.0, 0.0, 0.3)))
        pause = 0.0
        for _ in numbers:
            text = await connection.received.get()
            if text is None:
                return False
            received = json.loads(text)
            answer = "$ack" if received["type"] == "$ack" else received["data"]["code"]
            if answer == "unavailable":
                pause = max(pause, received["data"]["retryAfterMs"] / 1000)
            else:
                self.answers[open_orders.pop(received["re"])].append(answer)
        await asyncio.sleep(pause)
        return True

    def receive_answer(
        self, received: dict[str, Any], open_orders: dict[int, str], receive: Callable[[bytes], Any]
    ) -> None:
        order = open_orders.get(received["re"])
        if order is None:
            return
        answer = "$ack" if received["type"] == "$ack" else received["data"]["code"]
        if answer == "unavailable":
            seconds = received["data"]["retryAfterMs"] / 1000
            self.repetitions.append(asyncio.ensure_future(self.repeat(receive, frame(order), seconds)))
            return
        self.answers[order].append(answer)
        del open_orders[received["re"]]

    async def repeat(self, receive: Callable[[bytes], Any], text: bytes, seconds: float) -> None:
        await asyncio.sleep(seconds)
        receive(text)


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.skipif(COMPILED, reason="a compiled session accepts only the real connection")
@pytest.mark.parametrize("page", ["unordered", "ordered", "client"])
@pytest.mark.parametrize("shared", [False, True], ids=["memory", "redis"])
def test_every_order_is_handled_once_and_answered(
    shared: bool, page: Literal["unordered", "ordered", "client"]
) -> None:
    deaths = repeated = given_up = 0
    for seed in range(HISTORIES):
        history = History(seed, shared=shared, page=page)
        virtual_loop.run(history.run())
        for order, answers in history.answers.items():
            outcome = "sold_out" if history.fails[order] else "$ack"
            context = f"seed {seed}, order {order}"
            if page == "client" and answers == ["RequestTimeout"]:
                given_up += 1
            else:
                assert [outcome] == answers, context
                assert 1 <= history.completed[order], context
            assert history.begun[order] <= 1 + history.allowed[order] + history.may_lapse(order), context
        if page != "unordered":
            first = [*dict.fromkeys(history.sequence)]
            for orders_of_page in history.pages:
                begun = [order for order in orders_of_page if order in first]
                assert begun == [order for order in first if order in orders_of_page], f"seed {seed}"
        deaths += sum(history.allowed.values()) > 0
        repeated += any(count > 1 for count in history.begun.values())

    assert given_up <= HISTORIES / 10
    assert not shared or min(deaths, repeated) > HISTORIES / 50  # the histories reach what they must
