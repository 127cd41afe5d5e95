from __future__ import annotations

import functools
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import cached_property
from typing import Any

import pytest
import tornado.web
from tornado import gen
from tornado.web import RequestHandler
from tornado.websocket import WebSocketHandler

from tests.support.lab import Echo, Job, JobAction, JobTicket, Lab, LabHandler, Line, Note, StartJob
from tornado_ws import ConfigurationError, IncompleteHandler, PersistentHandler, WebSocketController, same_session

ROOM = {"room": "a"}
OVERRIDES = {
    "open": "override on_connect",
    "get": "override prepare, or add a guard",
    "on_close": "override on_disconnect",
    "on_message": "override the on_… methods of messages",
    "receive_text": "override the on_… methods of messages",
    "receive_binary": "override the on_… methods of messages",
    "write_message": "call send",
    "close": "call it; override on_disconnect to run code at the end",
    "check_origin": "set the controller's origins",
    "send": "choose another name",
    "join": "choose another name",
    "abort": "choose another name",
    "accept_handshake": "choose another name",
    "get_websocket_protocol": "choose another name",
    "handle_failure": "choose another name",
    "send_heartbeat": "choose another name",
    "on_ws_connection_close": "choose another name",
    "max_message_size": "set limits.message_bytes",
}


@pytest.mark.parametrize(("method", "hint"), OVERRIDES.items())
@pytest.mark.parametrize("inherited", [False, True])
def test_handler_that_overrides_a_final_method_is_not_mounted(method, hint, inherited):
    overriding = {method: lambda self: None}
    mixin = type("Mixin", (RequestHandler,), overriding)
    handler = type("Mine", (mixin, Lab), {}) if inherited else type("Mine", (Lab,), overriding)
    owner = "its base class Mixin " if inherited else ""

    with pytest.raises(ConfigurationError) as refused:
        WebSocketController().persistent(handler)

    assert f"Mine: {owner}overrides {method}, which is final; {hint}" == str(refused.value)


PROPERTIES = ("address", "connected_at", "uptime", "last_activity", "connection", "ping_interval")


@pytest.mark.parametrize("name", PROPERTIES)
@pytest.mark.parametrize("kind", [property, cached_property, lambda function: function, lambda function: None])
def test_handler_whose_base_class_has_a_property_of_handlers_is_not_mounted(name, kind):
    base = type("Base", (RequestHandler,), {name: kind(lambda self: 1)})

    with pytest.raises(ConfigurationError) as refused:
        WebSocketController().persistent(type("Mine", (base, Lab), {}))

    assert f"Mine: its base class Base overrides {name}, which is final; choose another name" == str(refused.value)


@pytest.mark.parametrize(
    ("method", "hint"),
    [
        ("post", "override make_ticket"),
        ("check_xsrf_cookie", "the controller's origins protect the action"),
        ("check_trusted_origin", "set the controller's origins"),
    ],
)
def test_action_that_overrides_a_final_method_is_not_mounted(method, hint):
    sockets = WebSocketController()
    sockets.ephemeral(Job)
    action = type("Mine", (StartJob,), {method: lambda self: None})

    with pytest.raises(ConfigurationError) as refused:
        sockets.action("/", action)

    assert f"Mine: overrides {method}, which is final; {hint}" == str(refused.value)


def test_methods_of_tornado_can_be_overridden():
    class Mine(Lab):
        def prepare(self) -> None: ...

        def get_current_user(self) -> str:
            return "ann"

        def on_finish(self) -> None: ...

        def initialize(self) -> None: ...

        def select_subprotocol(self, subprotocols: list[str]) -> str | None:
            return super().select_subprotocol(subprotocols)

    assert WebSocketController().persistent(Mine)


def plain(self, *_: object) -> None: ...


async def generator(self, *_: object) -> AsyncIterator[int]:
    yield 1


