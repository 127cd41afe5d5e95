from __future__ import annotations

import asyncio
import time

import pytest

from tornado_ws.channels import Position
from tornado_ws.endpoint import Replay
from tornado_ws.server.endpoint_channels import EndpointChannels
from tornado_ws.websocket import WriteBatch

from .fake_channels import LOBBY, FakeBackplane, FakeMember, kept

HISTORY = Replay(5)
START = Position("e", 0, "")


def make(backplane: FakeBackplane, *members: FakeMember, history: Replay | None = HISTORY) -> EndpointChannels:
    channels: EndpointChannels[FakeMember] = EndpointChannels("chat", backplane, history, clock=time.monotonic)
    for member in members:
        channels.registry.add(member)
    return channels


def types(*members: FakeMember) -> list[list[str]]:
    WriteBatch.current()._send_broadcasts()
    return [member.connection.types for member in members]


@pytest.mark.gen_test
async def test_first_member_follows_the_channel_and_the_last_one_ends_it():
    backplane = FakeBackplane()
    ann, bob = FakeMember("ann"), FakeMember("bob")
    channels = make(backplane, ann, bob)
    for member in (ann, bob):
        await channels.join(member, "lobby")

    channels.leave(ann, "lobby")
    channels.leave(ann, "lobby")
    channels.registry.remove(bob)

    assert [("follow", LOBBY), ("unfollow", LOBBY)] == backplane.calls


@pytest.mark.gen_test
async def test_second_member_joins_without_waiting():
    backplane = FakeBackplane()
    backplane.positions[LOBBY] = START
    ann, bob = FakeMember("ann"), FakeMember("bob")
    channels = make(backplane, ann, bob)
    await channels.join(ann, "lobby")
    backplane.followed.clear()

    joining = channels.join(bob, "lobby")
    with pytest.raises(StopIteration):
        joining.send(None)

    assert [["$joined"], ["$joined"]] == types(ann, bob)
    assert ann.connection.frames == bob.connection.frames
    assert ann.connection.frames[0]["data"]["channel"] == LOBBY.id


@pytest.mark.gen_test
async def test_members_that_wait_for_the_backplane_receive_nothing_before_joined():
    backplane = FakeBackplane()
    backplane.followed.clear()
    ann, bob = FakeMember("ann"), FakeMember("bob")
    channels = make(backplane, ann, bob)
    joining = [asyncio.create_task(channels.join(member, "lobby")) for member in (ann, bob)]
    await asyncio.sleep(0)
    channels.deliver_kept(kept(1))

    backplane.positions[LOBBY] = kept(1).position
    backplane.followed.set()
    await asyncio.gather(*joining)
    channels.deliver_kept(kept(2))

    assert [["$joined", "said 2"]] * 2 == types(ann, bob)


@pytest.mark.gen_test
async def test_channel_stays_followed_if_the_last_member_leaves_while_another_one_waits():
    backplane = FakeBackplane()
    backplane.followed.clear()
    ann, bob = FakeMember("ann"), FakeMember("bob")
    channels = make(backplane, ann, bob)
    first = asyncio.create_task(channels.join(ann, "lobby"))
    await asyncio.sleep(0)
    channels.registry.open("lobby").followed = True
    first_channel = channels.registry.open("lobby")
    await channels.join(bob, "lobby")
    channels.leave(bob, "lobby")

    assert ("unfollow", LOBBY) not in backplane.calls
    backplane.followed.set()
    await first
    assert channels.registry.channel("lobby") is first_channel
    assert ann in first_channel


@pytest.mark.gen_test
@pytest.mark.parametrize("end", ["closed", "cancelled"])
async def test_connection_that_ends_while_it_waits_leaves_nothing(end: str):
    backplane = FakeBackplane()
    backplane.followed.clear()
    ann = FakeMember("ann")
    channels = make(backplane, ann)
    joining = asyncio.create_task(channels.join(ann, "lobby"))
    await asyncio.sleep(0)

    if end == "closed":
        channels.registry.remove(ann)
        backplane.followed.set()
    else:
        joining.cancel()
    await asyncio.wait((joining,))

    assert channels.registry.channel("lobby") is None
    assert [("follow", LOBBY), ("unfollow", LOBBY)] == backplane.calls
    assert [[]] == types(ann)


