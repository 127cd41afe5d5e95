from __future__ import annotations

import ast
import inspect
from functools import cached_property
from typing import Any

import pytest
from tornado.web import RequestHandler
from tornado.websocket import WebSocketHandler

from tests.support.lab import Job, Lab
from tornado_ws import ConfigurationError, WebSocketController
from tornado_ws.server.handler import SocketHandler
from tornado_ws.server.handler_names import SET_BY_HANDLERS, SET_BY_TORNADO
from tornado_ws.server.handshake_handler import HandshakeHandler
from tornado_ws.websocket import StrictWebSocketHandler

ROOM = {"room": "a"}


async def method(self: Any, *_: object) -> None: ...


def mount(handler: type[Any]) -> str:
    """Mount a persistent or an ephemeral handler, and return the text of its error."""
    sockets = WebSocketController()
    with pytest.raises(ConfigurationError) as refused:
        sockets.persistent(handler) if issubclass(handler, Lab) else sockets.ephemeral(handler)
    return str(refused.value)


@pytest.mark.parametrize(
    ("name", "intended"),
    [
        ("on_conect", "on_connect"),
        ("on_connected", "on_connect"),
        ("on_open", "on_connect"),
        ("on_closed", "on_disconnect"),
        ("on_disconect", "on_disconnect"),
        ("on_errors", "on_error"),
        ("on_disconnected", "on_disconnect"),
        ("on_sya", None),
        ("on_reconnect", None),
        ("on_limit", None),
        ("on_recount", None),
        ("on_echoo", "on_echo"),
        ("on_Echo", "on_echo"),
    ],
)
def test_method_that_resembles_a_hook_or_a_message_is_not_mounted(name, intended, caplog):
    handler = type("Mine", (Lab,), {name: method})
    problem = f"Mine: defines {name}, which is neither a hook nor a message of the client"
    if intended is None:
        assert WebSocketController().persistent(handler)
        assert caplog.messages == [
            f"{problem}, so that this package never calls it: the schema has no such message; "
            f"run python -m codegen after a change of it, or choose a name such as _{name}"
        ]
    else:
        assert f"{problem}; did you mean {intended}? otherwise choose a name such as _{name}" == mount(handler)


def test_method_beside_the_one_that_it_resembles_is_no_mistake(caplog):
    handler = type("Mine", (Lab,), {"on_echoed": method, "on_echoo": method, "on_echo": Lab.on_echo})

    assert WebSocketController().persistent(handler)
    assert 2 == len(caplog.messages)


def test_method_that_several_classes_define_is_logged_once(caplog):
    base = type("Base", (Lab,), {"on_idle": method})
    handler = type("Mine", (base,), {"on_idle": method, "on_item": type("on_item", (), {})})

    assert WebSocketController().persistent(handler)
    assert ["Mine: defines on_idle"] == [message.partition(",")[0] for message in caplog.messages]


def test_method_of_a_base_class_with_the_messages_is_checked_as_well():
    base = type("Base", (Lab,), {"on_conect": method})

    text = "Mine: its base class Base defines on_conect, which is neither a hook nor a message of the client; did you"
    assert mount(type("Mine", (base,), {})).startswith(text)


def test_other_names_and_names_of_mixins_are_free(caplog):
    class Mixin:
        on_conect = method

    class Base(RequestHandler):
        on_disconect = method

    names = {
        "_on_conect": method,
        "onconnect": method,
        "on_error_codes": (1, 2),
        "on_finish": method,
        "on_pong": method,
    }

    assert WebSocketController().persistent(type("Mine", (Mixin, Base, Lab), names))
    assert caplog.messages == []


@pytest.mark.parametrize(
    ("bases", "name"),
    [
        ((Lab,), "params"),
        ((Job,), "ticket"),
        ((Lab,), "connection_id"),
        ((Lab,), "connection_settings"),
        ((Lab,), "close_code"),
        ((Lab,), "ws_connection"),
    ],
)
@pytest.mark.parametrize("kind", [property, cached_property, staticmethod, lambda function: function])
def test_base_class_that_defines_an_attribute_of_handlers_is_not_mounted(bases, name, kind):
    value = kind(lambda self: 1)
    base = type("Base", (RequestHandler,), {name: value})
    text = f"defines {name}, an attribute that handlers set; choose another name"

    assert f"Mine: its base class Base {text}" == mount(type("Mine", (base, *bases), {}))
    assert f"Mine: {text}" == mount(type("Mine", bases, {name: value}))


@pytest.mark.parametrize("name", ["current_user", "settings", "ping_timeout", "selected_subprotocol"])
def test_method_in_place_of_a_property_is_not_mounted(name):
    base = type("Base", (RequestHandler,), {name: lambda self: "ann"})

    text = f"Mine: its base class Base defines {name} as a method, which is a property of handlers; choose another name"
    assert text == mount(type("Mine", (base, Lab), {}))


@pytest.mark.parametrize("name", ["log_attributes", "prepare", "finish", "get_compression_options"])
@pytest.mark.parametrize("kind", [property, cached_property])
def test_property_in_place_of_a_method_is_not_mounted(name, kind):
    base = type("Base", (RequestHandler,), {name: kind(lambda self: "ann")})

    text = f"Mine: its base class Base defines {name} as a property, which is a method of handlers; choose another name"
    assert text == mount(type("Mine", (base, Lab), {}))


def test_every_attribute_that_handlers_set_is_reserved():
    tornado = stored_on_self(WebSocketHandler)
    ours = set().union(*map(stored_on_self, (StrictWebSocketHandler, HandshakeHandler, SocketHandler)))

    assert {"close_code", "ws_connection", "open_args"} <= tornado
    assert SET_BY_TORNADO == {name for name in tornado if not name.startswith("_")}
    assert ours - {"path_args", "path_kwargs", "_transforms"} <= SET_BY_HANDLERS  # the three are of any handler


def stored_on_self(class_: type) -> set[str]:
    """Return the attributes that the methods of a class set on its instances."""
    tree = ast.parse(inspect.getsource(class_))
    stored = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store))
    return {node.attr for node in stored if isinstance(node.value, ast.Name) and node.value.id == "self"}


@pytest.mark.gen_test
async def test_attributes_of_the_other_kind_values_and_properties_are_free(app, sockets, connect):
    class Base(RequestHandler):
        ticket = property(lambda self: "of the session")
        params = None
        current_user = cached_property(lambda self: "ann")

    class Mine(Base, Lab):  # type: ignore[misc]
        __slots__ = ("close_code",)

    app.add_handlers(".*", sockets.persistent(Mine))

    async with connect(Mine, ROOM):
        (handler,) = sockets.connections
        assert ("of the session", "ann", "a") == (handler.ticket, handler.current_user, handler.params.room)