@pytest.mark.parametrize("method", ["on_connect", "on_disconnect", "on_error", "on_say", "on_echo"])
@pytest.mark.parametrize(
    ("function", "text"),
    [
        (plain, "a function; async def {}; a decorator needs functools.wraps"),
        (generator, "an asynchronous generator; remove yield; a decorator needs functools.wraps"),
    ],
)
def test_method_that_is_not_a_coroutine_function_is_not_mounted(method, function, text):
    with pytest.raises(ConfigurationError) as refused:
        WebSocketController().persistent(type("Mine", (Lab,), {method: function}))

    assert f"Mine: expected {method} to be a coroutine function, got {text.format(method)}" == str(refused.value)


def test_stream_that_is_a_coroutine_function_is_not_mounted():
    class Mine(Lab):
        async def on_count(self, limit: int) -> list[int]:  # type: ignore[override]
            return []

    text = (
        "expected on_count to return an asynchronous iterator, got a coroutine function; "
        "use yield in on_count, or def instead of async def"
    )
    with pytest.raises(ConfigurationError, match=text):
        WebSocketController().persistent(Mine)


@pytest.mark.gen_test
async def test_decorated_methods_and_iterators_are_called(app, sockets, connect):
    def traced(method: Any) -> Any:
        @functools.wraps(method)
        def call(*args: Any) -> Awaitable[Any]:
            return method(*args)

        return call

    class Decorated(Lab):
        @traced
        async def on_echo(self, text: str) -> str:
            return text * 2

        def on_count(self, limit: int) -> AsyncIterator[int]:
            return generator(self)

    app.add_handlers(".*", sockets.persistent(Decorated))

    async with connect(Decorated, ROOM) as ann:
        assert await ann.request(Echo("x")) == "xx"


class Database:
    def read(self) -> str:
        return "from the database"


@pytest.mark.gen_test
async def test_arguments_of_initialize_are_passed_to_every_handler(app, sockets, connect):
    class Dependent(Lab):
        def initialize(self, db: Database, *, prefix: str = "") -> None:
            self.db, self.prefix = db, prefix

        async def on_say(self, say: Line) -> None:
            await self.send(Note(f"{self.prefix}{self.db.read()} {self.settings['name']}"))

    app.settings["name"] = "settings"
    app.add_handlers(".*", sockets.persistent(Dependent, initialize={"db": Database(), "prefix": "x "}))

    async with connect(Dependent, ROOM) as ann:
        await ann.send_text('{"type":"say","data":{"text":"hi"}}')
        assert Note("x from the database settings") == await ann.expect(Note)


@pytest.mark.gen_test
async def test_arguments_of_initialize_reach_one_time_handlers_and_actions(app, sockets, connect, http_client):
    class DependentJob(Job):
        def initialize(self, db: Database) -> None:
            self.db = db

        async def on_connect(self) -> None:
            self.close(4001, self.db.read())

    class DependentStart(StartJob):
        def initialize(self, db: Database) -> None:
            self.db = db

        async def make_ticket(self) -> JobTicket:
            return JobTicket(job=1)

    initialize = {"db": Database()}
    app.add_handlers(".*", sockets.ephemeral(DependentJob, initialize=initialize))
    app.add_handlers(".*", [sockets.action("/jobs", DependentStart, initialize=initialize)])

    answer = await http_client.fetch(f"{connect.origin}/jobs", method="POST", body="")
    async with connect(DependentJob, url=json.loads(answer.body)["url"]) as ann:
        closed = await ann.expect_close()

    assert (4001, "from the database") == (closed.code, closed.reason)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({}, "Dependent.initialize: missing a required argument: 'db'; "),
        ({"db": 1, "cache": 2}, "Dependent.initialize: got an unexpected keyword argument 'cache'; "),
        ([], "initialize: expected a mapping, got []; "),
    ],
)
def test_unsuitable_arguments_of_initialize_are_refused_at_start_up(arguments, text):
    class Dependent(Lab):
        def initialize(self, db: Database) -> None: ...

    Dependent.__qualname__ = "Dependent"
    with pytest.raises(ConfigurationError) as refused:
        WebSocketController().persistent(Dependent, initialize=arguments)

    assert str(refused.value).startswith(text)
    assert 'initialize={"db": db}' in str(refused.value)


def test_arguments_without_an_initialize_method_are_refused():
    with pytest.raises(ConfigurationError, match=r"Lab\.initialize: got an unexpected keyword argument 'db'"):
        WebSocketController().persistent(Lab, initialize={"db": 1})


