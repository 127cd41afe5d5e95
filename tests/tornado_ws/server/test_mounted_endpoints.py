from __future__ import annotations

import pytest

from tests.support.lab import Job, JobAction, JobHandler, Lab, LabHandler, Line, StartJob
from tornado_ws import ConfigurationError, IncompleteHandler, WebSocketController, authenticated

ROOM = {"room": "a"}


def test_missing_methods_are_reported_when_mounting(sockets):
    class Half(LabHandler):
        async def on_say(self, say: Line) -> None: ...

        async def on_nudge(self) -> None: ...

    name = Half.__qualname__
    with pytest.raises(TypeError, match=f"{name} lacks on_count, on_echo, on_limited"):
        sockets.persistent(Half)  # type: ignore[type-abstract]
    with pytest.raises(IncompleteHandler, match="JobHandler lacks on_stop"):
        sockets.ephemeral(JobHandler)  # type: ignore[type-abstract]
    with pytest.raises(IncompleteHandler, match="JobAction lacks make_ticket"):
        sockets.action("/", JobAction)  # type: ignore[type-abstract]


def test_endpoint_can_be_mounted_once(sockets):
    sockets.persistent(Lab)

    with pytest.raises(ConfigurationError, match="lab is already mounted"):
        sockets.persistent(Lab)


def test_unmounted_endpoint_is_an_error(sockets):
    with pytest.raises(ConfigurationError, match="lab is not mounted by this controller"):
        sockets.room(Lab, "a")


@pytest.mark.parametrize(
    ("mount", "message"),
    [
        (
            lambda sockets: sockets.persistent(Job),
            "handler: expected PersistentHandler, got Job; mount it with sockets.ephemeral(…)",
        ),
        (
            lambda sockets: sockets.ephemeral(Lab),
            "handler: expected EphemeralHandler, got Lab; mount it with sockets.persistent(…)",
        ),
        (
            lambda sockets: sockets.ticketed(Job),
            "handler: expected PersistentHandler, got Job; mount it with sockets.ephemeral(…)",
        ),
        (
            lambda sockets: sockets.ephemeral(StartJob),
            "handler: expected EphemeralHandler, got StartJob; mount it with sockets.action(…)",
        ),
        (
            lambda sockets: sockets.action("/", Job),
            "handler: expected Action, got Job; mount it with sockets.ephemeral(…)",
        ),
        (lambda sockets: sockets.persistent("Lab"), "handler: expected a subclass of PersistentHandler, got 'Lab'"),
        (lambda sockets: sockets.persistent(Lab, limits=5), "limits: expected Limits or None, got 5"),
        (
            lambda sockets: sockets.persistent(Lab, path="/x/{y}"),
            "path: expected names among room, level, tags, got y in '/x/{y}'",
        ),
        (
            lambda sockets: sockets.action("/", StartJob),
            "endpoint: long-job is not mounted by this controller; mount its handler first",
        ),
    ],
)
def test_unusable_handler_is_not_mounted(mount, message):
    with pytest.raises(ConfigurationError) as refused:
        mount(WebSocketController())

    assert message == str(refused.value)


@pytest.mark.parametrize("guards", [authenticated, [True]])
def test_guards_are_a_list_of_functions(guards):
    with pytest.raises(ConfigurationError, match=r"guards: expected a (list|function), got"):
        WebSocketController().persistent(Lab, guards=guards)
