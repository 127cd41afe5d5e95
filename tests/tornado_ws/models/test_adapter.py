"""Handlers with message classes of msgspec and of Pydantic, over loopback connections."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from codegen.emit.python import Models
from tests.codegen.support.package import module
from tornado_ws import InvalidMessage, RequestFailed
from tornado_ws.validation.codec import Codec

CLOSED = {"type": "object", "additionalProperties": False}
TEXT = {**CLOSED, "properties": {"text": {"type": "string", "maxLength": 100}}, "required": ["text"]}
STRING, INTEGER = {"type": "string"}, {"type": "integer"}
LAB = {
    "kind": "persistent",
    "path": "/lab/{room}",
    "params": {
        **CLOSED,
        "properties": {
            "room": {"type": "string", "maxLength": 10},
            "level": {"type": "integer", "minimum": 1, "default": 1},
            "tags": {"type": "array", "items": STRING},
            "kind": {"enum": ["a", 2]},
            "ratio": {"type": "number"},
            "text": {"type": ["string", "null"]},
        },
        "required": ["room"],
    },
    "clientMessages": {
        "say": {"payload": {"$ref": "#/$defs/Line"}},
        "nudge": {},
        "many": {"payload": {"type": "array", "items": INTEGER}},
        "history": {"payload": {"$ref": "#/$defs/Query"}, "reply": {"$ref": "#/$defs/Page"}},
        "count": {"payload": INTEGER, "stream": {"$ref": "#/$defs/Line"}},
    },
    "serverMessages": {
        "said": {"payload": {"$ref": "#/$defs/Said"}, "replay": 5},
        "again": {"payload": {"$ref": "#/$defs/Line"}},
        "note": {"payload": STRING},
        "price": {"payload": {"$ref": "#/$defs/Price"}, "latest": "/symbol"},
        "confirm": {"payload": {"$ref": "#/$defs/Line"}, "reply": {"type": "boolean"}},
    },
    "$defs": {
        "Line": {**TEXT, "properties": {"text": {"type": "string", "minLength": 1, "maxLength": 100}}},
        "Said": TEXT,
        "Query": {**CLOSED, "properties": {"limit": {"type": "integer", "default": 2}}},
        "Page": {
            **CLOSED,
            "properties": {"lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}}},
            "required": ["lines"],
        },
        "Price": {**CLOSED, "properties": {"symbol": STRING, "value": INTEGER}, "required": ["symbol", "value"]},
    },
}
JOB = {
    "kind": "ephemeral",
    "ticket": {**CLOSED, "properties": {"job": INTEGER, "note": STRING}, "required": ["job"]},
    "serverMessages": {"done": {"payload": INTEGER}},
}
ROOM = {"room": "a"}


@pytest.fixture(params=["msgspec", "pydantic"])
def models(request: pytest.FixtureRequest) -> Models:
    return "pydantic" if request.param == "pydantic" else "msgspec"


@pytest.fixture
def lab(tmp_path: Path, models: Models) -> ModuleType:
    return module(tmp_path, {"lab.json": LAB}, name="lab", models=models)


@pytest.fixture
def job(tmp_path: Path, models: Models) -> ModuleType:
    return module(tmp_path, {"job.json": JOB}, name="job", models=models)


@pytest.fixture
def handler(lab: ModuleType) -> Any:
    class Lab(lab.LabHandler):  # type: ignore[name-defined, misc]
        async def on_connect(self) -> None:
            await self.join(self.params.room)

        async def on_say(self, say: Any, /) -> None:
            await self.room(self.params.room).send(lab.Said(text=say.text))

        async def on_nudge(self) -> None:
            sure = await self.send_request(lab.Confirm(text="sure?"))
            await self.send(lab.Note(f"{sure} {self.params.level}"))

        async def on_many(self, many: Any, /) -> None:
            await self.send(lab.Note("x" * sum(many)))
            await self.send(lab.Again(text="x" * sum(many)))

        async def on_history(self, query: Any, /) -> Any:
            return lab.Page(lines=[lab.Line(text=str(at) * (query.limit > 0)) for at in range(abs(query.limit))])

        async def on_count(self, count: int, /) -> AsyncIterator[Any]:
            for number in range(count):
                yield lab.Line(text=str(number))

    return Lab


@pytest.mark.gen_test
async def test_message_is_sent_to_the_room(app, sockets, connect, handler, lab):
    app.add_handlers(".*", sockets.persistent(handler))

    async with connect(handler, ROOM) as ann, connect(handler, lab.LabParams(room="a", level=2)) as bob:
        await ann.send(lab.Say(text="hi"))

        assert lab.Said(text="hi") == await ann.expect(lab.Said)
        assert "hi" == (await bob.expect(lab.Said)).text


@pytest.mark.gen_test
async def test_subclasses_of_messages_are_sent(app, sockets, connect, lab):
    class LoudSaid(lab.Said, frozen=True):
        @property
        def loud(self) -> str:
            return self.text.upper()

    class Tick(lab.Price, frozen=True):
        pass

    class Lab(lab.LabHandler):
        async def on_connect(self) -> None:
            await self.join(self.params.room)

        async def on_say(self, say: Any, /) -> None:
            await self.send(LoudSaid(text=say.text))
            await self.send(Tick(symbol="x", value=2))
            await self.room(self.params.room).send(LoudSaid(text=say.text))

        async def on_nudge(self) -> None: ...
        async def on_many(self, many: Any, /) -> None: ...
        async def on_history(self, query: Any, /) -> Any: ...
        async def on_count(self, count: int, /) -> AsyncIterator[Any]:
            yield

    app.add_handlers(".*", sockets.persistent(Lab))

    class LoudSay(lab.Say, frozen=True):
        pass

    async with connect(Lab, ROOM) as ann:
        await ann.send(LoudSay(text="hi"))

        assert "hi" == (await ann.expect(lab.Said)).text
        assert 2 == (await ann.expect(lab.Price)).value
        assert "hi" == (await ann.expect(lab.Said)).text


@pytest.mark.gen_test
async def test_requests_and_streams_are_answered_in_both_directions(app, sockets, connect, handler, lab):
    app.add_handlers(".*", sockets.persistent(handler))

    async with connect(handler, lab.LabParams(room="a", level=3)) as ann:
        ann.answer(lab.Confirm, lambda question: question.text == "sure?")
        await ann.send(lab.Nudge())

        assert lab.Note("True 3") == await ann.expect(lab.Note)
        assert lab.Page(lines=[lab.Line(text="0"), lab.Line(text="1")]) == await ann.request(lab.History())
        assert 4 == len((await ann.request(lab.History(limit=4))).lines)
        assert ["0", "1"] == [line.text async for line in ann.stream(lab.Count(2))]


@pytest.mark.gen_test
async def test_invalid_messages_are_rejected_in_both_directions(app, sockets, connect, handler, lab):
    failed: list[Exception] = []

    class Watched(handler):
        async def on_error(self, error: Exception) -> None:
            failed.append(error)

    app.add_handlers(".*", sockets.persistent(Watched))

    async with connect(Watched, ROOM) as ann:
        await ann.send_text('{"type": "say", "data": {"text": ""}}')
        error = await ann.expect_error("invalid_message")
        assert ("/text", "minLength", 1) == (error.pointer, error.keyword, error.expected)
        await ann.send(lab.Many([101]))
        assert 101 == len((await ann.expect(lab.Note)).data)
        await ann.expect_error("internal")
        await ann.expect_nothing(0.05)
        with pytest.raises(RequestFailed) as refused:
            await ann.request(lab.History(limit=-1))

    if isinstance(failed[0], InvalidMessage):
        assert ("/text", "maxLength") == (failed[0].error.pointer, failed[0].error.keyword)
    else:  # rejected by the constructor of the model
        assert "at most 100 characters" in str(failed[0])
    assert "internal" == refused.value.error.code


def test_params_are_converted_from_text(lab):
    codec = Codec(lab.LAB)

    params = codec.params({"room": "1", "level": "2", "tags": "x", "kind": "2", "ratio": "1.5", "text": "null"})

    assert ("1", 2, ["x"], 2, 1.5, "null") == (
        params.room,
        params.level,
        params.tags,
        params.kind,
        params.ratio,
        params.text,
    )
    assert 1 == codec.params(ROOM).level


@pytest.mark.gen_test
async def test_messages_are_kept_and_coalesced(app, sockets, connect, handler, lab):
    app.add_handlers(".*", sockets.persistent(handler))

    async with connect(handler, ROOM) as ann:
        await sockets.room(handler, "a").send(lab.Said(text="one"))
        await sockets.room(handler, "a").send(lab.Price(symbol="x", value=1))

        assert lab.Said(text="one") == await ann.expect(lab.Said)
        assert 1 == (await ann.expect(lab.Price)).value
        assert 1 == ann.channels.get().position.seq


@pytest.mark.gen_test
async def test_ticket_is_passed_to_the_handler(app, sockets, connect, job, http_client, base_url):
    class Job(job.JobHandler):
        async def on_connect(self) -> None:
            await self.send(job.Done(self.ticket.job))

    class Start(job.JobAction):
        async def make_ticket(self, *args: Any, **kwargs: Any) -> Any:
            return job.JobTicket(job=7)

    app.add_handlers(".*", [*sockets.ephemeral(Job), sockets.action("/start", Start)])
    answer = await http_client.fetch(f"{base_url}/start", method="POST", body="")

    async with connect(Job, url=json.loads(answer.body)["url"]) as ann:
        assert job.Done(7) == await ann.expect(job.Done)


def test_runtime_does_not_import_pydantic():
    code = "import sys, tornado_ws, tornado_ws.testing; sys.exit('pydantic' in sys.modules)"

    assert 0 == subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=False).returncode