@pytest.mark.parametrize("name", ["application", "request", "ws_server"])
def test_names_of_tornado_are_refused_as_arguments(name):
    class Dependent(Lab):
        def initialize(self, **arguments: object) -> None: ...

    with pytest.raises(ConfigurationError, match=f"initialize: {name} is reserved; choose another name"):
        WebSocketController().persistent(Dependent, initialize={name: 1})


def test_initialize_cannot_be_a_coroutine_function():
    class Dependent(Lab):
        async def initialize(self) -> None: ...

    with pytest.raises(ConfigurationError, match="expected initialize to be a function; use prepare to await"):
        WebSocketController().persistent(Dependent)


def test_decorator_may_supply_the_arguments_of_initialize():
    def with_database(method: Any) -> Any:
        @functools.wraps(method)
        def initialize(self: Any) -> None:
            method(self, Database())

        return initialize

    class Dependent(Lab):
        @with_database
        def initialize(self, db: Database) -> None:
            self.db = db

    assert WebSocketController().persistent(Dependent)


def test_partial_methods_are_accepted_and_missing_ones_refused():
    async def say(self: Any, prefix: str, line: Line) -> None: ...

    partial = type("Mine", (Lab,), {"on_say": functools.partialmethod(say, "prefix")})
    assert WebSocketController().persistent(partial)
    with pytest.raises(ConfigurationError, match="expected on_say to be a coroutine function, got None"):
        WebSocketController().persistent(type("Mine", (Lab,), {"on_say": None}))


class Counted:
    """Decorator that is a class, and binds the instance itself."""

    def __init__(self, method: Callable[..., Any]) -> None:
        self._method = method

    def __get__(self, handler: object, owner: type) -> Callable[..., Any]:
        return functools.partial(self._method, handler)


class Called:
    """Decorator that is a class, and has no signature."""

    __signature__ = "unknown"

    def __call__(self, *_: object, **__: object) -> None: ...


@pytest.mark.parametrize("method", ["on_say", "on_connect", "on_disconnect", "initialize"])
@pytest.mark.parametrize("decorate", [Counted, functools.cache, lambda function: Called()])
def test_methods_of_decorators_without_a_signature_are_mounted(method, decorate):
    async def run(self: Any, *arguments: object) -> None: ...

    def initialize(self: Any) -> None: ...

    handler = type("Mine", (Lab,), {method: decorate(initialize if method == "initialize" else run)})

    assert WebSocketController().persistent(handler)


@pytest.mark.gen_test
async def test_coroutines_of_tornado_are_called(app, sockets, connect):
    class Mine(Lab):
        @gen.coroutine
        def on_echo(self, echo: str) -> Any:
            yield gen.moment
            return echo + "!"

    app.add_handlers(".*", sockets.persistent(Mine))

    async with connect(Mine, ROOM) as ann:
        assert "a!" == await ann.request(Echo("a"))


def test_function_that_a_decorator_wraps_is_named_without_a_hint_about_decorators():
    def plain(self: Any, line: Line) -> None: ...

    @functools.wraps(plain)
    def wrapped(self: Any, line: Line) -> None: ...

    with pytest.raises(ConfigurationError) as refused:
        WebSocketController().persistent(type("Mine", (Lab,), {"on_say": wrapped}))

    assert "Mine: expected on_say to be a coroutine function, got a function; async def on_say" == str(refused.value)


@pytest.mark.gen_test
async def test_private_methods_of_applications_have_any_name(app, make_sockets, connect, until):
    class Mine(Lab):
        def _report(self, text: str) -> str:
            return text

        def _release_quota(self) -> None: ...

        def _detach(self) -> None: ...

        def _identify(self) -> None: ...

    sockets = make_sockets()
    app.add_handlers(".*", sockets.persistent(Mine))

    async with connect(Mine, ROOM) as ann:
        assert await ann.request(Echo("a")) == "a"
    await until(lambda: len(sockets.context.quota) == 0)


async def without_payload(self: Any) -> None: ...


