from __future__ import annotations

import json

import pytest

from tests.support.presence_hub import Hub
from tornado_ws.channels import Channel, KeptMessage, Position, Publication
from tornado_ws.presence.shared_presence import BEATS


@pytest.fixture
def hub() -> Hub:
    return Hub()


def texts(process) -> list[dict]:
    return [json.loads(one.text) for one in process.backplane.sent if one.channel != BEATS]


@pytest.mark.gen_test
async def test_processes_see_the_devices_of_each_other(hub):
    first, second = await hub.start(), await hub.start()
    ann = first.track("ann")
    second.track("bob")
    await hub.settle()
    assert first.keys == second.keys == ["ann", "bob"]

    first.room.set.untrack(ann)
    first.room.changed()
    await hub.settle()
    assert first.keys == second.keys == ["bob"]


@pytest.mark.gen_test
async def test_new_process_asks_the_others(hub):
    first = await hub.start()
    first.track("ann")
    await hub.settle()

    second = await hub.start()
    await hub.settle()

    assert second.keys == ["ann"]


@pytest.mark.gen_test
async def test_changes_of_one_iteration_are_one_message(hub):
    first = await hub.start()
    await hub.settle()
    first.backplane.sent.clear()

    for number in range(50):
        first.track(f"user {number}")
    await hub.settle()

    assert [len(text["entries"]) for text in texts(first)] == [50]
    assert len(first.changes) == 1


@pytest.mark.gen_test
async def test_many_entries_are_sent_in_parts(hub):
    first = await hub.start()
    for number in range(30):
        first.track(f"user {number}", b'"%b"' % (b"x" * 10_000))
    second = await hub.start()
    await hub.settle()

    assert len(second.keys) == 30
    assert all(len(one.text) < 80_000 for one in first.backplane.sent)


@pytest.mark.gen_test
async def test_entries_of_a_dead_process_end_with_its_lease(hub):
    first, second = await hub.start(), await hub.start()
    first.track("ann")
    second.track("bob")
    await hub.settle()

    await hub.pass_time(9, paused=[first])
    assert second.keys == ["ann", "bob"]
    await hub.pass_time(4, paused=[first])

    assert second.keys == ["bob"]


@pytest.mark.gen_test
async def test_signs_of_life_keep_entries(hub):
    first, second = await hub.start(), await hub.start()
    first.track("ann")
    await hub.settle()
    sent = len(texts(first))

    await hub.pass_time(60)

    assert second.keys == ["ann"]
    assert len(texts(first)) == sent


@pytest.mark.gen_test
async def test_paused_process_that_returns_states_its_entries_again(hub):
    first, second = await hub.start(), await hub.start()
    first.track("ann")
    second.track("bob")
    await hub.pass_time(20, paused=[first])
    assert second.keys == ["bob"]

    await hub.pass_time(1)

    assert first.keys == second.keys == ["ann", "bob"]
    await hub.pass_time(30)
    assert first.keys == second.keys == ["ann", "bob"]


@pytest.mark.gen_test
async def test_process_that_was_cut_off_returns_with_its_entries_and_changes(hub):
    first, second = await hub.start(), await hub.start()
    ann = first.track("ann")
    second.track("bob")
    await hub.settle()

    first.cut()
    first.room.set.untrack(ann)
    first.track("eve")
    await hub.pass_time(20)
    assert first.keys == ["bob", "eve"]  # a process that hears nobody does not judge the others
    assert second.keys == ["bob"]

    second.track("dan")
    await hub.settle()
    first.mend()
    await hub.pass_time(4)
    assert first.keys == second.keys == ["bob", "dan", "eve"]


@pytest.mark.gen_test
async def test_entries_that_ended_by_mistake_are_asked_for(hub):
    first, second = await hub.start(), await hub.start()
    first.track("ann")
    await hub.pass_time(1)
    second.backplane.followed.discard(BEATS)  # all signs of life are lost, without any sign of it
    await hub.pass_time(14)
    assert second.keys == []

    second.backplane.followed.add(BEATS)
    await hub.pass_time(6)

    assert second.keys == ["ann"]
    rounds = first.shared.round
    await hub.pass_time(20)
    assert first.shared.round == rounds


@pytest.mark.gen_test
async def test_change_that_could_not_be_sent_is_sent_with_the_next_sign_of_life(hub):
    first, second = await hub.start(), await hub.start()
    ann = first.track("ann")
    await hub.settle()

    first.backplane.is_down = True
    first.room.set.untrack(ann)
    first.used = False
    first.room.changed()
    await hub.settle()
    assert not first.ended
    first.backplane.is_down = False
    await hub.pass_time(4)

    assert second.keys == []
    assert first.ended


@pytest.mark.gen_test
async def test_device_that_moves_to_another_process_is_no_change(hub):
    first, second = await hub.start(), await hub.start()
    ann = first.track("ann")
    await hub.settle()
    for process in (first, second):
        process.changes.clear()

    first.room.set.leave(ann, hub.clock.now)
    first.room.schedule(hub.clock.now + 10)
    first.room.changed()
    await hub.settle()
    second.track("ann")
    await hub.pass_time(20)

    assert first.changes == second.changes == []
    assert first.keys == second.keys == ["ann"]


@pytest.mark.gen_test
async def test_devices_of_a_process_that_shuts_down_can_move_to_another_one(hub):
    first, second = await hub.start(), await hub.start()
    ann = first.track("ann")
    await hub.settle()
    second.changes.clear()

    first.room.set.leave(ann, hub.clock.now)
    await first.shared.stop()
    first.shared.close()
    second.track("ann")
    await hub.pass_time(20, paused=[first])

    assert second.changes == []
    assert second.keys == ["ann"]


@pytest.mark.gen_test
async def test_presence_without_clients_and_entries_ends(hub):
    first = await hub.start()
    ann = first.track("ann")
    first.used = False
    await hub.settle()
    assert not first.ended

    first.room.set.untrack(ann)
    first.room.changed()
    await hub.settle()

    assert first.ended
    assert first.room.channel not in first.backplane.followed
    await hub.pass_time(10)
    assert len(first.deadlines) == 0


@pytest.mark.gen_test
async def test_messages_of_other_versions_are_ignored(hub):
    first = await hub.start()
    first.shared.deliver(Publication(channel=BEATS, name="$presence", text=b'{"v":2}'))
    kept = KeptMessage(first.room.channel, Position("e", 1, ""), "", b"[]", frozenset(), 0.0)
    first.shared.deliver_kept(kept)
    first.shared.reset(Channel("$presence:other"))

    assert first.keys == []
