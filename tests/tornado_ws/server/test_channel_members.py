from __future__ import annotations

from dataclasses import dataclass, field

from tornado_ws.channels import Channel
from tornado_ws.server.channel_members import ChannelMembers


@dataclass(frozen=True)
class FakeMember:
    connection_id: str
    has_subprotocol: bool = True
    connection: object = field(default_factory=object)


ANN, BOB, OLD = FakeMember("ann"), FakeMember("bob"), FakeMember("old", has_subprotocol=False)


def members(*joined: FakeMember) -> ChannelMembers[FakeMember]:
    channel: ChannelMembers[FakeMember] = ChannelMembers(Channel("chat", "lobby"))
    for member in joined:
        channel.add(member)
    return channel


def test_member_is_added_and_removed_once():
    channel = members()

    assert channel.add(ANN)
    assert not channel.add(ANN)
    assert ANN in channel
    assert len(channel) == 1
    assert channel.remove(ANN)
    assert not channel.remove(ANN)
    assert not channel.used


def test_recipients_follow_the_members():
    channel = members(ANN, OLD)
    assert channel.recipients() == ([ANN.connection], [OLD.connection])
    assert channel.recipients() is channel.recipients()

    channel.add(BOB)
    channel.remove(ANN)

    assert channel.recipients() == ([BOB.connection], [OLD.connection])


def test_recipients_are_split_by_id():
    channel = members(ANN, BOB, OLD)

    others, excluded = channel.split(frozenset({"bob", "old", "of another process"}))
    assert others == ([ANN.connection], [])
    assert excluded == ([BOB.connection], [OLD.connection])
    everybody, nobody = channel.split(frozenset({"of another process"}))
    assert everybody is channel.recipients()
    assert nobody == ((), ())


def test_closed_connection_is_no_recipient():
    channel = members(FakeMember("closed", connection=None))

    assert channel.recipients() == ([], [])