@pytest.mark.parametrize(
    ("method", "text"),
    [
        ("on_say", "expected on_say(self, say), got on_say(self)"),
        ("on_count", "expected on_count(self, count), got on_count(self)"),
        ("on_disconnect", "expected on_disconnect(self, code, reason), got on_disconnect(self)"),
        ("on_error", "expected on_error(self, error), got on_error(self)"),
    ],
)
def test_method_with_another_signature_is_not_mounted(method, text):
    with pytest.raises(ConfigurationError) as refused:
        WebSocketController().persistent(type("Mine", (Lab,), {method: without_payload}))

    assert f"Mine: {text}" == str(refused.value)


def test_signature_in_an_error_has_defaults_and_no_annotations():
    async def on_nudge(self: Any, /, count: int, *rest: int, of: str = "a") -> None: ...

    with pytest.raises(ConfigurationError) as refused:
        WebSocketController().persistent(type("Mine", (Lab,), {"on_nudge": on_nudge}))

    assert "Mine: expected on_nudge(self), got on_nudge(self, count, *rest, of='a')" == str(refused.value)


@pytest.mark.parametrize(
    ("names", "hint"),
    [
        (["on_say", "on_nudge", "on_limited", "on_count"], "on_echo; write async def on_echo(self, echo: str) -> str"),
        (
            ["on_say", "on_nudge", "on_limited"],
            "on_count, on_echo; write async def on_count(self, count: int) -> AsyncIterator[int] and so on",
        ),
        (
            ["on_nudge", "on_limited", "on_count", "on_echo", "on_sya"],
            "on_say; it defines on_sya: did you mean async def on_say(self, say: Line) -> None?",
        ),
        (
            ["on_say", "on_nudge", "on_limited", "onEcho"],
            "on_count, on_echo; it defines onEcho: did you mean async def on_echo(self, echo: str) -> str?",
        ),
        (
            ["on_say", "on_nudge", "on_limited", "on_echo", "count_rows", "on_finish"],
            "on_count; write async def on_count(self, count: int) -> AsyncIterator[int]",
        ),
    ],
)
def test_missing_method_has_its_definition_and_the_misspelled_name(names, hint):
    handler = type("Mine", (LabHandler,), dict.fromkeys(names, without_payload))

    with pytest.raises(IncompleteHandler) as refused:
        WebSocketController().persistent(handler)

    assert f"Mine lacks {hint}" == str(refused.value)


@pytest.mark.parametrize(
    ("names", "hint"),
    [
        ([], "write async def make_ticket(self) -> JobTicket"),
        (["make_tickets"], "it defines make_tickets: did you mean async def make_ticket(self) -> JobTicket?"),
    ],
)
def test_missing_make_ticket_has_its_definition(names, hint):
    sockets = WebSocketController()
    sockets.ephemeral(Job)

    with pytest.raises(IncompleteHandler) as refused:
        sockets.action("/", type("Mine", (JobAction,), dict.fromkeys(names, without_payload)))

    assert f"Mine lacks make_ticket; {hint}" == str(refused.value)


def sync_guard(handler: Lab) -> bool:
    return True


@pytest.mark.parametrize(
    ("guard", "text"),
    [
        (tornado.web.authenticated, "tornado.web.authenticated is a decorator; import it from tornado_ws"),
        (same_session, 'expected a binding, got same_session; such as same_session("cookie")'),
        (sync_guard, "expected an async function, got sync_guard; async def"),
        (True, "expected a function, got True"),
    ],
)
def test_guard_that_is_not_asynchronous_is_not_mounted(guard, text):
    with pytest.raises(ConfigurationError) as refused:
        WebSocketController().persistent(Lab, guards=[guard])

    assert f"guards: {text}" == str(refused.value)


def test_lambda_may_return_the_awaitable_of_a_guard():
    async def check(handler: Lab, role: str) -> bool:
        return True

    assert WebSocketController().persistent(Lab, guards=[lambda handler: check(handler, "admin")])