@pytest.mark.gen_test
@pytest.mark.parametrize("again", [False, True])
async def test_room_left_while_the_join_waits_is_not_joined(again: bool):
    backplane = FakeBackplane()
    backplane.followed.clear()
    ann, bob = FakeMember("ann"), FakeMember("bob")
    channels = make(backplane, ann, bob)
    joining = [asyncio.create_task(channels.join(member, "lobby")) for member in (ann, bob)]
    await asyncio.sleep(0)

    channels.leave(ann, "lobby")
    if again:
        joining.append(asyncio.create_task(channels.join(ann, "lobby")))
        await asyncio.sleep(0)
    backplane.followed.set()
    await asyncio.wait(joining)

    assert {"bob", *(["ann"] if again else [])} == {
        member.connection_id for member in channels.registry.members("lobby")
    }


@pytest.mark.gen_test
async def test_closed_connection_does_not_follow_a_channel():
    backplane = FakeBackplane()
    channels = make(backplane)

    await channels.join(FakeMember("ann"), "lobby")

    assert [] == backplane.calls
    assert channels.registry.channel("lobby") is None


@pytest.mark.gen_test
async def test_position_that_becomes_known_later_is_sent_as_joined_then_as_reset():
    backplane = FakeBackplane()
    ann, old = FakeMember("ann"), FakeMember("old", has_subprotocol=False)
    channels = make(backplane, ann, old)
    await channels.join(ann, "lobby")
    await channels.join(old, "lobby")
    assert [[], []] == types(ann, old)

    channels.reset(LOBBY, START)
    channels.reset(LOBBY, Position("new", 0, ""))
    channels.reset(LOBBY._replace(room="attic"), START)

    assert [["$joined", "$reset"], []] == types(ann, old)
    assert ann.cancelled == [channels.registry.channel("lobby").number]
    assert "new" == ann.connection.frames[-1]["data"]["epoch"]


@pytest.mark.gen_test
async def test_members_without_a_position_get_joined_with_the_next_member_or_message():
    backplane = FakeBackplane()
    ann, bob, eve = FakeMember("ann"), FakeMember("bob"), FakeMember("eve")
    channels = make(backplane, ann, bob, eve)
    await channels.join(ann, "lobby")
    backplane.positions[LOBBY] = START
    await channels.join(bob, "lobby")
    await channels.join(ann, "attic")
    channels.deliver_kept(kept(3)._replace(channel=LOBBY._replace(room="attic")))

    assert [["$joined", "$joined", "said 3"], ["$joined"]] == types(ann, bob)
    assert ("2", 2) == (ann.connection.frames[1]["data"]["mark"], ann.connection.frames[1]["data"]["seq"])


@pytest.mark.gen_test
async def test_kept_message_is_numbered_skipped_or_plain():
    backplane = FakeBackplane()
    backplane.positions[LOBBY] = START
    ann, bob, old = FakeMember("ann"), FakeMember("bob"), FakeMember("old", has_subprotocol=False)
    channels = make(backplane, ann, bob, old)
    for member in (ann, bob, old):
        await channels.join(member, "lobby")

    channels.deliver_kept(kept(1))
    channels.deliver_kept(kept(2, exclude=frozenset({"bob", "old"})))
    channels.deliver_kept(kept(3))

    assert [
        ["$joined", "said 1", "said 2", "said 3"],
        ["$joined", "said 1", "$skip 2", "said 3"],
        ["said", "said"],
    ] == types(ann, bob, old)


@pytest.mark.gen_test
async def test_leaving_is_confirmed_and_ends_a_resume():
    backplane = FakeBackplane()
    backplane.positions[LOBBY] = START
    ann = FakeMember("ann")
    channels = make(backplane, ann)
    await channels.join(ann, "lobby")
    number = channels.registry.channel("lobby").number

    channels.leave(ann, "lobby")

    assert [["$joined", "$left"]] == types(ann)
    assert ann.connection.frames[-1]["data"] == {"ch": number}
    assert ann.cancelled == [number]


@pytest.mark.gen_test
async def test_endpoint_without_kept_messages_sends_no_frames_about_channels():
    backplane = FakeBackplane()
    backplane.positions[LOBBY] = START
    ann = FakeMember("ann")
    channels = make(backplane, ann, history=None)

    await channels.join(ann, "lobby")
    channels.leave(ann, "lobby")

    assert [[]] == types(ann)
