from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator

import pytest

from tests.lab import Confirm, Count, Echo, Lab, Limited, Line, Note, Nudge, Said, Say
from tornado_ws import (
    ApplicationError,
    CloseCode,
    ConnectionClosed,
    InvalidMessage,
    Limits,
    RequestFailed,
    RequestTimeout,
)


@pytest.mark.gen_test
async def test_message_reaches_its_method_and_room(app, sockets, connect):
    app.add_handlers(".*", sockets.persistent(Lab))

    async with connect(Lab, {"room": "a"}) as ann, connect(Lab, {"room": "a"}) as bob:
        await ann.send(Say(text="hi"))

        assert Said(text="hi") == await ann.expect(Said)
        assert Said(text="hi") == await bob.expect(Said)