@pytest.mark.parametrize(
    ("pattern", "method", "text"),
    [
        ("/", plain, "expected make_ticket to be a coroutine function, got a function; async def make_ticket; a dec"),
        (
            "/",
            generator,
            "expected make_ticket to be a coroutine function, got an asynchronous generator; remove yield",
        ),
        (
            "/([a-z]+)/([a-z]+)",
            without_payload,
            "expected make_ticket(self, group 1, group 2) for the pattern '/([a-z]+)/([a-z]+)', got make_ticket(self)",
        ),
        (
            "/(?P<room>[a-z]+)",
            without_payload,
            "expected make_ticket(self, room) for the pattern '/(?P<room>[a-z]+)', got make_ticket(self)",
        ),
    ],
)
def test_action_whose_make_ticket_cannot_be_called_is_not_mounted(pattern, method, text):
    sockets = WebSocketController()
    sockets.ephemeral(Job)

    with pytest.raises(ConfigurationError) as refused:
        sockets.action(pattern, type("Mine", (StartJob,), {"make_ticket": method}))

    assert str(refused.value).startswith(f"Mine: {text}")


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("/(", "expected a regular expression, got '/(': missing ), unterminated subpattern at position 1; such as"),
        (None, "expected str, got None"),
        (b"/", "expected str, got b'/'"),
    ],
)
def test_pattern_that_is_not_a_regular_expression_is_refused(pattern, text):
    sockets = WebSocketController()
    sockets.ephemeral(Job)

    for mount in (lambda: sockets.action(pattern, StartJob), lambda: sockets.unvalidated(pattern, WebSocketHandler)):
        with pytest.raises(ConfigurationError) as refused:
            mount()
        assert str(refused.value).startswith(f"pattern: {text}")


@pytest.mark.parametrize(
    ("handler", "kwargs", "text"),
    [
        (RequestHandler, None, "handler: expected a subclass of WebSocketHandler, got"),
        ("handler", None, "handler: expected a subclass of WebSocketHandler, got 'handler'"),
        (WebSocketHandler, [], "kwargs: expected dict or None, got []"),
        (Lab, None, "handler: expected WebSocketHandler, got Lab; mount it with sockets.persistent(…)"),
    ],
)
def test_route_without_a_schema_is_checked(handler, kwargs, text):
    with pytest.raises(ConfigurationError) as refused:
        WebSocketController().unvalidated("/", handler, kwargs)

    assert str(refused.value).startswith(text)


@pytest.mark.parametrize(("path", "got"), [(3, "expected str, got 3"), ("", "expected a path that starts with one /")])
def test_path_that_is_not_a_template_is_refused(path, got):
    with pytest.raises(ConfigurationError, match=f"path: {got}"):
        WebSocketController().persistent(Lab, path=path)


@pytest.mark.parametrize("base", [Lab, StartJob])
def test_get_current_user_cannot_be_a_coroutine_function(base):
    async def get_current_user(self: Any) -> str:
        return "ann"

    handler = type("Mine", (base,), {"get_current_user": get_current_user})
    sockets = WebSocketController()
    sockets.ephemeral(Job)

    with pytest.raises(ConfigurationError) as refused:
        sockets.persistent(handler) if base is Lab else sockets.action("/", handler)

    assert "Mine: expected get_current_user to be a function; set self.current_user in prepare to await" == str(
        refused.value
    )


def test_handler_without_a_generated_class_is_not_mounted():
    class Mine(PersistentHandler[None, None]): ...

    with pytest.raises(ConfigurationError, match="Mine: expected endpoint to be an Endpoint, got None; derive from"):
        WebSocketController().persistent(Mine)
    with pytest.raises(ConfigurationError, match="Mine: expected endpoint to be an Endpoint, got 'v1'; derive from"):
        WebSocketController().persistent(type("Mine", (Lab,), {"endpoint": "v1"}))


def test_handler_that_streams_bodies_is_not_mounted():
    class Base(RequestHandler):
        def data_received(self, chunk: bytes) -> None: ...

    base = tornado.web.stream_request_body(Base)

    with pytest.raises(ConfigurationError) as refused:
        WebSocketController().persistent(type("Mine", (base, Lab), {}))

    text = "Mine: stream_request_body is for requests with a body; decorate only their handlers"
    assert text == str(refused.value)
